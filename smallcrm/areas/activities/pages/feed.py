"""Calendars for other programs: a private address per person, and one activity as a file."""

from __future__ import annotations

import datetime as dt

from flask import make_response, request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import ics
from smallcrm.areas.activities.rules.ics import Written
from smallcrm.base import i18n
from smallcrm.base.errors import NotFound
from smallcrm.identity.actor import actor_of
from smallcrm.records import access
from smallcrm.web import downloads
from smallcrm.web.context import actor, open_to_all


@activities.get("/calendar/feed/<token>.ics")
@open_to_all
def calendar_feed(token: str) -> Response:
    """Somebody's own activities, for whoever knows the address; nothing can be changed by it."""
    user = ics.user_of(token)
    who = actor_of(user) if user else None
    if who is None:
        raise NotFound(ics.NO_SUCH_FEED)
    with i18n.speaking(who.language):
        written = ics.feed(who)
    response = _answer(written, "calendar.ics")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    if written.changed is not None:
        response.last_modified = written.changed.replace(microsecond=0) + dt.timedelta(seconds=1)
    response.make_conditional(request.environ)
    return response


def _answer(written: Written, name: str) -> Response:
    response = make_response(written.body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    return downloads.saved_as(response, name)


@activities.get("/activities/<int:number>.ics")
def as_file(number: int) -> Response:
    """One activity as a file for any calendar."""
    who = actor()
    access.find(who, Activity, number)
    return _answer(ics.write(who, [number], series=False), f"activity-{number}.ics")

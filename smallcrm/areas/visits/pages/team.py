"""A manager's look at a day: everybody's visits side by side, with what each check-in was worth."""

from __future__ import annotations

import datetime as dt

from flask import render_template

from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.pages.day import drawn, need_view, summary, url_of, wished_day
from smallcrm.areas.visits.rules import day as days
from smallcrm.base import clock, formats
from smallcrm.records import access
from smallcrm.records.record import by_key
from smallcrm.web.context import actor


@visits.get("/visits/team")
def team_page() -> str:
    """Who was where that day, as far as one reaches."""
    who = actor()
    need_view(who)
    day = wished_day()
    found = days.of_team(who, day)
    names = access.names(who, "user", [each.user for each in found])
    return render_template(
        "visits/team.html",
        kind=by_key("visit"),
        title=formats.date_long(day),
        people=[
            {
                "name": names.get(each.user, "–"),
                "url": url_of(day, each.user),
                "summary": summary(each),
                "stops": [drawn(who, stop, n) for n, stop in enumerate(each.stops, 1)],
            }
            for each in found
        ],
        mine_url=url_of(day),
        before=url_of(day - dt.timedelta(days=1), page="team"),
        after=url_of(day + dt.timedelta(days=1), page="team"),
        back_to_today=url_of(clock.today(), page="team") if day != clock.today() else "",
    )

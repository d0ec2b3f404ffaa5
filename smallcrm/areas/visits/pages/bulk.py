"""Plan visits with every selected customer."""

from __future__ import annotations

import datetime as dt

from flask import request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.rules.working_days import next_working
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.records import KINDS
from smallcrm.areas.visits.rules import acts
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.web.context import actor
from smallcrm.web.pages import bulk


def _may(who: Actor) -> None:
    if who.scope("visit", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


@visits.post("/customers/bulk/visits-form")
def visits_form() -> str:
    """When, how long each, what for."""
    who = actor()
    _may(who)
    return _form(who)


def _form(who: Actor, error: str = "") -> str:
    return bulk.dialog(
        "visits/_bulk.html",
        Customer,
        bulk.selection(who, Customer),
        who,
        kinds=[(key, str(words)) for key, words in KINDS],
        kind_now=request.form.get("kind", "on_site"),
        purpose=request.form.get("purpose", ""),
        day=request.form.get("day") or next_working(clock.today()).isoformat(),
        first=request.form.get("first", "09:00"),
        minutes=request.form.get("minutes", "60"),
        a_day=request.form.get("a_day", "6"),
        error=error,
    )


@visits.post("/customers/bulk/visits")
def plan_visits() -> Response | tuple[str, int]:
    """Plan them, the nearest next, each for its customer's owner."""
    who = actor()
    _may(who)
    chosen = bulk.selection(who, Customer)
    try:
        day = dt.date.fromisoformat(request.form.get("day", ""))
        first = dt.time.fromisoformat(request.form["first"]) if request.form.get("first") else None
    except ValueError:
        return _form(who, str(L("There is no such date or time."))), 422
    minutes = request.form.get("minutes", 60, type=int)
    a_day = request.form.get("a_day", 0, type=int)
    if not 5 <= minutes <= 720 or not 0 <= a_day <= 100:
        return _form(who, str(L("Between 5 and 720 minutes each, and at most 100 a day."))), 422
    kind = request.form.get("kind", "")
    if kind not in dict(KINDS):
        return _form(who, str(L("Say how you visit."))), 422
    purpose = request.form.get("purpose", "").strip()[:300]
    act = acts.plan_many(day=day, first=first, minutes=minutes, kind=kind, purpose=purpose, a_day=a_day)
    return bulk.finish(who, Customer, chosen, act, why="bulk", title=str(L("Plan visits")))

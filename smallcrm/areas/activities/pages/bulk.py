"""Plan a follow-up with every selected customer."""

from __future__ import annotations

import datetime as dt

from flask import request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.records import FOLLOW_UPS, KINDS
from smallcrm.areas.activities.rules import planning
from smallcrm.areas.activities.rules.working_days import next_working
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.web.context import actor
from smallcrm.web.pages import bulk

_OFFERED = [option for option in KINDS if option.key in (*FOLLOW_UPS, "task")]


def _may(who: Actor) -> None:
    if who.scope("activity", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


@activities.post("/customers/bulk/plan-form")
def plan_form() -> str:
    """What, and on which day."""
    who = actor()
    _may(who)
    return _form(who)


def _form(who: Actor, error: str = "") -> str:
    return bulk.dialog(
        "activities/_bulk_plan.html",
        Customer,
        bulk.selection(who, Customer),
        who,
        kinds=[(option.key, str(option.label)) for option in _OFFERED],
        kind_now=request.form.get("kind", "call"),
        subject=request.form.get("subject", ""),
        day=request.form.get("day") or next_working(clock.today()).isoformat(),
        error=error,
    )


@activities.post("/customers/bulk/plan")
def plan() -> Response | tuple[str, int]:
    """Plan it for all of them, each for its customer's owner."""
    who = actor()
    _may(who)
    chosen = bulk.selection(who, Customer)
    kind = request.form.get("kind", "")
    subject = request.form.get("subject", "").strip()[:300]
    try:
        day = dt.date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return _form(who, str(L("There is no such date."))), 422
    if not subject or kind not in {option.key for option in _OFFERED}:
        return _form(who, str(L("Say what is to be done."))), 422
    spread = request.form.get("spread") == "1"
    act = planning.follow_up(kind=kind, subject=subject, day=day, spread=spread)
    return bulk.finish(who, Customer, chosen, act, why="bulk", title=str(L("Plan a follow-up")))

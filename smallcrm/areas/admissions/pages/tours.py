"""Tours and trial lessons on an application's page: planned, and said how they went."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.admissions import settings as ours
from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.pages.guard import here
from smallcrm.areas.admissions.rules import tours
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets, settings
from smallcrm.records.record import Record, title, values
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages.record import to
from smallcrm.web.templating import fragment

PARTS = ("tour", "day", "time", "minutes", "note", "once")


def _may(who: Actor, record: Record) -> bool:
    return (
        not record.deleted_at and who.scope("activity", "create") is not Scope.NONE and access.may(who, record, "edit")
    )


def may_plan(who: Actor, record: Record) -> bool:
    """Whether the act is offered."""
    return ours.on() and _may(who, record)


def panel(who: Actor, record: Record) -> Markup | str:
    """The ones planned and those that were, with how they went."""
    if not ours.on():
        return ""
    found = tours.of(who, record)
    may = _may(who, record)
    if not found and not may:
        return ""
    lines = [
        {
            "id": each["id"], "subject": each["subject"], "done": bool(each["done_at"]), "outcome": each["outcome"] or "",
            "at": formats.moment(each["done_at"] or each["due_at"]) if not each["all_day"] or each["done_at"]
            else formats.near_date(clock.day_of(clock.moment(each["due_at"]))),
            "late": not each["done_at"] and each["due_at"] and each["due_at"] < clock.stamp() and not each["all_day"],
        }
        for each in found
    ]  # fmt: skip
    return fragment("admissions/_tours.html", record=record, lines=lines, may=may, n=len(lines))


@admissions.get("/opportunities/<int:number>/tours/new")
def tour_form(number: int) -> str:
    """What, when, for how long."""
    who = here()
    record = access.find(who, Opportunity, number, "edit")
    day = (clock.today() + dt.timedelta(days=1)).isoformat()
    return _form(record, {"tour": request.args.get("tour", "tour"), "day": day, "minutes": "60"}, {})


def _form(record: Record, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    return render_template(
        "admissions/_tour_form.html", record=record, name=title(record), typed=typed, errors=errors,
        kinds=[(option.key, str(option.label)) for option in tours.TOURS], once=typed.get("once") or ids.token(),
    )  # fmt: skip


@admissions.post("/opportunities/<int:number>/tours/new")
def plan_tour(number: int) -> Response | tuple[str, int]:
    """Plan it: it stands in the calendar and on the today page like everything that is planned."""
    who = here()
    record = access.find(who, Opportunity, number, "edit")
    typed = {name: request.form.get(name, "").strip() for name in PARTS}
    try:
        due, minutes = _due(typed), _minutes(typed["minutes"])

        def make() -> str:
            with changesets.opened(who, "form") as mine:
                made = tours.plan(who, record, tour=typed["tour"], due=due, minutes=minutes, note=typed["note"])
            toasts.say(str(L("Planned: %(what)s")) % {"what": values(made)["subject"]}, undo=mine.id)
            return f"/opportunities/{number}"

        url = idempotency.form_once(who, make)
    except Invalid as error:
        return _form(record, typed, error.errors), 422
    return to(url)


def _due(typed: dict[str, str]) -> dt.date | dt.datetime:
    try:
        day = dt.date.fromisoformat(typed["day"])
    except ValueError:
        raise Invalid({"day": [str(L("This is no date."))]}) from None
    if not typed["time"]:
        return day
    try:
        return clock.at_local(day, dt.time.fromisoformat(typed["time"]))
    except ValueError:
        raise Invalid({"time": [str(L("This is no time of day."))]}) from None


def _minutes(text: str) -> int | None:
    found = ids.number(text) if text else None
    if text and (found is None or not 5 <= found <= 1440):
        raise Invalid({"minutes": [str(L("Between 5 and 1440 minutes."))]})
    return found


# ---------------------------------------------------------------- how it went


def _tour(who: Actor, number: int, activity: int) -> tuple[Record, Record]:
    record = access.find(who, Opportunity, number)
    found = access.find(who, Activity, activity)
    held = values(found)
    if not held.get("tour") or (held.get("about_type"), held.get("about")) != ("opportunity", number):
        raise NotFound(L("There is nothing here, or you may not see it."))
    access.need(who, found, "edit")
    return record, found


@admissions.get("/opportunities/<int:number>/tours/<int:activity>/end")
def tour_end_form(number: int, activity: int) -> str:
    """Whether they came, and what they said."""
    record, found = _tour(here(), number, activity)
    return _end(record, found, {"came": "1"}, {})


def _end(record: Record, found: Record, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    held = values(found)
    stage = stages.step(tours.aim(values(record), tours.STANDS_FOR[held["tour"]])) if settings.get(ours.MOVE) else None
    return render_template(
        "admissions/_tour_end.html", record=record, tour=found, subject=held["subject"], typed=typed, errors=errors,
        stage=stage.name if stage else "",
    )  # fmt: skip


@admissions.post("/opportunities/<int:number>/tours/<int:activity>/end")
def end_tour(number: int, activity: int) -> Response | tuple[str, int]:
    """It is over; the application goes on with it."""
    who = actor()
    here()
    record, found = _tour(who, number, activity)
    typed = {name: request.form.get(name, "").strip() for name in ("came", "outcome", "note")}
    try:
        with changesets.opened(who, "form") as mine:
            moved = tours.end(who, found, came=typed["came"] == "1", outcome=typed["outcome"], note=typed["note"])
    except (Invalid, WrongState) as error:
        errors = error.errors if isinstance(error, Invalid) else {"": [str(error)]}
        return _end(record, found, typed, errors), 422
    stage = stages.step(values(access.find(who, Opportunity, number))["stage"]) if moved else None
    said = L("Kept. The application is now at “%(stage)s”.", stage=stage.name) if stage else L("Saved.")
    toasts.say(str(said), undo=mine.id)
    return to(f"/opportunities/{number}")

"""What one does to an activity from anywhere: done, reopened, moved, left out, deleted; and the step that follows."""

from __future__ import annotations

import datetime as dt

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.answers import changed, is_fragment
from smallcrm.areas.activities.pages.line import Strip, strip_html
from smallcrm.areas.activities.records import KINDS, Activity
from smallcrm.areas.activities.rules import acts
from smallcrm.areas.activities.rules.states import is_done, local_time
from smallcrm.areas.activities.rules.working_days import next_working, on_or_after
from smallcrm.base import clock, formats
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets
from smallcrm.records.record import Record, values
from smallcrm.web import toasts
from smallcrm.web.context import actor

_KINDS = {option.key for option in KINDS}


def find(number: int, verb: str = "edit") -> tuple[Actor, Record]:
    """Whoever asks, and the activity they may change."""
    who = actor()
    return who, access.find(who, Activity, number, verb)


@activities.post("/activities/<int:number>/done")
def done(number: int) -> Response | str:
    """Tick it off. Today shows the row ticked with the question below; a timeline asks the question alone."""
    who, record = find(number)
    finished = acts.done(who, record, outcome=request.form.get("outcome") or None)
    toasts.say(str(L("Done: %(what)s", what=values(record)["subject"])), undo=finished.set)
    if not is_fragment():
        return changed()
    strip = None if finished.following else Strip.after(who, finished.record)
    if request.args.get("on") == "today":
        from smallcrm.areas.activities.pages.today import ticked

        return ticked(who, number, strip)
    return changed(strip_html(strip) or " ", close=False)


@activities.post("/activities/<int:number>/reopen")
def reopen(number: int) -> Response:
    """Not done after all."""
    who, record = find(number)
    with changesets.opened(who, who.via) as mine:
        acts.reopen(who, record)
    toasts.say(str(L("Open again: %(what)s", what=values(record)["subject"])), undo=mine.id)
    return changed()


@activities.post("/activities/<int:number>/skip")
def skip(number: int) -> Response:
    """Leave this one of a series out."""
    who, record = find(number)
    with changesets.opened(who, who.via) as mine:
        kept = acts.skip(who, record)
    _said_moved(kept, mine.id)
    return changed()


@activities.post("/activities/<int:number>/remove")
def remove(number: int) -> Response:
    """Into the bin."""
    who, record = find(number, "delete")
    with changesets.opened(who, who.via) as mine:
        change.delete(who, record)
    toasts.say(str(L("“%(name)s” is in the bin.", name=values(record)["subject"])), undo=mine.id)
    return changed()


# ---------------------------------------------------------------- moving


@activities.get("/activities/<int:number>/move")
def move_form(number: int) -> str:
    """To another day."""
    _, record = find(number)
    return _move_page(record)


def _move_page(record: Record, error: str = "") -> str:
    held = values(record)
    today = clock.today()
    due = clock.moment(held["due_at"]) if held["due_at"] else None
    tomorrow, monday = next_working(today), on_or_after(today + dt.timedelta(days=7 - today.weekday()))
    week = on_or_after(today + dt.timedelta(days=7))
    quick = [(tomorrow, formats.near_date(tomorrow)), (monday, formats.date_long(monday)), (week, str(L("in a week")))]
    return render_template(
        "activities/_move.html",
        held=held,
        day=(clock.day_of(due) if due and clock.day_of(due) > today else tomorrow).isoformat(),
        time="" if held["all_day"] or not due else f"{local_time(held['due_at']):%H:%M}",
        quick=_once(quick),
        error=error,
    )


def _once(quick: list[tuple[dt.date, str]]) -> list[tuple[str, str]]:
    """Each day once, under its first name."""
    found: dict[str, str] = {}
    for day, words in quick:
        found.setdefault(day.isoformat(), words)
    return list(found.items())


@activities.post("/activities/<int:number>/move")
def move(number: int) -> Response | tuple[str, int]:
    """Move it. The calendar sends date, start and minutes (a drag) or ``to`` (another day of the month)."""
    who, record = find(number)
    try:
        day = _day(request.form.get("to") or request.form.get("date", ""))
        with changesets.opened(who, who.via) as mine:
            kept = _moved(who, record, day)
    except Invalid as error:
        if request.form.get("dialog"):
            return _move_page(record, str(error)), 422
        raise
    _said_moved(kept, mine.id)
    return changed()


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid({"date": [str(L("There is no such date."))]}) from None


def _moved(who: Actor, record: Record, day: dt.date) -> Record:
    start = request.form.get("start")
    later = request.form.get("later") == "1"
    if start is None:
        return acts.move(who, record, to=day, later=later)
    if not start:  # the time was taken off in the dialog
        return acts.move(who, record, to=clock.start_of(day), later=later, all_day=True)
    try:
        time = dt.time.fromisoformat(start)
    except ValueError:
        raise Invalid({"start": [str(L("There is no such time."))]}) from None
    minutes = request.form.get("minutes", type=int)
    given = {"duration_minutes": minutes} if minutes and 0 < minutes <= 24 * 60 else {}
    return acts.move(who, record, to=clock.at_local(day, time), later=later, **given)


def _said_moved(kept: Record, undo: int | None) -> None:
    held = values(kept)
    when = formats.near_date(clock.day_of(clock.moment(held["due_at"]))) if held["due_at"] else ""
    toasts.say(str(L("Moved: %(what)s, %(when)s", what=held["subject"], when=when)), undo=undo or None)


# ---------------------------------------------------------------- what is next


@activities.post("/activities/<int:number>/next")
def following(number: int) -> Response | str:
    """Plan the step that was chosen, for the customer and contact of what was done; without a day ask for one."""
    who, record = find(number, "view")
    step = request.form.get("step", "")
    if not step:
        return changed(" ", close=False) if is_fragment() else changed()
    kind, _, rest = step.partition("|")
    day, _, label = rest.partition("|")
    if kind not in _KINDS or not label.strip() or not is_done(values(record)):
        raise BadRequest(L("This is no step that was offered."))
    day = day or request.form.get("day", "")
    if not day:
        return render_template(
            "activities/_pick.html", id=number, kind=kind, label=label, start=next_working(clock.today())
        )
    held = values(record)
    about = {"about": {"type": held["about_type"], "id": held["about"]}} if held.get("about") else {}
    with changesets.opened(who, who.via) as mine:
        acts.plan(
            who,
            kind=kind,
            subject=label[:300],
            due=_day(day),
            customer=held["customer"],
            contact=held["contact"],
            **about,
        )
    toasts.say(str(L("Planned: %(what)s, %(when)s", what=label[:300], when=formats.near_date(_day(day)))), undo=mine.id)
    return changed(" ", close=False) if is_fragment() else changed()

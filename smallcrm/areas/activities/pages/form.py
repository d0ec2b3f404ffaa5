"""The plain form, a Tab away from the log line: what is asked depends on the kind, and on whether it is planned or done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.answers import back, changed, is_fragment
from smallcrm.areas.activities.records import KINDS, Activity
from smallcrm.areas.activities.rules import follow_ups, reminding
from smallcrm.areas.activities.rules.states import local_time
from smallcrm.areas.activities.rules.working_days import next_working
from smallcrm.base import clock, ids
from smallcrm.base.errors import Forbidden, Invalid, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, labels
from smallcrm.records.clean import Errors, clean, defaults
from smallcrm.records.record import Record, by_key, values
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

# Put together by this form from parts of its own.
_OWN = ("due_at", "all_day", "done_at", "reminder_at")
_ABOUT = ("customer", "contact", "owner")
_FACTS = ("duration_minutes", "direction", "outcome")
_REPEATS = ("repeat", "repeat_every", "repeat_until", "repeat_skip")
_KNOWN = {*_OWN, *_ABOUT, *_FACTS, *_REPEATS, "kind", "subject", "body", "about"}


@activities.get("/activities/new")
def new() -> str:
    """An empty one, filled as far as the address says: customer, contact, kind, due (a day), at (a time), done=1."""
    who = actor()
    _need_create(who)
    held, _ = clean(who, Activity, defaults(who, Activity), trusted=True)
    typed: dict[str, Any] = {
        n: v for n, v in request.args.items() if n in access.writable(who, Activity) and n not in _OWN
    }
    typed["kind"] = request.args.get("kind") or ("call" if typed.get("customer") or typed.get("contact") else "task")
    if request.args.get("about_type") and request.args.get("about"):
        typed["about"] = {"type": request.args["about_type"], "id": request.args["about"]}
    state = "done" if request.args.get("done") == "1" else "plan"
    own = {"state": state, "day": _wished_day(), "time": request.args.get("at", "")[:5], "lead": _lead(who)}
    return _page(who, held, typed, own, {}, None)


def _wished_day() -> str:
    wished = request.args.get("due", "")
    if wished == "today":
        return clock.today().isoformat()
    try:
        return dt.date.fromisoformat(wished).isoformat()
    except ValueError:
        return next_working(clock.today()).isoformat()


def _need_create(who: Actor) -> None:
    if who.scope("activity", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


def _lead(who: Actor) -> str:
    lead = reminding.lead_of(who.id)
    return "" if lead is None else str(lead)


@activities.get("/activities/<int:number>/edit")
def edit(number: int) -> str:
    """One that stands there."""
    who = actor()
    record = access.find(who, Activity, number, "edit")
    return _page(who, values(record), None, _own_of(values(record)), {}, record)


def _own_of(held: Mapping[str, Any]) -> dict[str, str]:
    """The form's own parts of what is kept."""
    due = held.get("due_at")
    lead = reminding.lead_words(due, held.get("reminder_at"), all_day=bool(held.get("all_day"))) if due else None
    return {
        "state": "done" if held.get("done_at") else "plan",
        "day": clock.day_of(clock.moment(due)).isoformat() if due else "",
        "time": "" if not due or held.get("all_day") else f"{local_time(due):%H:%M}",
        "at": _local(held["done_at"]) if held.get("done_at") else "",
        "lead": "" if lead is None else str(lead),
    }


def _local(moment: str) -> str:
    return f"{clock.moment(moment).astimezone(clock.business_zone()):%Y-%m-%dT%H:%M}"


# ---------------------------------------------------------------- what came back


@activities.post("/activities/new")
def create() -> Response | str | tuple[str, int]:
    """Keep a new one."""
    who = actor()
    _need_create(who)
    typed, own = _typed(who), _own()
    held, _ = clean(who, Activity, defaults(who, Activity), trusted=True)
    try:
        given = _given(who, typed, own, None)
        return _answer(idempotency.form_once(who, lambda: _make(who, given, own["state"] == "plan")))
    except Invalid as error:
        return _page(who, held, typed, own, error.errors, None), 422


def _make(who: Actor, given: Mapping[str, Any], planned: bool) -> str:
    """Make it and say so; the address that follows."""
    with changesets.opened(who, "form") as mine:
        record = change.create(who, Activity, given)
    said = L("Planned: %(what)s") if planned else L("Kept: %(what)s")
    toasts.say(str(said) % {"what": values(record)["subject"]}, undo=mine.id)
    return _next(record)


@activities.post("/activities/<int:number>/edit")
def save(number: int) -> Response | str | tuple[str, int]:
    """Keep the changes."""
    who = actor()
    record = access.find(who, Activity, number, "edit")
    typed, own = _typed(who), _own()
    try:
        given = _given(who, typed, own, values(record))
        with changesets.opened(who, "form") as mine:
            saved = change.update(who, record, given, version=request.form.get("version", type=int))
            if request.form.get("later") == "1" and given.get("due_at"):
                day = clock.day_of(clock.moment(given["due_at"]))
                saved = change.update(who, saved, {"repeats_on": day.isoformat()}, trusted=True)
    except Invalid as error:
        return _page(who, values(record), typed, own, error.errors, record), 422
    except Stale as stale:
        now = stale.detail.get("record") or record
        return _page(who, values(now), typed, own, {"": [str(stale)]}, now), 412
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return _answer(_next(saved))


def _next(record: Record) -> str:
    held = values(record)
    if held.get("customer"):
        return back(f"/customers/{held['customer']}")
    about = held.get("about_type")
    return back(f"/{by_key(about).card.name}/{held['about']}" if about and follow_ups.is_followed(about) else "/")


def _answer(following: str) -> Response:
    return changed() if is_fragment() else redirect(following, 303)


def _typed(who: Actor) -> dict[str, Any]:
    return {n: v for n, v in typing.collect(who, Activity, request.form).items() if n not in _OWN}


def _own() -> dict[str, str]:
    names = ("state", "day", "time", "at", "lead")
    return {name: request.form.get(name, "")[:32] for name in names}


def _given(
    who: Actor, typed: Mapping[str, Any], own: Mapping[str, str], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Values for the write path. Raises Invalid."""
    given, errors = typing.values(who, Activity, typed, before)
    if own["state"] == "done":
        given |= _done(own, errors)
    else:
        given |= _planned(own, errors, before)
    if given.get("kind") in ("note", "task", "meeting", "visit"):
        given["direction"] = None
    if errors:
        _, more = clean(who, Activity, given, before=before)
        raise Invalid({**more, **errors})
    return given


def _done(own: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    if not own["at"]:
        return {"done_at": clock.stamp()}
    try:
        local = dt.datetime.fromisoformat(own["at"])
    except ValueError:
        errors["at"] = [str(L("There is no such time."))]
        return {}
    return {"done_at": clock.iso(clock.at_local(local.date(), local.time().replace(tzinfo=None)))}


def _planned(own: Mapping[str, str], errors: Errors, before: Mapping[str, Any] | None) -> dict[str, Any]:
    if not own["day"]:
        return {"due_at": None, "all_day": None, "done_at": None, "reminder_at": None}
    try:
        day = dt.date.fromisoformat(own["day"])
        time = dt.time.fromisoformat(own["time"]) if own["time"] else None
    except ValueError:
        errors["day"] = [str(L("There is no such date or time."))]
        return {}
    due = clock.at_local(day, time or dt.time())
    found: dict[str, Any] = {"due_at": clock.iso(due), "all_day": time is None, "done_at": None}
    if own["lead"] != "other":
        asked = ids.number(own["lead"])
        lead = asked if asked in reminding.LEADS else None
        at = reminding.remind_at(due, lead, all_day=time is None)
        unchanged = (
            before is not None
            and before.get("due_at") == found["due_at"]
            and not before.get("reminder_at")
            and at is None
        )
        if not unchanged:
            found["reminder_at"] = clock.iso(at) if at is not None else None
    return found


# ---------------------------------------------------------------- drawing


def _page(
    who: Actor,
    held: Mapping[str, Any],
    typed: Mapping[str, Any] | None,
    own: Mapping[str, str],
    errors: Errors,
    record: Record | None,
) -> str:
    reading = access.reading(who, record)
    writable = access.writable(who, Activity)

    def controls(names: Any) -> list[inputs.Input]:
        return [
            inputs.of(who, Activity, name, writable[name], held, typed=typed, errors=errors, reading=reading)
            for name in names
            if name in writable
        ]

    custom = [name for name in writable if name not in _KNOWN]
    parts = {key: controls(names) for key, names in (
        ("what", ("subject",)), ("with", _ABOUT), ("facts", _FACTS), ("body", ("body",)), ("repeats", _REPEATS),
        ("custom", custom), ("about", ("about",)),
    )}  # fmt: skip
    for control in parts["with"]:
        if control.name == "contact" and (customer := (typed or held).get("customer")):
            control.options["source"] = f"/contacts/options?customer={customer}"
    name = "activities/_form.html" if is_fragment() else "activities/form.html"
    return render_template(
        name,
        record=record,
        once="" if record is not None else ids.token(),
        parts=parts,
        own=own,
        kinds=[(option.key, str(option.label)) for option in KINDS],
        kind=str((typed or held).get("kind") or "task"),
        leads=[("" if n is None else str(n), str(words)) for n, words in reminding.LEADS.items()],
        errors=errors,
        labels_by_name={n: labels.field(Activity, n) for n in access.readable(who, Activity)},
        version=record.version if record is not None else None,
        next=request.values.get("next", ""),
        in_series=record is not None and bool(values(record).get("repeat")),
        now=_local(clock.stamp()),
    )

"""What people do with activities: log what happened, plan what is to be done, finish, move, reopen, skip one of a series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import repeating
from smallcrm.areas.activities.rules.states import is_open, local_time
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets
from smallcrm.records.record import Record, values

Day = dt.date | dt.datetime
CHUNK = 250


@dataclass(frozen=True)
class Finished:
    """What ``done`` left: the activity, what was planned next (by hand or as the next of a series), the change-set."""

    record: Record
    following: Record | None
    set: int


def due_columns(due: Day | None) -> dict[str, Any]:
    """``due_at`` and ``all_day`` of a day, or of a moment."""
    if due is None:
        return {"due_at": None, "all_day": None}
    if isinstance(due, dt.datetime):
        return {"due_at": clock.iso(due), "all_day": False}
    return {"due_at": clock.iso(clock.start_of(due)), "all_day": True}


def log(actor: Actor, *, kind: str, subject: str, at: dt.datetime | None = None, **given: Any) -> Record:
    """Write down what happened, with ``customer``, ``contact`` or ``about`` among the further fields. Raises Invalid, Forbidden."""
    return change.create(
        actor, Activity, {**given, "kind": kind, "subject": subject, "done_at": clock.iso(at or clock.now())}
    )


def plan(actor: Actor, *, kind: str, subject: str, due: Day | None, **given: Any) -> Record:
    """Plan something for a day, a moment, or some time. Raises Invalid, Forbidden."""
    due_at = {name: value for name, value in due_columns(due).items() if value is not None}
    return change.create(actor, Activity, {**given, "kind": kind, "subject": subject, **due_at})


def done(
    actor: Actor,
    activity: Record,
    *,
    at: dt.datetime | None = None,
    outcome: str | None = None,
    following: Mapping[str, Any] | None = None,
    version: int | None = None,
    **given: Any,
) -> Finished:
    """Finish it, and plan what follows (``plan``'s arguments; customer and contact are taken over) in the same change.

    Raises WrongState when it is done already, Invalid, Forbidden, Stale.
    """
    access.need(actor, activity, "edit")
    if not is_open(values(activity)):
        raise WrongState(L("This is done already. Reopen it to change that."))
    changed = {**given, "done_at": clock.iso(at or clock.now())}
    if outcome:
        changed["outcome"] = outcome
    with changesets.opened(actor, actor.via) as mine:
        kept = change.update(actor, activity, changed, version=version)
        after = plan(actor, **{**_carried(kept), **following}) if following else _next_of_series(kept)
    return Finished(kept, after, mine.id)


def _carried(record: Record) -> dict[str, Any]:
    """What a next step takes over from what was just done."""
    held = values(record)
    found = {name: held[name] for name in ("customer", "contact") if held.get(name)}
    if held.get("about"):
        found["about"] = {"type": held["about_type"], "id": held["about"]}
    return found


def _next_of_series(record: Record) -> Record | None:
    held = values(record)
    if not held.get("repeat"):
        return None
    sql = "SELECT max(id) FROM activity WHERE repeats_from = ? AND id > ? AND done_at IS NULL AND deleted_at IS NULL"
    found = store.value(sql, [held.get("repeats_from") or record.id, record.id])
    from smallcrm.identity.actor import SYSTEM

    return access.fetch(SYSTEM, Activity, found) if found else None


def reopen(actor: Actor, activity: Record, *, version: int | None = None) -> Record:
    """It is not done after all. Raises WrongState when it is open."""
    access.need(actor, activity, "edit")
    if is_open(values(activity)):
        raise WrongState(L("This is open already."))
    return change.update(actor, activity, {"done_at": None}, version=version)


def move(
    actor: Actor, activity: Record, *, to: Day, later: bool = False, version: int | None = None, **given: Any
) -> Record:
    """To another day at the time it has, or to another moment. ``later`` moves the days of its series along.

    Raises WrongState for what is done, Invalid, Forbidden, Stale.
    """
    access.need(actor, activity, "edit")
    held = values(activity)
    if not is_open(held):
        raise WrongState(L("This is done already. Reopen it to change that."))
    changed = {**given, **moved_to(held, to)}
    with changesets.opened(actor, actor.via):
        kept = change.update(actor, activity, changed, version=version)
        if later and held.get("repeat"):
            day = clock.day_of(to) if isinstance(to, dt.datetime) else to
            kept = change.update(actor, kept, {"repeats_on": day.isoformat()}, trusted=True)
    return kept


def moved_to(held: Mapping[str, Any], to: Day) -> dict[str, Any]:
    """The columns of what moves there; a day keeps the time on the clock."""
    if isinstance(to, dt.datetime) or not held.get("due_at") or held.get("all_day"):
        return due_columns(to)
    return due_columns(clock.at_local(to, local_time(held["due_at"])))


def skip(actor: Actor, activity: Record) -> Record:
    """Leave this one of a series out: it moves to the next day of the series. Raises WrongState where there is none."""
    held = values(activity)
    day = repeating.next_day(held, dt.date.min) if is_open(held) else None
    if day is None:
        raise WrongState(L("There is no later one in this series."))
    return move(actor, activity, to=day)


def move_many(actor: Actor, ids: Sequence[int], *, to: dt.date) -> tuple[int, int]:
    """Several to one day, each at its own time, in one change; (how many moved, the change-set). What is not one's to change stays."""
    moved = 0
    with changesets.opened(actor, "bulk", lasting=True) as mine:
        for start in range(0, len(ids), CHUNK):
            chunk = list(ids[start : start + CHUNK])
            allowed = access.within(actor, Activity, chunk, "edit")
            found = store.rows(
                "SELECT id, due_at, all_day FROM activity WHERE id IN (SELECT value FROM json_each(?)) AND done_at IS NULL",
                [store.json_list(allowed)],
            )
            changes = [(i, moved_to({"due_at": due, "all_day": all_day}, to)) for i, due, all_day in found]
            with store.writing():
                moved += len(change.update_many(actor, Activity, changes).written)
    return moved, mine.id

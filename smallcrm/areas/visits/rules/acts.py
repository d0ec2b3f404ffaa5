"""What else is done with visits: cancelled, taken up again, planned with several customers, followed by a next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts as activities
from smallcrm.areas.activities.rules import line
from smallcrm.areas.activities.rules.working_days import next_working, on_or_after
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.records import UNDER_WAY, Visit
from smallcrm.areas.visits.rules.distance import nearest_first
from smallcrm.areas.visits.rules.points import places
from smallcrm.areas.visits.rules.states import MACHINE
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets
from smallcrm.records.bulk import Act, Result
from smallcrm.records.record import Record

CLEARED = ("checked_in_at", "in_verdict", "in_reason", "cancel_reason")


def cancel(actor: Actor, visit: Record, *, reason: str = "", series: bool = False) -> Record:
    """It does not take place; of a series the next one stands, unless all of it ends. Raises WrongState, Forbidden, Invalid."""
    with changesets.opened(actor, actor.via), store.writing():
        record = access.find(actor, Visit, int(visit.id), "edit")
        target = MACHINE.target(actor, record, "cancel")
        if record.__data__["state"] == UNDER_WAY and not reason.strip():
            raise Invalid({"reason": [str(L("It was begun: say why it is cancelled."))]})
        given: dict[str, Any] = {"state": target, "cancel_reason": reason.strip()[:300] or None}
        if series:
            given["repeat"] = None
        return change.update(actor, record, given, trusted=True)


def reinstate(actor: Actor, visit: Record) -> Record:
    """It takes place after all. Raises WrongState, Forbidden."""
    with changesets.opened(actor, actor.via), store.writing():
        record = access.find(actor, Visit, int(visit.id), "edit")
        target = MACHINE.target(actor, record, "reinstate")
        return change.update(actor, record, {"state": target, **dict.fromkeys(CLEARED)}, trusted=True)


# ---------------------------------------------------------------- the next step


def plan_next(actor: Actor, visit: Record, text: str) -> list[Record]:
    """What a line at the end of a report plans, in the words of the log line; words without a day are for the next working day."""
    said = text.strip()
    customer = access.fetch(actor, Customer, int(visit.__data__["customer"]))
    if not said or customer is None:
        return []
    place = line.place_of(actor, customer)
    understood = line.read(actor, place, said)
    if understood.planned and not understood.done and not understood.also:
        return list(line.keep(actor, place, understood).made)
    due = next_working(clock.today())
    given = (
        {"customer": visit.__data__["customer"], "contact": visit.__data__["contact"]}
        if visit.__data__["contact"]
        else {"customer": visit.__data__["customer"]}
    )
    return [activities.plan(actor, kind="task", subject=said[:300], due=due, **given)]


def entry_of(actor: Actor, visit: Record) -> Record | None:
    """The visit's diary entry, within reach."""
    number = visit.__data__.get("activity")
    return access.fetch(actor, Activity, int(number)) if number else None


# ---------------------------------------------------------------- several customers


def plan_many(
    *, day: dt.date, first: dt.time | None, minutes: int, kind: str, purpose: str, a_day: int = 0
) -> Act:  # fmt: skip
    """The bulk act: a visit with each, for its owner, one after the other from ``first`` on, the nearest next.

    ``a_day``: so many for each owner a day, then on the next working day; 0 for all on one.
    """
    given: dict[int, int] = {}
    days: dict[int, dt.date] = {}

    def when(owner: int) -> str:
        days.setdefault(owner, on_or_after(day) if a_day else day)
        given.setdefault(owner, 0)
        full = first is not None and given[owner] and _minute(first) + given[owner] * minutes >= 24 * 60
        if (a_day and given[owner] >= a_day) or full:
            given[owner], days[owner] = 0, next_working(days[owner])
        at = clock.start_of(days[owner]) if first is None else clock.at_local(days[owner], first)
        at += dt.timedelta(minutes=minutes * given[owner]) if first is not None else dt.timedelta()
        given[owner] += 1
        return clock.iso(at)

    def act(actor: Actor, ids: Sequence[int], result: Result) -> None:
        if actor.scope("visit", "create") is Scope.NONE:
            raise Forbidden(access.refusal(actor, "create"))
        sql = "SELECT id, owner FROM customer WHERE id IN (SELECT value FROM json_each(?))"
        owners = dict(store.rows(sql, [store.json_list(ids)]))
        known = {number: place.point for number, place in places(actor, owners).items() if place.point}
        wide = actor.scope("visit", "create") > Scope.OWN
        made: list[dict[str, Any]] = []
        for customer in nearest_first(list(owners), known):
            theirs = owners[customer] if owners[customer] and wide else actor.id
            made.append(
                {"customer": customer, "owner": theirs, "kind": kind, "purpose": purpose, "planned_at": when(theirs),
                 "planned_minutes": minutes if first is not None else None}
            )  # fmt: skip
        written = change.create_many(actor, Visit, made)
        result.changed += len(written.written)
        for position, errors in written.errors.items():
            result.refuse(int(made[position]["customer"]), "; ".join(m for each in errors.values() for m in each))

    return act


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute

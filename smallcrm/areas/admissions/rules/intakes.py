"""The intake of applications and students: each takes the other's where it has none, and an enrolment sets the student's."""

from __future__ import annotations

import datetime as dt

from smallcrm import store
from smallcrm.areas.admissions import settings
from smallcrm.areas.customers.records import Customer
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, cache, change, derive
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, DELETE, UPDATE, Draft


@change.before("intake")
def check(drafts: list[Draft]) -> None:
    """The last day is not before the first; one in use is not deleted."""
    for draft in drafts:
        if draft.act in (CREATE, UPDATE):
            first, last = draft.after.get("first_day"), draft.after.get("last_day")
            if first and last and last < first:
                raise Wrong(draft, {"last_day": [str(L("The last day is before the first one."))]})
            draft.after["position"] = dt.date.fromisoformat(first).toordinal() if first else None
        elif draft.act == DELETE and _used(draft.id):
            raise Wrong(draft, {"": [str(L("Applications or students have this intake. Switch it off instead."))]})


def _used(number: int) -> bool:
    return any(
        store.value(f'SELECT 1 FROM "{table}" WHERE intake = ? AND deleted_at IS NULL LIMIT 1', [number])
        for table in ("opportunity", "customer")
    )


@derive.on("intake")
def changed(_drafts: list[Draft]) -> None:
    """What is kept of them is read anew."""
    cache.bump()


@cache.kept
def every() -> list[tuple[int, str, str, bool]]:
    """(id, name, first day, whether it takes applications), the latest first."""
    return [
        (number, name, first, bool(active))
        for number, name, first, active in store.rows(
            "SELECT id, name, first_day, active FROM intake WHERE deleted_at IS NULL ORDER BY first_day DESC, id DESC"
        )
    ]


def name_of(number: int | None) -> str:
    """What an intake is called; empty for none."""
    return next((name for each, name, _, _ in every() if each == number), "")


def usual() -> int | None:
    """The only one that takes applications; None where there are several or none."""
    active = [number for number, _, _, takes in every() if takes]
    return active[0] if len(active) == 1 else None


@change.before("opportunity")
def give(drafts: list[Draft]) -> None:
    """A new application without an intake takes its student's, else the only one there is."""
    if not settings.on():
        return
    fresh = [draft for draft in drafts if draft.act == CREATE and not draft.after.get("intake") and draft.why != "undo"]
    students = {draft.after["customer"] for draft in fresh if draft.after.get("customer")}
    held = _of_students(students)
    for draft in fresh:
        draft.after["intake"] = held.get(draft.after.get("customer") or 0) or usual()


def _of_students(ids: set[int]) -> dict[int, int]:
    sql = "SELECT id, intake FROM customer WHERE id IN (SELECT value FROM json_each(?)) AND intake IS NOT NULL"
    return dict(store.rows(sql, [store.json_list(ids)])) if ids else {}


@derive.on("opportunity")
def carry(drafts: list[Draft]) -> None:
    """A student without an intake takes the application's; one who is enrolled takes that term's. Part of the same change."""
    if not settings.on():
        return
    wanted: dict[int, tuple[int, bool]] = {}
    for draft in drafts:
        student, intake = draft.after.get("customer"), draft.after.get("intake")
        if not (student and intake and draft.live_after) or draft.why == "undo":
            continue
        if draft.before is None or draft.touches("intake", "customer", "state"):
            won = draft.after.get("state") == "won"
            if won or student not in wanted:
                wanted[student] = (intake, won)
    held = _of_students(set(wanted))
    moved = [
        (student, {"intake": intake})
        for student, (intake, won) in wanted.items()
        if held.get(student) != intake and (won or student not in held)
    ]
    alive = access.within(SYSTEM, Customer, {student for student, _ in moved})
    if moved:
        change.update_many(SYSTEM, Customer, [each for each in moved if each[0] in alive], trusted=True)

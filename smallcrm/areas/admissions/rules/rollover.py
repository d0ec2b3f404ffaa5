"""The next term: whoever is enrolled in one term gets an application for the next, in one act that can be undone.

Whoever has one already, in whatever state, is left out; so that doing it twice, or two at once, makes nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.admissions.rules import intakes
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets

MOST = 1_000  # in one act
_CARRIED = ("customer", "contact", "product", "currency", "owner")


@dataclass(frozen=True)
class Student:
    """Somebody enrolled: the application they were enrolled by and what it says."""

    application: int
    student: int
    name: str
    owner: int | None
    product: int | None


@dataclass(frozen=True)
class Plan:
    """What would be made. ``have``: how many have an application for the next term; ``more``: beyond what one act makes."""

    students: list[Student]
    enrolled: int
    have: int
    more: int


def plan(actor: Actor, *, of: int, to: int, pipeline: int | None = None) -> Plan:
    """Who is enrolled in a term, within reach, and who of them still lacks an application for the next."""
    where, params = access.reach(actor, Opportunity, "edit").where()
    narrowed = " AND t.pipeline = ?" if pipeline else ""
    sql = (
        "SELECT max(t.id), t.customer, EXISTS (SELECT 1 FROM opportunity n WHERE n.customer = t.customer AND n.intake = ?"
        " AND n.deleted_at IS NULL) FROM opportunity t WHERE t.intake = ? AND t.state = 'won' AND t.deleted_at IS NULL"
        f" AND t.customer IS NOT NULL AND {where}{narrowed} GROUP BY t.customer"
    )
    found = store.rows(sql, [to, of, *params, *([pipeline] if pipeline else [])])
    alive = access.within(actor, Customer, [student for _, student, _ in found])
    lacking = {student: number for number, student, has in found if student in alive and not has}
    have = sum(1 for _, student, has in found if student in alive and has)
    names = access.names(actor, "customer", lacking)
    order = sorted(lacking, key=lambda student: (names.get(student, ""), student))[:MOST]
    held = {
        number: (owner, product)
        for number, owner, product in store.rows(
            "SELECT id, owner, product FROM opportunity WHERE id IN (SELECT value FROM json_each(?))",
            [store.json_list(lacking[student] for student in order)],
        )
    }
    students = [Student(lacking[each], each, names.get(each, "–"), *held[lacking[each]]) for each in order]
    return Plan(students, len(alive & {student for _, student, _ in found}), have, len(lacking) - len(order))


def roll(
    actor: Actor, *, of: int, to: int, stage: int, pipeline: int | None = None, only: Collection[int] | None = None
) -> int:
    """Make the applications; how many. ``only``: the students chosen. Raises Forbidden, Invalid."""
    if actor.scope("opportunity", "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))
    aim = stages.step(stage)
    known = {number for number, *_ in intakes.every()}
    if of not in known or to not in known or of == to:
        raise Invalid({"to": [str(L("Choose two different intakes."))]})
    if aim is None or aim.ended:
        raise Invalid({"stage": [str(L("Choose the open stage in which they begin."))]})
    with changesets.opened(actor, "bulk", str(L("Next term"))), store.writing():
        chosen = [
            each
            for each in plan(actor, of=of, to=to, pipeline=pipeline).students
            if only is None or each.student in only
        ]
        made = change.create_many(
            actor, Opportunity, [_values(actor, each, to, aim.id) for each in chosen], trusted=True
        )
        if made.errors:
            raise Invalid(next(iter(made.errors.values())))
    return len(made.written)


def _values(actor: Actor, each: Student, to: int, stage: int) -> dict[str, Any]:
    row = store.row(f"SELECT {', '.join(_CARRIED)} FROM opportunity WHERE id = ?", [each.application])
    assert row is not None
    held = dict(zip(_CARRIED, row, strict=True))
    if not _works_here(held["owner"]):
        held["owner"] = actor.id
    first = next((first for number, _, first, _ in intakes.every() if number == to), None)
    begins = dt.date.fromisoformat(first) if first else None
    given = {
        **held, "stage": stage, "intake": to, "name": f"{each.name} · {intakes.name_of(to)}", "source": str(L("Re-enrolment")),
        "expected_close": begins.isoformat() if begins and begins > clock.today() else None,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def _works_here(user: int | None) -> bool:
    return bool(user and store.value('SELECT 1 FROM "user" WHERE id = ? AND active = 1 AND deleted_at IS NULL', [user]))

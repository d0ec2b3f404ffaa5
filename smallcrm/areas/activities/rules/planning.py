"""The same follow-up planned with many customers, each for its owner."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules.acts import due_columns
from smallcrm.areas.activities.rules.working_days import next_working, on_or_after
from smallcrm.base.errors import Forbidden
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change
from smallcrm.records.bulk import Act, Result

A_DAY = 10  # that one person gets on one day when they are spread


def follow_up(*, kind: str, subject: str, day: dt.date, spread: bool) -> Act:
    """The bulk act. ``spread``: ten for each owner a day, on working days from ``day`` on."""
    given: Counter[int | None] = Counter()
    days: dict[int | None, dt.date] = {}

    def due_of(owner: int | None) -> dt.date:
        if not spread:
            return day
        days.setdefault(owner, on_or_after(day))
        if given[owner] == A_DAY:
            given[owner], days[owner] = 0, next_working(days[owner])
        given[owner] += 1
        return days[owner]

    def act(actor: Actor, ids: Sequence[int], result: Result) -> None:
        if actor.scope("activity", "create") is Scope.NONE:
            raise Forbidden(access.refusal(actor, "create"))
        found = store.rows(
            "SELECT id, owner FROM customer WHERE id IN (SELECT value FROM json_each(?))", [store.json_list(ids)]
        )
        made: list[dict[str, Any]] = []
        for customer, owner in found:
            theirs = owner if owner and actor.scope("activity", "create") > Scope.OWN else actor.id
            made.append(
                {"kind": kind, "subject": subject, "customer": customer, "owner": theirs, **due_columns(due_of(theirs))}
            )
        written = change.create_many(actor, Activity, made)
        result.changed += len(written.written)
        for position, errors in written.errors.items():
            result.refuse(int(made[position]["customer"]), "; ".join(m for each in errors.values() for m in each))

    return act

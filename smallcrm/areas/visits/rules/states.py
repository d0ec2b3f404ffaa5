"""A visit's states: planned → under way → ended; cancelled. Overdue follows from them and is kept nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.activities.rules.states import local_time
from smallcrm.areas.visits.records import CANCELLED, ENDED, PLANNED, UNDER_WAY, Visit
from smallcrm.base import clock
from smallcrm.identity.actor import Actor
from smallcrm.records import access, leaving
from smallcrm.records.record import Record, values
from smallcrm.records.states import Machine, Transition

Values = Mapping[str, Any]

MACHINE = Machine(
    "state",
    (
        Transition("check-in", (PLANNED,), UNDER_WAY),
        Transition("check-out", (UNDER_WAY,), ENDED),
        Transition("cancel", (PLANNED, UNDER_WAY), CANCELLED),
        Transition("reinstate", (CANCELLED,), PLANNED),
    ),
)
leaving.goes_along("visit", f"state IN ('{PLANNED}', '{UNDER_WAY}')")


def is_any_time(held: Values) -> bool:
    """Whether it is planned for a day without an hour."""
    return bool(held.get("planned_at")) and local_time(held["planned_at"]) == dt.time()


def is_overdue(held: Values) -> bool:
    """Whether it is planned still although its time, or its day where it has no time, is over."""
    if held.get("state") != PLANNED or not held.get("planned_at"):
        return False
    if is_any_time(held):
        return clock.day_of(clock.moment(held["planned_at"])) < clock.today()
    return bool(held["planned_at"] < clock.stamp())


SKELETON = (
    "id",
    "version",
    "owner",
    "customer",
    "state",
    "kind",
    "activity",
    "deleted_at",
)  # without these it is no visit


def shown(actor: Actor, visit: Record) -> dict[str, Any]:
    """What the visit holds, as far as the actor may read it; what their role hides is None."""
    held = values(visit)
    readable = access.shown_of(actor, Visit, held)
    return {name: value if name in readable or name in SKELETON else None for name, value in held.items()}

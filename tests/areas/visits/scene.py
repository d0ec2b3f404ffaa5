"""What the tests of visits set up: customers with a point, visits planned with them, a time of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.visits.records import Visit
from smallcrm.areas.visits.rules.checking import Evidence
from smallcrm.areas.visits.rules.positions import Reading
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change, rows
from smallcrm.records.record import Record
from tests.cast import Cast

MONDAY = dt.date(2026, 3, 2)
ACROPOLIS = (37.971532, 23.725749)
SYNTAGMA = (37.975477, 23.735517)  # some 960 m away


@contextmanager
def at(time: str, day: int = 0) -> Iterator[None]:
    """Everything inside happens then (UTC, which is the cast's zone), so many days after the Monday."""
    with clock.at(clock.at_local(MONDAY + dt.timedelta(days=day), dt.time.fromisoformat(time))):
        yield


def moment(time: str, day: int = 0) -> str:
    return clock.iso(clock.at_local(MONDAY + dt.timedelta(days=day), dt.time.fromisoformat(time)))


def here(point: tuple[float, float] = ACROPOLIS, accuracy: int = 20) -> Evidence:
    return Evidence(Reading(point, accuracy))


class Outside:
    """Makers of what a day outside is made of."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def actor(self, part: str = "anna") -> Actor:
        return self.cast.actor(part)

    def customer(self, name: str = "Holroyd Tea", owner: str = "anna", point: Any = ACROPOLIS, **more: Any) -> int:
        where = {"latitude": f"{point[0]:.6f}", "longitude": f"{point[1]:.6f}"} if point else {}
        given = {"name": name, "owner": getattr(self.cast, owner), **where, **more}
        return int(change.create(SYSTEM, Customer, given, trusted=True).id)

    def contact(self, customer: int, name: str = "Bob Holroyd") -> int:
        return int(change.create(SYSTEM, Contact, {"name": name, "customer": customer}, trusted=True).id)

    def plan(self, customer: int | None = None, by: str = "anna", when: str | None = "10:00", **more: Any) -> Record:
        given = {"customer": customer or self.customer(), "purpose": "Show the samples", **more}
        if when:
            given.setdefault("planned_at", moment(when))
        return change.create(self.actor(by), Visit, given)

    def held(self, visit: Record | int) -> dict[str, Any]:
        number = visit if isinstance(visit, int) else int(visit.id)
        return rows.load(Visit, [number])[number]

    def entry(self, visit: Record) -> dict[str, Any]:
        """Its diary entry as it stands."""
        number = self.held(visit)["activity"]
        return rows.load(Activity, [number])[number]

    def now(self, visit: Record, by: str = "anna") -> Record:
        cache.current()
        return access.find(self.actor(by), Visit, int(visit.id))

"""What the pool's tests set up: pools, customers at a moment, follow-ups, and a directory of the cast so that people hear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.people.roles import actor_for
from smallcrm.areas.pool.records import Pool
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.jobs import directory
from smallcrm.jobs.directory import Person
from smallcrm.records import cache, change, rows
from tests.cast import Cast

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)  # a Monday


def day(n: float, hour: float = 9) -> dt.datetime:
    """So many days after the start, at an hour (UTC, which is the cast's zone)."""
    return START.replace(hour=0) + dt.timedelta(days=n, hours=hour)


@contextmanager
def on(n: float, hour: float = 9) -> Iterator[None]:
    """Everything inside happens on that day."""
    with clock.at(day(n, hour)):
        yield


class Company:
    """Makers of what a pool lives on. What nobody says is off."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def actor(self, part: str) -> Actor:
        return self.cast.actor(part)

    def pool(self, name: str = "North pool", members: Sequence[Any] | None = None, **values: Any) -> int:
        tokens = ["anna", "bob"] if members is None else members
        held = [getattr(self.cast, each) if isinstance(each, str) else each for each in tokens]
        made = change.create(SYSTEM, Pool, {"name": name, "members": held, **values}, trusted=True)
        cache.current()
        return int(made.id)

    def customer(self, name: str = "Holroyd Tea", owner: str | None = "anna", **values: Any) -> int:
        given = {"name": name, "owner": getattr(self.cast, owner) if owner else None, **values}
        return int(change.create(SYSTEM, Customer, given, trusted=True).id)

    def contact(self, customer: int, name: str = "Bob Holroyd", **values: Any) -> int:
        return int(change.create(SYSTEM, Contact, {"name": name, "customer": customer, **values}, trusted=True).id)

    def lying(self, pool: int, name: str = "Lund & Sons", **values: Any) -> int:
        """A customer in a pool, that nobody owned before."""
        return self.customer(name, None, pool=pool, **values)

    def follow_up(self, customer: int | None, by: str = "anna", **values: Any) -> int:
        given = {
            "kind": "call", "subject": "Called", "customer": customer, "done_at": clock.stamp(),
            "owner": getattr(self.cast, by), **values,
        }  # fmt: skip
        return int(change.create(SYSTEM, Activity, given, trusted=True).id)

    def set(self, pool: int, **values: Any) -> None:
        change.update(SYSTEM, self.record(Pool, pool), values, trusted=True)

    def record(self, kind: Any, number: int) -> Any:
        from smallcrm.records import access

        cache.current()
        return access.find(SYSTEM, kind, number, bin=True)

    def held(self, number: int) -> dict[str, Any]:
        """A customer's stored values."""
        return rows.load(Customer, [number])[number]

    def due(self, number: int) -> str | None:
        """Its last day."""
        return self.held(number)["recycle_on"]

    def moves(self, number: int) -> list[tuple[Any, ...]]:
        """(kind, from owner, from pool, to owner, to pool) of its history, oldest first."""
        sql = "SELECT kind, from_owner, from_pool, to_owner, to_pool FROM owner_history WHERE record = ? ORDER BY id"
        return store.rows(sql, [number])


class People:
    """The cast as the jobs know it; nobody has a mail address, so only the page's bell rings."""

    def lookup(self, user_id: int) -> Person | None:
        who = actor_for(user_id)
        return Person(who.id, who.name) if who else None

    def admins(self) -> Sequence[int]:
        return ()


def notices_of(user: int) -> list[str]:
    """What somebody was told, oldest first."""
    return [title for (title,) in store.rows("SELECT title FROM notice WHERE user = ? ORDER BY id", [user])]


def listening() -> None:
    """From here on the cast is told of things."""
    directory.register(People())

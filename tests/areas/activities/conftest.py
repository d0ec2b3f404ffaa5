"""A customer of Anna's with two contacts, and a fixed Friday morning on which the tests take place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change, settings
from smallcrm.records.record import Record, values
from tests.cast import Cast

FRIDAY = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)  # 11:00 in Athens
TODAY = dt.date(2026, 11, 20)


@dataclass
class Scene:
    """Who and what the tests play with; everything is read anew each time."""

    cast: Cast
    customer: int
    other: int
    bob: int  # contacts of the customer
    eve: int
    stranger: int  # a contact of the other customer

    @property
    def anna(self) -> Actor:
        return self.cast.actor("anna")

    def at(self, what: str, number: int | None = None) -> object:
        """A column of the customer (or another one)."""
        return values(access.find(SYSTEM, Customer, number or self.customer, bin=True))[what]

    def activity(self, number: int) -> Record:
        return access.find(SYSTEM, Activity, number, bin=True)

    def all(self) -> list[dict[str, object]]:
        """Every live activity, oldest first."""
        from smallcrm import store

        ids = [row[0] for row in store.rows("SELECT id FROM activity WHERE deleted_at IS NULL ORDER BY id")]
        return [values(self.activity(i)) for i in ids]


@pytest.fixture
def friday() -> Iterator[None]:
    """It is Friday the 20th of November 2026, eleven in the morning in Athens."""
    with clock.at(FRIDAY):
        yield


@pytest.fixture
def scene(cast: Cast, friday: None) -> Scene:
    settings.put(SYSTEM, {"company.timezone": "Europe/Athens"})
    anna = cast.actor("anna")
    customer = int(change.create(anna, Customer, {"name": "Moorside Brewery", "phone": "0113 4960001"}).id)
    other = int(change.create(anna, Customer, {"name": "Lund & Sons"}).id)
    people = {
        name: int(change.create(anna, Contact, {"name": name, "customer": home, "mobile": phone}).id)
        for name, home, phone in (
            ("Bob Fenwick", customer, "0770 0900123"), ("Eve Leckie", customer, None), ("Tom Varley", other, None),
        )
    }  # fmt: skip
    return Scene(cast, customer, other, people["Bob Fenwick"], people["Eve Leckie"], people["Tom Varley"])


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> dt.datetime:
    """A moment of 2026 on the business's clock."""
    return clock.at_local(dt.date(2026, month, day), dt.time(hour, minute))

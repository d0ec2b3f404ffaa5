"""A company that sells: a pipeline, customers of Anna, Bob and Carl, opportunities won, lost and open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import setting_up
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, change
from smallcrm.records.record import Record
from tests.cast import Cast

NOW = dt.datetime(2026, 11, 18, 10, 0, tzinfo=dt.UTC)  # a Wednesday


@contextmanager
def on(day: str = "") -> Iterator[None]:
    """With the clock at ten on a day, the scene's own without one."""
    with clock.at(dt.datetime.fromisoformat(f"{day}T10:00:00+00:00") if day else NOW):
        yield


class Scene:
    """Makes records; remembers the customers by whose they are."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        setting_up.make_first()
        cache.current()
        self.stage = {
            k: i for i, k in store.rows("SELECT id, kind FROM stage WHERE deleted_at IS NULL ORDER BY position DESC")
        }
        self.customers: dict[int, int] = {}
        for part, region in (("anna", "North"), ("bob", "North"), ("carl", "South")):
            owner = getattr(cast, part)
            self.customers[owner] = self.customer(owner, f"{part} Ltd", region=region)

    def customer(self, owner: int, name: str, **more: Any) -> int:
        return int(change.create(SYSTEM, Customer, {"name": name, "owner": owner, **more}, trusted=True).id)

    def deal(self, part: str, amount: str | None, state: str = "open", day: str = "2026-11-10", **more: Any) -> Record:
        owner = getattr(self.cast, part)
        ended = (
            {"closed_on": day, "close_reason": more.pop("reason", "Price")}
            if state != "open"
            else {"expected_close": day}
        )
        given = {
            "name": f"{part} {state} {amount}", "customer": self.customers[owner], "owner": owner, "amount": amount,
            "stage": self.stage[state], "opened_on": "2026-10-11", **ended, **more,
        }  # fmt: skip
        return change.create(SYSTEM, Opportunity, given, trusted=True)

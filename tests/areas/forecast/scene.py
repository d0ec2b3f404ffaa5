"""What the forecast's tests set up: a pipeline with known stages, opportunities made and moved on chosen days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smallcrm import store
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change, changesets
from tests.cast import Cast


@contextmanager
def on(day: str, hour: int = 9) -> Iterator[None]:
    """Everything inside happens on that day (UTC, which is the cast's zone)."""
    with clock.at(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=dt.UTC)):
        yield


class Company:
    """Makers. Stages of the pipeline: New 10, Needs clear 30, Solution agreed 50, Quote sent 70, Negotiation 90, Won, Lost, Invalid."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.pipeline = stages.add(SYSTEM, name="Sales") if not stages.every() else next(iter(stages.every()))
        cache.current()
        self.customers: dict[str, int] = {}

    def actor(self, part: str) -> Actor:
        return self.cast.actor(part)

    def stage(self, name: str, pipeline: int | None = None) -> int:
        cache.current()
        way = stages.every()[pipeline or self.pipeline]
        return next(step.id for step in way.steps if step.name == name)

    def second(self, name: str = "Services") -> int:
        made = stages.add(SYSTEM, name=name)
        cache.current()
        return made

    def customer(self, owner: str) -> int:
        if owner not in self.customers:
            given = {"name": f"Customer of {owner}", "owner": getattr(self.cast, owner)}
            self.customers[owner] = int(change.create(SYSTEM, Customer, given, trusted=True).id)
        return self.customers[owner]

    def product(self, name: str) -> int:
        return int(change.create(SYSTEM, Product, {"name": name}, trusted=True).id)

    def deal(
        self,
        amount: Any = "1000.00",
        *,
        close: str | None = "2026-11-30",
        stage: str = "New",
        owner: str | None = "anna",
        **values: Any,
    ) -> int:
        """An opportunity; amounts as text of euros."""
        given = {
            "name": values.pop("name", "A deal"), "customer": self.customer(owner or "anna"), "amount": amount,
            "expected_close": close, "stage": self.stage(stage, values.get("pipeline")),
            "owner": getattr(self.cast, owner) if owner else None, **values,
        }  # fmt: skip
        with changesets.opened(SYSTEM, "form"):
            return int(change.create(SYSTEM, Opportunity, given, trusted=True).id)

    def record(self, number: int) -> Any:
        cache.current()
        return access.find(SYSTEM, Opportunity, number, bin=True)

    def set(self, number: int, **values: Any) -> None:
        change.update(SYSTEM, self.record(number), values, trusted=True)

    def move(self, number: int, stage: str, **values: Any) -> None:
        self.set(number, stage=self.stage(stage, self.record(number).pipeline), **values)

    def win(self, number: int, **values: Any) -> None:
        self.move(number, "Won", **values)

    def lose(self, number: int, **values: Any) -> None:
        self.move(number, "Lost", close_reason="price", **values)

    def delete(self, number: int) -> None:
        change.delete(SYSTEM, self.record(number))

    def share(self, number: int, **percents: Any) -> None:
        lines = [{"user": getattr(self.cast, who), "percent": percent} for who, percent in percents.items()]
        self.set(number, shares=lines)

    def standing(self, number: int) -> list[tuple[Any, ...]]:
        return store.rows(
            "SELECT state, amount, expected_close FROM stage_history WHERE opportunity = ? ORDER BY id", [number]
        )

"""A customer with everything of the selling around it: an opportunity, a lead that became it, a visit, a call, targets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.leads.records import Absence, Lead
from smallcrm.areas.pipeline.records import Buyer, Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.areas.targets.records import Target
from smallcrm.areas.visits.records import Visit
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change, rows
from smallcrm.records.record import Record, RecordType
from tests.cast import Cast


def day(days: int) -> str:
    return (clock.today() + dt.timedelta(days=days)).isoformat()


def moment(days: int) -> str:
    return clock.iso(clock.now() + dt.timedelta(days=days))


class Company:
    """Makers, and what stands there now."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.pipeline = stages.add(SYSTEM, name="Selling")
        cache.current()

    def actor(self, part: str) -> Actor:
        return self.cast.actor(part)

    def make(self, kind: RecordType, owner: str | None = "anna", /, **values: Any) -> int:
        if owner:
            values["owner"] = getattr(self.cast, owner)
        made = int(change.create(SYSTEM, kind, values, trusted=True).id)
        cache.current()
        return made

    def stage(self, kind: str = "open") -> int:
        way = stages.every()[self.pipeline]
        return way.open_steps[0].id if kind == "open" else way.ending(kind).id  # type: ignore[union-attr]

    def customer(self, name: str = "Wenlock Mills", owner: str = "anna", **values: Any) -> int:
        return self.make(Customer, owner, name=name, **values)

    def contact(self, customer: int, name: str = "Ada Wenlock", **values: Any) -> int:
        return self.make(Contact, None, name=name, customer=customer, **values)

    def deal(
        self, customer: int | None, name: str = "Looms", owner: str = "anna", kind: str = "open", **values: Any
    ) -> int:
        given = {"expected_close": day(20), "amount": "1000", **values}
        if kind != "open":
            given.setdefault("closed_on", day(0))
        return self.make(Opportunity, owner, name=name, customer=customer, stage=self.stage(kind), **given)

    def lead(self, name: str = "Bo Lane", owner: str = "anna", **values: Any) -> int:
        return self.make(Lead, owner, name=name, **values)

    def visit(self, customer: int, owner: str = "anna", days: int = 2, **values: Any) -> int:
        return self.make(Visit, owner, customer=customer, purpose="Show the looms", planned_at=moment(days), **values)

    def call(self, customer: int, owner: str = "anna", **values: Any) -> int:
        given = {"kind": "call", "subject": "Rang", "done_at": clock.stamp(), **values}
        return self.make(Activity, owner, customer=customer, **given)

    def buyer(self, deal: int, contact: int, **values: Any) -> int:
        return self.make(Buyer, None, opportunity=deal, contact=contact, **values)

    def product(self, name: str = "Loom X") -> int:
        return self.make(Product, None, name=name)

    def target(self, owner: str | None, year: int, **months: str) -> int:
        whom = {"whom": "user", "user": getattr(self.cast, owner)} if owner else {"whom": "company"}
        return self.make(Target, owner, metric="won_value", year=year, **whom, **months)

    def away(self, who: str, deputy: str | None = None) -> int:
        stands_in = getattr(self.cast, deputy) if deputy else None
        return self.make(
            Absence, None, user=getattr(self.cast, who), since=day(-1), until=day(3), deputy=stands_in, reason="Away"
        )

    def held(self, kind: RecordType, number: int) -> dict[str, Any]:
        return rows.load(kind, [number])[number]

    def record(self, kind: RecordType, number: int) -> Record:
        cache.current()
        return access.find(SYSTEM, kind, number, bin=True)

"""A company with a pipeline of its own: Found 10, Agreed 40, Offered 70, Closing 90, then Won, Lost and Invalid."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pipeline.records import Opportunity, Pipeline, Stage
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change
from smallcrm.records.record import Record, values
from tests.cast import Cast

STAGES = (
    ("Found", "open", 10), ("Agreed", "open", 40), ("Offered", "open", 70), ("Closing", "open", 90), ("Won", "won", 100),
    ("Lost", "lost", 0), ("Invalid", "invalid", 0),
)  # fmt: skip


class Company:
    """Makers, and what the tests ask about what was made."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.pipeline = int(change.create(SYSTEM, Pipeline, {"name": "Selling"}, trusted=True).id)
        self.stage: dict[str, int] = {}
        for place, (name, kind, chance) in enumerate(STAGES, 1):
            made = {"name": name, "pipeline": self.pipeline, "position": place, "kind": kind, "chance": chance}
            self.stage[name] = int(change.create(SYSTEM, Stage, made, trusted=True).id)

    def actor(self, part: str) -> Actor:
        return self.cast.actor(part)

    def customer(self, name: str = "Ridley & Hart", part: str = "anna") -> int:
        return int(change.create(self.actor(part), Customer, {"name": name}).id)

    def contact(self, name: str, customer: int) -> int:
        return int(change.create(self.actor("anna"), Contact, {"name": name, "customer": customer}).id)

    def make(self, name: str = "Pumps", stage: str = "Found", part: str = "anna", **given: Any) -> Record:
        given.setdefault("expected_close", (clock.today() + dt.timedelta(days=30)).isoformat())
        return change.create(self.actor(part), Opportunity, {"name": name, "stage": self.stage[stage], **given})

    def set(self, stage: str, **given: Any) -> None:
        """Set a stage up."""
        record = access.find(SYSTEM, Stage, self.stage[stage])
        change.update(SYSTEM, record, given, trusted=True)

    def record(self, number: int, part: str = "anna") -> Record:
        return access.find(self.actor(part), Opportunity, number)

    def held(self, record: Record) -> dict[str, Any]:
        """The values as they stand now."""
        return values(access.find(SYSTEM, Opportunity, int(record.id)))

    def at(self, record: Record) -> str:
        """The name of the stage it stands in."""
        step = stages.step(self.held(record)["stage"])
        return step.name if step else ""

    def history(self, record: Record) -> list[tuple[str, str, bool]]:
        """(stage, state, whether it still holds) of every row in which it came into a stage, the first one first."""
        names = {number: name for name, number in self.stage.items()}
        sql = "SELECT stage, state, until IS NULL FROM stage_history WHERE opportunity = ? AND entered = 1 ORDER BY id"
        return [(names.get(stage, "?"), state, bool(now)) for stage, state, now in store.rows(sql, [int(record.id)])]

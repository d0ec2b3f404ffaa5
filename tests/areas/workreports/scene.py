"""What the tests of work reports set up: rules, reports, things done."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.workreports.records import ReportRule, WorkReport
from smallcrm.areas.workreports.rules import acts
from smallcrm.areas.workreports.rules.owing import Rule, in_force
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change
from smallcrm.records.record import Record
from tests.cast import Cast


class Office:
    """Makers of reports and of what they report."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.daily = self.rule(people=[cast.anna, cast.bob], name="Daily")

    def join(self) -> None:
        """Everybody has been here for two months."""
        with store.writing():
            store.run('UPDATE "user" SET created_at = ?', [clock.stamp()])
        cache.forget()

    def actor(self, part: str = "anna") -> Actor:
        return self.cast.actor(part)

    def rule(self, **values: Any) -> int:
        made = change.create(SYSTEM, ReportRule, {"name": "A rule", "kind": "daily", **values}, trusted=True)
        cache.current()
        return int(made.id)

    def change_rule(self, number: int, **values: Any) -> None:
        change.update(SYSTEM, access.find(SYSTEM, ReportRule, number), values, trusted=True)
        cache.current()

    def of(self, number: int) -> Rule:
        cache.current()
        return next(rule for rule in in_force() if rule.id == number)

    def write(self, part: str = "anna", day: str = "2026-03-02", kind: str = "daily", **values: Any) -> Record:
        given = {"kind": kind, "day": day, "done": "Rang everybody", **values}
        return change.create(self.actor(part), WorkReport, given)

    def hand_in(self, part: str = "anna", **values: Any) -> Record:
        return acts.hand_in(self.actor(part), self.write(part, **values))

    def done(self, part: str = "anna", **values: Any) -> int:
        owner = getattr(self.cast, part)
        given = {"kind": "call", "subject": "Called", "owner": owner, "done_at": clock.stamp(), **values}
        return int(change.create(SYSTEM, Activity, given, trusted=True).id)

    def customer(self, name: str = "Holroyd Tea", part: str = "anna") -> int:
        return int(change.create(SYSTEM, Customer, {"name": name, "owner": getattr(self.cast, part)}, trusted=True).id)

    def now(self, report: Record, part: str = "anna") -> Record:
        cache.current()
        return access.find(self.actor(part), WorkReport, int(report.id))

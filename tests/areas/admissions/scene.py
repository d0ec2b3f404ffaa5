"""A school: two intakes, the ready-made stages, students with applications that came as far as a test wants them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smallcrm import store
from smallcrm.areas.admissions.records import Document, Intake
from smallcrm.areas.admissions.rules import milestones
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, setting_up, stages
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, cache, change, settings
from smallcrm.records.record import Record, values
from tests.cast import Cast

NOW = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)


@contextmanager
def on() -> Iterator[None]:
    """With the clock on that Monday."""
    with clock.at(NOW):
        yield


def switch_on() -> None:
    """Make the open company a school, as set-up does."""
    with store.writing():
        settings.put(SYSTEM, {"company.preset": "education"})
        setting_up.make_first()
        milestones.begin()
    cache.current()


class School:
    """Makers, and what tests ask about what was made. ``stage`` is by milestone, and won, lost, invalid."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        switch_on()
        self.autumn = self.intake("Autumn 2027", "2027-09-01")
        self.next = self.intake("Autumn 2028", "2028-09-01")
        way = next(iter(stages.every().values()))
        self.pipeline = way.id
        told = dict(store.rows("SELECT milestone, id FROM stage WHERE milestone IS NOT NULL"))
        self.stage: dict[str, int] = {**told, **{kind: self._ending(kind) for kind in ("won", "lost", "invalid")}}

    def _ending(self, kind: str) -> int:
        way = next(iter(stages.every().values()))
        found = way.ending(kind)
        assert found is not None
        return found.id

    def actor(self, part: str = "anna") -> Actor:
        return self.cast.actor(part)

    def intake(self, name: str, first: str, **more: Any) -> int:
        return int(change.create(self.actor("owner"), Intake, {"name": name, "first_day": first, **more}).id)

    def document(self, name: str, **more: Any) -> int:
        return int(change.create(self.actor("owner"), Document, {"name": name, **more}).id)

    def student(self, name: str = "Maria Petrou", part: str = "anna", **more: Any) -> Record:
        return change.create(self.actor(part), Customer, {"name": name, "kind": "person", **more})

    def guardian(self, name: str, student: Record, part: str = "anna", **more: Any) -> Record:
        return change.create(self.actor(part), Contact, {"name": name, "customer": int(student.id), **more})

    def application(self, student: Record | None = None, *path: str, part: str = "anna", **more: Any) -> Record:
        """An application that goes through these stages one after the other."""
        record = student or self.student(part=part)
        given = {"customer": int(record.id), "intake": self.autumn, "stage": self.stage["inquiry"], **more}
        made = change.create(self.actor(part), Opportunity, {k: v for k, v in given.items() if v is not None})
        for step in path:
            made = self.move(made, step, part)
        return made

    def move(self, record: Record, step: str, part: str = "anna") -> Record:
        held = access.find(SYSTEM, Opportunity, int(record.id))
        more = {"close_reason": "chose another school"} if step == "lost" else {}
        return moving.move(self.actor(part), held, stage=self.stage[step], **more)

    def held(self, record: Record) -> dict[str, Any]:
        """The values as they stand now."""
        return values(access.find(SYSTEM, type(record), int(record.id)))

    def again(self, record: Record, part: str = "anna") -> Record:
        return access.find(self.actor(part), type(record), int(record.id))

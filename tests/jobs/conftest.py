"""What tests of jobs share: a folder, an empty registry, people and settings of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from smallcrm.base import clock
from smallcrm.jobs import directory, notices, registry, slots, stop, work  # noqa: F401  so that their tables exist
from smallcrm.jobs.directory import Person
from smallcrm.jobs.outbox import mail_lane, rows, settings
from smallcrm.store import blobs, snapshot
from tests.jobs.web import Web


class People:
    """A directory for tests."""

    def __init__(self) -> None:
        self.known: dict[int, Person] = {}

    def add(self, person: Person) -> Person:
        self.known[person.id] = person
        return person

    def lookup(self, user_id: int) -> Person | None:
        return self.known.get(user_id)

    def admins(self) -> Sequence[int]:
        return [min(self.known)] if self.known else []


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Nothing that one test registers or sets is left for the next."""
    kept, hooks, uses = dict(registry._jobs), list(snapshot.after_restore), list(blobs.uses)
    registry._jobs.clear()
    yield
    registry._jobs.clear()
    registry._jobs.update(kept)
    snapshot.after_restore[:], blobs.uses[:] = hooks, uses
    directory.register(None)
    settings.forget()
    stop.reset()
    mail_lane._pauses.clear()
    rows._owed.clear()
    clock.set_business_zone("UTC")


@pytest.fixture
def people(folder: Path) -> People:
    """Ann (1, English), 王芳 (2, Chinese), Νίκος (3, Greek), told by mail; 4 is nobody."""
    found = People()
    found.add(Person(1, "Ann Lee", "ann@office.example", "en", "UTC", {"": ["mail"]}))
    found.add(Person(2, "王芳", "fang@office.example", "zh", "UTC", {"": ["mail"], "quiet": []}))
    found.add(Person(3, "Νίκος Παπάς", "nikos@office.example", "el", "UTC", {}))
    directory.register(found)
    return found


@pytest.fixture
def web() -> Iterator[Web]:
    """An HTTP server on loopback."""
    found = Web()
    yield found
    found.close()

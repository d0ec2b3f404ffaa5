"""Short ways to make the records these tests speak of."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.customers.records import Contact, Customer, Relation
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change
from smallcrm.records.record import Record
from tests.cast import Cast


def customer(cast: Cast, name: str = "Acme", part: str = "anna", **values: Any) -> Record:
    """A customer of one of the cast."""
    return change.create(cast.actor(part), Customer, {"name": name, **values})


def contact(cast: Cast, at: Record | None, name: str = "Bob Miller", part: str = "anna", **values: Any) -> Record:
    """A contact made by one of the cast."""
    linked = {"customer": at.id} if at is not None else {}
    return change.create(cast.actor(part), Contact, {"name": name, **linked, **values})


def relation(cast: Cast, one: Record, kind: str, other: Record, part: str = "anna", **values: Any) -> Record:
    """A relation noted by one of the cast."""
    ends = {name: {"type": each.card.key, "id": int(each.id)} for name, each in (("source", one), ("target", other))}
    return change.create(cast.actor(part), Relation, {**ends, "kind": kind, **values})


def again(record: Record, actor: Actor = SYSTEM) -> Record:
    """The record as it stands now."""
    return access.find(actor, type(record), int(record.id), bin=True)


def amend(cast: Cast, record: Record, part: str = "anna", **values: Any) -> Record:
    """Change it as one of the cast."""
    return change.update(cast.actor(part), again(record), values)

"""Fields that no record holds and every filter knows all the same: the segment it is in, the products among its lines.

Whoever knows one registers it for a type or for all; it is made for the one who asks, and compares by its own condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smallcrm.identity.actor import Actor
from smallcrm.records.fields import Field, Link
from smallcrm.records.record import RecordType

Maker = Callable[[Actor, RecordType], Field | None]

_makers: dict[tuple[str, str], Maker] = {}


def register(key: str, name: str) -> Callable[[Maker], Maker]:
    """Make the field ``name`` of type ``key`` (``*``: of every type) known."""

    def keep(function: Maker) -> Maker:
        _makers[key, name] = function
        return function

    return keep


def find(actor: Actor, kind: RecordType, name: str) -> Field | None:
    """The computed field of that name, as this actor has it."""
    maker = _makers.get((kind.card.key, name)) or _makers.get(("*", name))
    made = maker(actor, kind) if maker else None
    return made.unbound(name) if made is not None else None


def instead(actor: Actor, kind: RecordType, name: str) -> Field | None:
    """The computed field that stands before the record's own of that name: all its products before the first one."""
    return find(actor, kind, name) if (kind.card.key, name) in _makers else None


def every(actor: Actor, kind: RecordType) -> dict[str, Field]:
    """All of a type's."""
    names = [name for key, name in _makers if key in (kind.card.key, "*")]
    found = {name: find(actor, kind, name) for name in names}
    return {name: each for name, each in found.items() if each is not None}


class Side(Link):
    """Links that a record's lines hold, kept as rows of a table of their own: one row for each line.

    ``amounts``: field of the record → column of the table that holds a line's part of it.
    """

    def __init__(
        self, label: Any, to: str, *, table: str, record: str, column: str, amounts: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(label, to, filter=True)
        self.operators = ("eq", "ne", "in", "not_in", "is_empty", "not_empty")
        self.table, self.record, self.holds = table, record, column
        self.amounts = dict(amounts or {})

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        rows = f'SELECT s."{self.record}" FROM "{self.table}" s WHERE s."{self.holds}"'
        if op in ("is_empty", "not_empty"):
            return f"{alias}.id {'NOT ' if op == 'is_empty' else ''}IN ({rows} IS NOT NULL)", []
        given = value if op in ("in", "not_in") and isinstance(value, list) else [value]
        wanted = [self.operand(each, actor) for each in given]
        marks = ", ".join("?" * len(wanted))
        return f"{alias}.id {'NOT ' if op in ('ne', 'not_in') else ''}IN ({rows} IN ({marks}))", wanted

"""Another way to narrow every report: a school looks at one intake. An area registers it; report pages offer it beside the people.

``condition`` gives the filter for records of a type; None where the type has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.fields import Link
from smallcrm.records.record import by_key


@dataclass(frozen=True)
class Slice:
    """``key`` stands in addresses. ``choices``: (value, name), empty where it is not offered. ``none``: what no choice is called."""

    key: str
    label: Label
    icon: str
    none: Label
    choices: Callable[[Actor], Sequence[tuple[int, str]]]
    field: str  # the link field that says it

    def condition(self, actor: Actor, kind_key: str, value: int) -> dict[str, Any] | None:
        """The records of a type that belong to ``value``: by their own field, else by their customer's."""
        path = self.path(actor, kind_key)
        return {"field": path, "op": "eq", "value": value} if path else None

    def path(self, actor: Actor, kind_key: str) -> str:
        """The field by which a type knows it; empty for none."""
        readable = access.readable(actor, by_key(kind_key))
        if self.field in readable:
            return self.field
        for name, each in readable.items():
            if isinstance(each, Link) and each.to == "customer" and name == "customer":
                return f"customer.{self.field}" if self.field in access.readable(actor, by_key("customer")) else ""
        return ""


_slices: list[Slice] = []


def register(made: Slice) -> Slice:
    """Offer it on every report page."""
    _slices.append(made)
    return made


def all() -> list[Slice]:
    """Every one, in the order in which they were registered."""
    return list(_slices)

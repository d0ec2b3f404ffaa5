"""The types whose records lie in pools: customers, and whatever another area adds with ``join``. One machinery for all.

A type that joins has ``owner``, ``pool``, ``owned_since``, ``previous_owner``, ``pool_reason``, ``recycle_on``, ``recycle_reason``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm.base.i18n import L, Label
from smallcrm.records.record import RecordType, by_key

Hook = Callable[[str], Any]


@dataclass(frozen=True)
class Joined:
    """A type in pools. ``fits`` says which of its records may lie in one, ``else_why`` why the others do not."""

    key: str
    fits: Callable[[Mapping[str, Any]], bool]
    else_why: Label
    held: str = "1"  # the condition under which one counts among those that somebody holds

    @property
    def kind(self) -> RecordType:
        """The type."""
        return by_key(self.key)


_joined: dict[str, Joined] = {}
_hooks: list[Hook] = []


def join(key: str, *, fits: Callable[[Mapping[str, Any]], bool], else_why: Label, held: str = "1") -> None:
    """Records of the type lie in pools from here on."""
    _joined[key] = Joined(key, fits, else_why, held)
    for hook in _hooks:
        hook(key)


def for_each(hook: Hook) -> Hook:
    """Call the function with every type that has joined, and with each that will."""
    _hooks.append(hook)
    for key in _joined:
        hook(key)
    return hook


def types() -> list[Joined]:
    """All of them, customers first."""
    return list(_joined.values())


def fits(kind: RecordType, values: Mapping[str, Any]) -> bool:
    """Whether a record with these values may lie in a pool."""
    found = _joined.get(kind.card.key)
    return found is not None and found.fits(values)


def else_why(kind: RecordType) -> Label:
    """Why one that does not fit lies in none."""
    return _joined[kind.card.key].else_why


def is_customer(values: Mapping[str, Any]) -> bool:
    """Whether it is one's customer (perhaps among other roles): only those lie in pools."""
    return "customer" in (values.get("roles") or ())


def held(kind: RecordType) -> str:
    """The condition under which a record counts among those that somebody holds."""
    found = _joined.get(kind.card.key)
    return found.held if found is not None else "1"


join(
    "customer",
    fits=is_customer,
    else_why=L("Only who is a customer of yours lies in a pool."),
    held="roles LIKE '%\"customer\"%'",
)

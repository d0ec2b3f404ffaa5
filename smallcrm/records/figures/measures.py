"""What a figure measures: counts, sums, averages of a field, and rates that an area registers by their formula.

Every measure is a few SQL aggregates (its parts) and how they are put together, so that totals are made from the groups'
parts and not from rounded results. A divisor of 0 gives None, which is shown as a dash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.fields import Field, Money
from smallcrm.records.figures.groups import Group
from smallcrm.records.record import RecordType

Value = int | Decimal | None
Combine = Callable[[Sequence[Any]], Value]


@dataclass(frozen=True)
class Part:
    """One SQL aggregate over the rows (alias ``t``) and how two groups' results become one: add, min, max, list, or ``""``
    where only asking again tells (distinct)."""

    sql: str
    merge: str = "add"


@dataclass(frozen=True)
class Measure:
    """``unit``: count, money (minor units of the company's currency), number (with ``places``), percent, days."""

    key: str
    label: Label
    parts: tuple[Part, ...]
    combine: Combine
    unit: str = "count"
    places: int = 0
    about: str = ""  # a registered one's type
    base: Any = None  # a filter that always goes with it
    how: Label = ""
    money: Money | None = None  # the amount whose rows without a rate are told
    counted: str = "1"  # SQL: of which of them
    joins: str = ""
    more_is_better: bool = True
    present: Callable[[], bool] | None = None  # whether this kind of company has it


AGGREGATES: dict[str, Label] = {
    "sum": L("Sum"), "avg": L("Average"), "min": L("Smallest"), "max": L("Largest"), "distinct": L("How many different"),
}  # fmt: skip
_registered: dict[tuple[str, str], Callable[[], Measure]] = {}


def register(measure: Measure) -> Measure:
    """Make a measure of a type (``about``) known under its key."""
    _registered[measure.about, measure.key] = lambda: measure
    return measure


def registered(about: str, key: str) -> Callable[[Callable[[], Measure]], Callable[[], Measure]]:
    """The same for a measure that is made anew each time, because its SQL speaks of today."""

    def keep(function: Callable[[], Measure]) -> Callable[[], Measure]:
        _registered[about, key] = function
        return function

    return keep


def first(parts: Sequence[Any]) -> Value:
    """The first part as it is."""
    return parts[0]


def count(parts: Sequence[Any]) -> Value:
    """The first part; nothing is 0."""
    return parts[0] or 0


def ratio(parts: Sequence[Any]) -> Value:
    """First ÷ second; nothing where the second is 0."""
    return divided(parts[0] or 0, parts[1] or 0)


def share(parts: Sequence[Any]) -> Value:
    """First ÷ second in percent, two decimals half up."""
    found = divided((parts[0] or 0) * 100, parts[1] or 0)
    return None if found is None else rounded(found, 2)


def divided(a: int | Decimal, b: int | Decimal) -> Decimal | None:
    """a ÷ b; None where b is 0."""
    return Decimal(a) / Decimal(b) if b else None


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def median(parts: Sequence[Any]) -> Value:
    """The middle of a JSON list, of its two middles the mean; empty ones do not count."""
    held = sorted(
        each for each in (json.loads(parts[0]) if isinstance(parts[0], str) else parts[0] or ()) if each is not None
    )
    if not held:
        return None
    middle = len(held) // 2
    return Decimal(held[middle]) if len(held) % 2 else (Decimal(held[middle - 1]) + Decimal(held[middle])) / 2


COUNT = Measure("count", L("Number of records"), (Part("count(*)"),), count)


def _present(made: Measure) -> bool:
    return made.present is None or made.present()


def find(actor: Actor, kind: RecordType, key: str, groups: Sequence[Group] = ()) -> Measure:
    """The measure of that key. Raises BadRequest."""
    sides = [group for group in groups if group.side is not None]
    if key in ("", "count"):
        return COUNT if not sides else Measure("count", COUNT.label, (Part("count(DISTINCT t.id)", ""),), count)
    held = _registered.get((kind.card.key, key))
    if held is not None and _present(made := held()):
        return made
    how, _, name = key.partition(":")
    found = access.readable(actor, kind).get(name)
    if how not in AGGREGATES or found is None or not measurable(found, how):
        raise BadRequest(L("“%(measure)s” cannot be measured here.", measure=key[:60]))
    expression = found.filter_expr("t")
    for group in sides:
        column = group.side.amounts.get(name) if group.side else None
        if column is not None:
            expression = f'{group.key.partition(".")[0]}."{column}"'
    return _of_field(kind, name, found, how, expression)


def _of_field(kind: RecordType, name: str, found: Field, how: str, expression: str) -> Measure:
    label = L("%(how)s: %(field)s", how=AGGREGATES[how], field=labels.field(kind, name))
    money = found if isinstance(found, Money) else None
    unit, places = ("money", 0) if money else ("number", int(getattr(found, "places", 0)))
    if how == "distinct":
        return Measure(f"{how}:{name}", label, (Part(f"count(DISTINCT {expression})", ""),), count)
    if how == "avg":
        both = (Part(f"sum({expression})"), Part(f"count({expression})"))
        return Measure(f"{how}:{name}", label, both, ratio, unit, places, money=money)
    parts = (Part(f"{how}({expression})", "add" if how == "sum" else how),)
    return Measure(f"{how}:{name}", label, parts, count if how == "sum" else first, unit, places, money=money)


def measurable(found: Field, how: str) -> bool:
    """Whether a field can be measured so."""
    return (how == "distinct" and not found.is_list and found.kind in ("link", "text", "choice")) or found.numeric


def offered(actor: Actor, kind: RecordType) -> list[tuple[str, str]]:
    """(key, label) of every measure of a type."""
    found = [("count", str(COUNT.label))]
    for (about, key), make in _registered.items():
        if about == kind.card.key and _present(made := make()):
            found.append((key, str(made.label)))
    for name, each in access.readable(actor, kind).items():
        label = labels.field(kind, name)
        found += [
            (f"{how}:{name}", str(L("%(how)s: %(field)s", how=words, field=label)))
            for how, words in AGGREGATES.items()
            if measurable(each, how)
        ]
    return found


_MERGES: dict[str, Callable[[list[Any]], Any]] = {"add": sum, "min": min, "max": max}


def merged(measure: Measure, several: Sequence[Sequence[Any]]) -> list[Any] | None:
    """The parts of all groups together; None where they do not add up."""
    if any(not part.merge for part in measure.parts):
        return None
    found: list[Any] = []
    for place, part in enumerate(measure.parts):
        held = [parts[place] for parts in several if parts[place] is not None]
        if part.merge == "list":
            found.append([each for text in held for each in (json.loads(text) if isinstance(text, str) else text)])
        elif not held:
            found.append(None)
        else:
            found.append(_MERGES[part.merge](held))
    return found

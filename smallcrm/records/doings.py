"""What somebody did in a period, and what they have planned, told by whoever knows: calls, visits, orders won, money received.

Areas register lines; a report of somebody's work asks for all of them. The kernel knows none of the businesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smallcrm.base.i18n import Label

DONE, PLANNED = "done", "planned"


@dataclass(frozen=True)
class Doing:
    """What one line says of somebody's period. ``records``: (type, id), the first of them; ``amount`` in the company's currency."""

    count: int = 0
    minutes: int = 0
    amount: int | None = None
    records: Sequence[tuple[str, int]] = ()


Look = Callable[[int, str, str], Doing]  # (user, from, until) as stored moments, until excluded


@dataclass(frozen=True)
class Line:
    """One line: under which key it is kept, what it is called, who looks it up."""

    key: str
    label: Label
    icon: str
    look: Look
    tense: str = DONE
    order: int = 50


_lines: dict[str, Line] = {}


def line(key: str, label: Label, icon: str = "", *, tense: str = DONE, order: int = 50) -> Callable[[Look], Look]:
    """Register a line."""

    def keep(function: Look) -> Look:
        _lines[key] = Line(key, label, icon, function, tense, order)
        return function

    return keep


def lines(tense: str = DONE) -> list[Line]:
    """Every line of a tense, in order."""
    return sorted((each for each in _lines.values() if each.tense == tense), key=lambda each: (each.order, each.key))


def named(key: str) -> Line | None:
    """The line of that key; None where the area that had it is gone."""
    return _lines.get(key)

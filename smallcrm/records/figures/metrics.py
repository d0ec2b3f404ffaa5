"""What targets are set for: won value, new customers, visits. An area registers what it can count per person and day.

``count(people, first, last)`` gives (person, month) → amount, for all people where ``people`` is None. A target stands for a
metric whose area is there; metrics nobody counts are not offered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from smallcrm.base.i18n import Label

Counted = Mapping[
    tuple[int, str], int
]  # (user, "2026-03") → amount: minor units for money, hundredths for deals, else a count
Counter = Callable[[Sequence[int] | None, dt.date, dt.date], Counted]


@dataclass(frozen=True)
class Metric:
    """``unit``: money (minor units of the company's currency) or count; ``places``: decimals of a count (shared deals)."""

    key: str
    label: Label
    count: Counter
    unit: str = "count"
    places: int = 0
    how: Label = ""
    order: int = 50
    expected: Counter | None = None  # what is still expected in the rest of a period, for its forecast
    without: Callable[[Sequence[int] | None, dt.date, dt.date], int] | None = None  # amounts that no rate gives a value


_metrics: dict[str, Metric] = {}


def register(metric: Metric) -> Metric:
    """Make a metric known."""
    _metrics[metric.key] = metric
    return metric


def all() -> list[Metric]:
    """Every metric, in order."""
    return sorted(_metrics.values(), key=lambda each: each.order)


def find(key: str) -> Metric | None:
    """The metric of that key."""
    return _metrics.get(key)

"""How far a target is reached: achievement, what was to be expected until today, run rate, forecast. Exact, half up, no rounding
in between; nothing is divided by nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from smallcrm.base import clock
from smallcrm.records.figures.periods import DAY, Span

Number = Decimal | None


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Rounded half up."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def achievement(actual: Decimal, target: Number) -> Number:
    """actual × 100 ÷ target, two decimals; None without a target."""
    return half_up(actual * 100 / target) if target else None


@dataclass(frozen=True)
class Days:
    """Working days of a period: all, and those until today."""

    all: int
    gone: int

    @property
    def left(self) -> int:
        """Those after today."""
        return self.all - self.gone


def working_days(span: Span, is_working: Callable[[dt.date], bool], today: dt.date | None = None) -> Days:
    """Counted by the business's calendar; today counts as gone."""
    now = today or clock.today()
    day, total, gone = span[0], 0, 0
    while day <= span[1]:
        if is_working(day):
            total += 1
            gone += day <= now
        day += DAY
    return Days(total, gone)


@dataclass(frozen=True)
class Progress:
    """A target and how it stands. Numbers in the metric's whole units."""

    target: Number
    actual: Decimal
    days: Days
    coming: Decimal | None = None  # what is still expected, where the metric tells

    @property
    def reached(self) -> Number:
        """In percent."""
        return achievement(self.actual, self.target)

    @property
    def gap(self) -> Number:
        """target − actual; below zero where there is more than was asked."""
        return None if self.target is None else self.target - self.actual

    @property
    def expected(self) -> Number:
        """What was to be reached until today: target × working days gone ÷ all."""
        if self.target is None or not self.days.all:
            return None
        return self.target * self.days.gone / self.days.all

    @property
    def run_rate(self) -> Number:
        """Where the pace so far leads: actual ÷ days gone × all."""
        return self.actual / self.days.gone * self.days.all if self.days.gone else None

    @property
    def forecast(self) -> Number:
        """At the period's end: what is there and what is still expected, else by the pace so far."""
        return self.actual + self.coming if self.coming is not None else self.run_rate

    @property
    def behind(self) -> bool:
        """Whether less is there than was to be expected."""
        return self.expected is not None and self.actual < self.expected

"""The formulas of targets: exact, half up, a dash where there is nothing to divide by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.targets.rules.progress import Days, Progress, achievement, half_up, working_days

AMOUNTS = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("actual", "target", "wanted"),
    [("1", "3", "33.33"), ("2", "3", "66.67"), ("1", "8", "12.50"), ("0.00125", "1", "0.13"), ("0", "5", "0.00"), ("7", "0", None), ("7", None, None)],
)  # fmt: skip
def test_achievement(actual: str, target: str | None, wanted: str | None) -> None:
    found = achievement(Decimal(actual), None if target is None else Decimal(target))
    assert found == (None if wanted is None else Decimal(wanted))


def test_working_days() -> None:
    """November 2026 has 21 working days; on Wednesday the 18th 13 are gone, that day among them."""
    span = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert working_days(span, lambda day: day.weekday() < 5, dt.date(2026, 11, 18)) == Days(21, 13)
    assert working_days(span, lambda day: day.weekday() < 5, dt.date(2026, 10, 31)) == Days(21, 0)
    assert working_days(span, lambda day: day.weekday() < 5, dt.date(2027, 1, 1)) == Days(21, 21)
    assert working_days(span, lambda _day: False, dt.date(2026, 11, 18)) == Days(0, 0)


def test_on_the_way() -> None:
    at = Progress(Decimal(21_000), Decimal(6_500), Days(21, 13), Decimal(4_000))
    assert at.reached == Decimal("30.95")
    assert at.gap == Decimal(14_500)
    assert at.expected == Decimal(13_000)
    assert at.run_rate == Decimal(10_500)
    assert at.forecast == Decimal(10_500)  # there and coming
    assert at.behind


def test_before_the_first_day_and_without_a_target() -> None:
    at = Progress(None, Decimal(5), Days(20, 0))
    assert (at.reached, at.gap, at.expected, at.run_rate, at.forecast, at.behind) == (
        None,
        None,
        None,
        None,
        None,
        False,
    )
    assert Progress(Decimal(10), Decimal(0), Days(0, 0)).expected is None


@given(AMOUNTS, AMOUNTS.filter(lambda each: each > 0), st.integers(1, 300), st.data())
def test_they_hold_together(actual: Decimal, target: Decimal, days: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, days))
    at = Progress(target, actual, Days(days, gone))
    assert at.gap is not None
    assert at.gap + actual == target
    assert at.expected is not None
    assert at.expected <= target
    assert at.run_rate is not None
    assert at.run_rate >= actual or abs(at.run_rate - actual) < Decimal("0.01")
    assert at.reached == half_up(actual * 100 / target)
    if gone == days:
        assert abs(at.expected - target) < Decimal("0.0001")

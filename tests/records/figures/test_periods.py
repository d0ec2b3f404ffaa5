"""Periods, what they are compared with, and their buckets."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import clock
from smallcrm.base.errors import BadRequest
from smallcrm.records.figures import periods

NOW = dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2150, 1, 1))


def span(period: str) -> tuple[str, str]:
    with clock.at(NOW):
        found = periods.span(period)
    assert found
    return found[0].isoformat(), found[1].isoformat()


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", "2026-11-18", "2026-11-18"), ("yesterday", "2026-11-17", "2026-11-17"), ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"), ("this_month", "2026-11-01", "2026-11-30"), ("last_month", "2026-10-01", "2026-10-31"),
        ("next_month", "2026-12-01", "2026-12-31"), ("this_quarter", "2026-10-01", "2026-12-31"), ("last_quarter", "2026-07-01", "2026-09-30"),
        ("next_quarter", "2027-01-01", "2027-03-31"), ("this_year", "2026-01-01", "2026-12-31"), ("last_year", "2025-01-01", "2025-12-31"),
        ("last_7_days", "2026-11-12", "2026-11-18"), ("last_12_months", "2025-12-01", "2026-11-30"),
        ("this_and_last_year", "2025-01-01", "2026-12-31"), ("2026-02-03..2026-02-04", "2026-02-03", "2026-02-04"),
    ],
)  # fmt: skip
def test_words(period: str, first: str, last: str) -> None:
    assert span(period) == (first, last)


def test_every_word_is_known() -> None:
    for word in periods.WORDS:
        first, last = span(word)
        assert first <= last


@pytest.mark.parametrize(
    "period",
    [
        "soon",
        "last_century",
        "this_week_days",
        "..",
        "2026-01-01..",
        "2026-02-30..2026-03-01",
        "2026-03-02..2026-03-01",
        "1000-01-01..2000-01-01",
        "x_days",
    ],
)
def test_what_is_none(period: str) -> None:
    with pytest.raises(BadRequest):
        periods.span(period)


@pytest.mark.parametrize(
    ("first", "last", "how", "wanted"),
    [
        ("2026-03-01", "2026-03-31", "previous", ("2026-02-01", "2026-02-28")), ("2026-01-01", "2026-03-31", "previous", ("2025-10-01", "2025-12-31")),
        ("2024-02-01", "2024-02-29", "year", ("2023-02-01", "2023-02-28")), ("2025-02-01", "2025-02-28", "year", ("2024-02-01", "2024-02-29")),
        ("2026-11-16", "2026-11-22", "year", ("2025-11-17", "2025-11-23")), ("2026-11-16", "2026-11-22", "previous", ("2026-11-09", "2026-11-15")),
        ("2026-11-03", "2026-11-05", "previous", ("2026-10-31", "2026-11-02")), ("2024-02-29", "2024-03-02", "year", ("2023-02-28", "2023-03-02")),
    ],
)  # fmt: skip
def test_compared(first: str, last: str, how: str, wanted: tuple[str, str]) -> None:
    found = periods.compared((dt.date.fromisoformat(first), dt.date.fromisoformat(last)), how)
    assert (found[0].isoformat(), found[1].isoformat()) == wanted


@given(DAYS, st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_a_day_lies_in_its_bucket(day: dt.date, width: str) -> None:
    first, last = periods.span_of(periods.bucket_of(day, width), width)
    assert first <= day <= last
    assert periods.bucket_of(first, width) == periods.bucket_of(last, width)
    assert periods.bucket_of(last + periods.DAY, width) != periods.bucket_of(day, width)


@given(DAYS, st.integers(0, 500), st.sampled_from(["previous", "year"]))
def test_what_is_compared_lies_before(day: dt.date, length: int, how: str) -> None:
    here = (day, day + periods.DAY * length)
    first, last = periods.compared(here, how)
    assert first <= last
    assert first < here[0]
    if how == "previous":
        assert last == here[0] - periods.DAY


@given(DAYS, st.integers(0, 700), st.sampled_from(["week", "month", "quarter", "year"]))
def test_buckets_cover_without_a_gap(day: dt.date, length: int, width: str) -> None:
    here = (day, day + periods.DAY * length)
    spans = [periods.span_of(name, width) for name in periods.buckets(here, width)]
    assert spans[0][0] <= here[0]
    assert spans[-1][1] >= here[1]
    assert all(a[1] + periods.DAY == b[0] for a, b in itertools.pairwise(spans))

"""Days begin where the business is; a clock change moves none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import clock


@pytest.fixture(autouse=True)
def _zone_again() -> Iterator[None]:
    kept = clock.business_zone()
    yield
    clock.set_business_zone(kept.key)


def test_today_is_the_business_day() -> None:
    late = dt.datetime(2026, 3, 4, 17, 30, tzinfo=dt.UTC)
    with clock.at(late):
        clock.set_business_zone("Asia/Shanghai")
        assert clock.today() == dt.date(2026, 3, 5)
        clock.set_business_zone("America/New_York")
        assert clock.today() == dt.date(2026, 3, 4)


def test_today_follows_the_zone_while_the_real_clock_runs() -> None:
    clock.set_business_zone("Pacific/Kiritimati")  # fourteen hours ahead
    east = clock.today()
    clock.set_business_zone("Pacific/Pago_Pago")  # eleven behind
    assert east - clock.today() in (dt.timedelta(days=1), dt.timedelta(days=2))


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1)), st.sampled_from(["Europe/Athens", "America/Santiago", "UTC"])
)
def test_a_day_begins_once(day: dt.date, zone: str) -> None:
    clock.set_business_zone(zone)
    start = clock.start_of(day)
    assert clock.day_of(start) == day
    assert clock.day_of(start - dt.timedelta(milliseconds=1)) == day - dt.timedelta(days=1)


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)))
def test_moments_are_kept_to_the_millisecond_and_sort_as_text(moment: dt.datetime) -> None:
    text = clock.iso(moment)
    assert clock.moment(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert clock.iso(moment + dt.timedelta(seconds=1)) > text


def test_a_zone_of_no_name_is_utc() -> None:
    clock.set_business_zone("Mars/Olympus")
    assert clock.business_zone().key == "UTC"

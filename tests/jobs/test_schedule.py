"""Slots: each local day once, whatever the clocks do."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smallcrm.base import clock, i18n
from smallcrm.jobs import schedule
from smallcrm.jobs.schedule import Daily, Every, Monthly, Schedule, Weekly

UTC = dt.UTC


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots_between(timing: Schedule, start: dt.datetime, end: dt.datetime, step: dt.timedelta) -> list[str]:
    """The slots in the order in which they begin, each as often as it begins."""
    found = [timing.slot(start)]
    while (start := start + step) < end:
        if (now := timing.slot(start)) != found[-1]:
            found.append(now)
    return found[1:]


# Skipped and doubled hours, an hour that crosses midnight in both directions, a day that never was.
CHANGES = [
    ("Europe/Berlin", "2026-03-27", "2026-04-01"),
    ("Europe/Berlin", "2026-10-23", "2026-10-28"),
    ("Asia/Shanghai", "2026-03-27", "2026-04-01"),
    ("America/St_Johns", "2026-03-06", "2026-03-11"),
    ("America/St_Johns", "2026-10-30", "2026-11-04"),
    ("America/St_Johns", "2010-11-05", "2010-11-10"),  # 00:01 became 23:01 of the day before
    ("America/Scoresbysund", "2025-03-27", "2025-04-02"),  # 23:00 became midnight
    ("America/Sao_Paulo", "2018-11-02", "2018-11-07"),  # midnight became 01:00
    ("America/Havana", "2026-10-30", "2026-11-04"),
    ("Pacific/Apia", "2011-12-28", "2012-01-03"),  # no 30 December
    ("Australia/Lord_Howe", "2026-04-03", "2026-04-08"),
]


@pytest.mark.parametrize(("zone", "first", "last"), CHANGES)
@pytest.mark.parametrize(
    "time", ["00:00", "00:01", "00:30", "01:30", "02:00", "02:30", "03:00", "12:00", "23:15", "23:59"]
)
def test_each_local_day_has_exactly_one_slot(zone: str, first: str, last: str, time: str) -> None:
    clock.set_business_zone(zone)
    start = clock.start_of(dt.date.fromisoformat(first))
    end = clock.start_of(dt.date.fromisoformat(last))
    here = ZoneInfo(zone)
    quarters = range(int((end - start).total_seconds() // 900) + 1)
    lived = {(start + dt.timedelta(minutes=15 * q)).astimezone(here).date().isoformat() for q in quarters}
    began = slots_between(
        Daily(time), start - dt.timedelta(hours=36), end + dt.timedelta(hours=36), dt.timedelta(minutes=5)
    )
    assert len(began) == len(set(began)), "no slot begins twice"
    inside = [slot for slot in began if first <= slot < last]
    assert inside == sorted(lived - {last})


def test_apia_left_out_a_day() -> None:
    clock.set_business_zone("Pacific/Apia")
    timing = Daily("00:30")
    assert timing.slot(utc("2011-12-30T09:00:00")) == "2011-12-29"
    assert timing.slot(utc("2011-12-30T10:31:00")) == "2011-12-31"
    assert timing.next(utc("2011-12-30T09:00:00")) == utc("2011-12-30T10:30:00")


def test_a_skipped_time_runs_after_the_change_and_a_doubled_one_the_first_time() -> None:
    clock.set_business_zone("Europe/Berlin")
    timing = Daily("02:30")
    assert timing.began(utc("2026-03-29T12:00:00")) == utc("2026-03-29T01:30:00")  # 03:30 summer time
    assert timing.began(utc("2026-10-25T12:00:00")) == utc("2026-10-25T00:30:00")  # the first 02:30
    assert timing.next(utc("2026-10-25T00:30:00")) == utc("2026-10-26T01:30:00")


@pytest.mark.parametrize(
    ("timing", "now", "slot", "began", "next_"),
    [
        (Every(5), "2026-11-21T08:30:07.900000", "2026-11-21T08:30:05Z", "2026-11-21T08:30:05", "2026-11-21T08:30:10"),
        (Every(60), "2026-11-21T08:30:00", "2026-11-21T08:30:00Z", "2026-11-21T08:30:00", "2026-11-21T08:31:00"),
        (Every(900), "2026-11-21T08:29:59", "2026-11-21T08:15:00Z", "2026-11-21T08:15:00", "2026-11-21T08:30:00"),
        (Daily("00:30"), "2026-11-21T00:29:59", "2026-11-20", "2026-11-20T00:30:00", "2026-11-21T00:30:00"),
        (Daily("00:30"), "2026-11-21T00:30:00", "2026-11-21", "2026-11-21T00:30:00", "2026-11-22T00:30:00"),
        (Weekly(0, "02:00"), "2026-11-21T12:00:00", "2026-W47", "2026-11-16T02:00:00", "2026-11-23T02:00:00"),
        (Weekly(6, "02:00"), "2026-11-21T12:00:00", "2026-W46", "2026-11-15T02:00:00", "2026-11-22T02:00:00"),
        (Weekly(4, "02:00"), "2027-01-02T12:00:00", "2026-W53", "2027-01-01T02:00:00", "2027-01-08T02:00:00"),
        (Monthly(1, "03:00"), "2026-11-01T02:59:00", "2026-10", "2026-10-01T03:00:00", "2026-11-01T03:00:00"),
        (Monthly(31, "03:00"), "2026-11-30T03:00:00", "2026-11", "2026-11-30T03:00:00", "2026-12-31T03:00:00"),
        (Monthly(30, "03:00"), "2028-03-01T00:00:00", "2028-02", "2028-02-29T03:00:00", "2028-03-30T03:00:00"),
    ],
)  # fmt: skip
def test_slots_and_their_borders(timing: Schedule, now: str, slot: str, began: str, next_: str) -> None:
    assert timing.slot(utc(now)) == slot
    assert timing.began(utc(now)) == utc(began)
    assert timing.next(utc(now)) == utc(next_)


def test_moving_the_weekday_makes_no_second_run_in_a_week() -> None:
    tuesday = utc("2026-11-17T12:00:00")
    assert Weekly(0, "02:00").slot(tuesday) == "2026-W47"
    assert Weekly(2, "02:00").slot(tuesday) == "2026-W46"  # ran last week
    assert Weekly(2, "02:00").slot(utc("2026-11-18T12:00:00")) == "2026-W47"  # ran on Monday


TIMINGS = st.one_of(
    st.integers(1, 10_000).map(lambda n: Every(seconds=n)),
    st.times().map(lambda t: Daily(f"{t:%H:%M}")),
    st.tuples(st.integers(0, 6), st.times()).map(lambda p: Weekly(p[0], f"{p[1]:%H:%M}")),
    st.tuples(st.integers(1, 31), st.times()).map(lambda p: Monthly(p[0], f"{p[1]:%H:%M}")),
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "America/Scoresbysund"]
)
MOMENTS = st.datetimes(dt.datetime(2005, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(UTC))


@settings(deadline=None)
@given(TIMINGS, ZONES, MOMENTS)
def test_a_slot_lasts_until_the_next_begins(timing: Schedule, zone: str, now: dt.datetime) -> None:
    clock.set_business_zone(zone)
    began, following = timing.began(now), timing.next(now)
    assert began <= now < following
    assert timing.slot(began) == timing.slot(now) == timing.slot(following - dt.timedelta(seconds=1))
    assert timing.slot(following) != timing.slot(now)
    assert timing.began(following) == following
    assert schedule.parse(str(timing)) == timing


@pytest.mark.parametrize(
    "text", ["", "every", "every 0s", "every 5", "daily", "daily 24:00", "daily 7", "daily ٣:00", "weekly 7 02:00",
             "weekly mon 02:00", "monthly 0 03:00", "monthly 32 03:00", "daily 00:30 x", "hourly"],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        schedule.parse(text)


def test_words() -> None:
    said = [t.words() for t in (Every(seconds=1), Every(seconds=90), Every(minutes=1), Every(minutes=5), Daily("7:05"))]
    assert said == ["every second", "every 90 seconds", "every minute", "every 5 minutes", "daily at 07:05"]
    assert Weekly(0, "02:00").words() == "every Monday at 02:00"
    assert Monthly(1, "03:00").words() == "on day 1 of each month at 03:00"
    with i18n.speaking("zh"):
        assert "星期一" in Weekly(0, "02:00").words()

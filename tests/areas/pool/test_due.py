"""The last day: worked examples, every exemption, and what must hold whatever the dates, zones and rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.pool.rules import pools
from smallcrm.areas.pool.rules.due import Due, Facts, by_rules, due
from smallcrm.areas.pool.rules.refresh import _Days
from smallcrm.base import clock

MARCH = dt.date(2026, 3, 1)


def rules(**values: Any) -> pools.Rules:
    """Rules of a pool that exempts nothing by itself."""
    return pools.of_values({"id": 1, "enabled": 1, "exempt_won": 0, "exempt_open_business": 0, **values})


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("values", "facts", "expected"),
    [
        # a follow-up counts from its day, but not from before the record was obtained
        ({"days_without_follow_up": 30}, {}, Due(on("2026-03-31"), "follow_up")),
        ({"days_without_follow_up": 30}, {"followed_on": on("2026-03-10")}, Due(on("2026-04-09"), "follow_up")),
        ({"days_without_follow_up": 30}, {"followed_on": on("2025-12-01")}, Due(on("2026-03-31"), "follow_up")),
        # by grade: its own number, the general one without, 0 is never
        ({"days_without_follow_up": 30, "days_by_grade": {"A": 60}}, {"grade": "A"}, Due(on("2026-04-30"), "follow_up")),
        ({"days_without_follow_up": 30, "days_by_grade": {"A": 60}}, {"grade": "B"}, Due(on("2026-03-31"), "follow_up")),
        ({"days_without_follow_up": 30, "days_by_grade": {"A": 0}}, {"grade": "A"}, Due()),
        ({"days_by_grade": {"A": 60}}, {"grade": None}, Due()),
        # the earliest of several
        ({"days_without_follow_up": 30, "days_without_deal": 20}, {}, Due(on("2026-03-21"), "deal")),
        ({"days_without_deal": 20}, {"deal_on": on("2020-01-01")}, Due()),
        ({"days_without_opportunity": 10}, {}, Due(on("2026-03-11"), "opportunity")),
        ({"days_without_opportunity": 10}, {"opportunity_on": on("2026-02-28")}, Due(on("2026-03-11"), "opportunity")),
        ({"days_without_opportunity": 10}, {"opportunity_on": on("2026-03-01")}, Due()),
        ({"days_without_opportunity": 10}, {"opportunity_open": True, "opportunity_on": on("2025-01-01")}, Due()),
        # never longer than so long, whatever is done
        ({"days_without_follow_up": 30, "longest_days": 40}, {"followed_on": on("2026-04-05")}, Due(on("2026-04-10"), "longest")),
        # never sooner than the protection or a lock lets it
        ({"days_without_follow_up": 5, "protection_days": 20}, {}, Due(on("2026-03-21"), "follow_up")),
        ({"days_without_follow_up": 5}, {"locked": True, "locked_until": on("2026-03-15")}, Due(on("2026-03-15"), "follow_up")),
        ({"days_without_follow_up": 5}, {"locked": True}, Due(kept="locked")),
        # exemptions, where they are on
        ({"days_without_follow_up": 5, "exempt_won": 1}, {"deal_on": MARCH}, Due(kept="won")),
        ({"days_without_follow_up": 5}, {"deal_on": MARCH}, Due(on("2026-03-06"), "follow_up")),
        ({"days_without_follow_up": 5, "exempt_open_business": 1}, {"open_business": True}, Due(kept="open")),
        ({"days_without_follow_up": 5}, {"open_business": True}, Due(on("2026-03-06"), "follow_up")),
        ({"days_without_follow_up": 5, "exempt_tags": ["Key", "VIP"]}, {"tags": frozenset({"vip"})}, Due(kept="tag")),
        # the owner is gone: at once, deal or not; a lock without end holds even then
        ({"inactive_owner": "pool", "exempt_won": 1}, {"owner_active": False, "deal_on": MARCH, "gone_on": on("2026-05-01")},
         Due(on("2026-05-01"), "owner")),
        ({"inactive_owner": "pool"}, {"owner_active": False, "locked": True}, Due(kept="locked")),
        ({"inactive_owner": "stay", "days_without_follow_up": 5}, {"owner_active": False}, Due(on("2026-03-06"), "follow_up")),
        ({}, {}, Due()),
    ],
)  # fmt: skip
def test_examples(values: dict[str, Any], facts: dict[str, Any], expected: Due) -> None:
    assert due(rules(**values), Facts(MARCH, **facts)) == expected


DATES = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
DAYS = st.integers(0, 400)
RULES = st.builds(
    lambda follow, deal, opportunity, grades, longest, protection: rules(
        days_without_follow_up=follow, days_without_deal=deal, days_without_opportunity=opportunity, days_by_grade=grades,
        longest_days=longest, protection_days=protection, exempt_won=1, exempt_open_business=1, exempt_tags=["key"],
    ),
    DAYS, DAYS, DAYS, st.dictionaries(st.sampled_from("ABC"), DAYS), DAYS, DAYS,
)  # fmt: skip
FACTS = st.builds(
    Facts,
    owned_on=DATES,
    grade=st.sampled_from(["A", "B", "C", None]),
    followed_on=st.none() | DATES,
    deal_on=st.none() | DATES,
    opportunity_on=st.none() | DATES,
    opportunity_open=st.booleans(),
    open_business=st.booleans(),
    tags=st.frozensets(st.sampled_from(["key", "other"])),
    locked=st.booleans(),
    locked_until=st.none() | DATES,
)


@given(RULES, FACTS)
def test_never_before_it_was_obtained_and_the_longest_holds(pool: pools.Rules, facts: Facts) -> None:
    """Nothing falls in on the day it is obtained; the longest time is the border, but for lock and protection."""
    found = due(pool, facts)
    plain = by_rules(pool, facts)
    if found.day is not None:
        assert found.day > facts.owned_on
        assert plain.day is not None
        assert found.day >= plain.day
        assert not found.kept
        longest = pool.number("longest_days")
        if longest:
            assert plain.day <= facts.owned_on + dt.timedelta(days=longest)
    else:
        assert found.kept or plain.day is None


@given(RULES, FACTS, st.integers(1, 60))
def test_a_later_follow_up_never_brings_it_nearer(pool: pools.Rules, facts: Facts, later: int) -> None:
    """The more is done, the longer it stays."""
    first = due(pool, facts)
    start = facts.followed_on or facts.owned_on
    second = due(pool, replace(facts, followed_on=start + dt.timedelta(days=later)))
    assert (first.day is None) == (second.day is None)
    if first.day and second.day:
        assert second.day >= first.day


@given(RULES, FACTS, st.sampled_from(["locked", "deal", "business", "tag"]))
def test_an_exemption_only_ever_keeps(pool: pools.Rules, facts: Facts, what: str) -> None:
    more = {
        "locked": {"locked": True, "locked_until": None}, "deal": {"deal_on": MARCH}, "business": {"open_business": True},
        "tag": {"tags": frozenset({"key"})},
    }[what]  # fmt: skip
    assert due(pool, replace(facts, **more)).day is None


@given(RULES, FACTS, st.integers(0, 400))
def test_moving_everything_by_some_days_moves_the_last_day_by_as_many(pool: pools.Rules, facts: Facts, n: int) -> None:
    """Calendar days: no month's end, leap day or clock change makes a difference."""
    by = dt.timedelta(days=n)
    names = ("owned_on", "followed_on", "deal_on", "opportunity_on", "locked_until")
    moved = replace(facts, **{name: getattr(facts, name) + by for name in names if getattr(facts, name)})
    first, second = due(pool, facts), due(pool, moved)
    assert (first.why, first.kept) == (second.why, second.kept)
    assert second.day == (first.day + by if first.day else None)


ZONES = ("Europe/Athens", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "UTC")


@given(
    st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(dt.UTC)), st.sampled_from(ZONES)
)
def test_the_day_of_a_moment_is_the_business_s(moment: dt.datetime, zone: str) -> None:
    """What is looked up by the quarter of an hour is what the clock says, also over clock changes."""
    before = clock.business_zone()
    clock.set_business_zone(zone)
    try:
        days = _Days()
        for minutes in (0, 7, 14, 15, 29, 44, 59):
            at = moment.replace(minute=minutes)
            assert days.of(clock.iso(at)) == clock.day_of(at)
    finally:
        clock.set_business_zone(before.key)


@pytest.mark.parametrize(
    ("zone", "obtained", "last"),
    [
        # half an hour before midnight in Athens, over the change to summer time (29 March 2026)
        ("Europe/Athens", "2026-03-15T21:30:00.000Z", "2026-04-14"),
        ("Europe/Athens", "2026-03-15T22:30:00.000Z", "2026-04-15"),
        ("Europe/Athens", "2026-10-10T20:59:00.000Z", "2026-11-09"),
        ("Asia/Shanghai", "2026-01-30T16:00:00.000Z", "2026-03-02"),
        ("UTC", "2028-01-30T23:59:59.999Z", "2028-02-29"),
    ],
)
def test_days_are_local_ones(zone: str, obtained: str, last: str) -> None:
    """Thirty days from the local day, whatever hour it was and whatever the clocks did in between."""
    before = clock.business_zone()
    clock.set_business_zone(zone)
    try:
        facts = Facts(_Days().of(obtained))
        assert due(rules(days_without_follow_up=30), facts).day == on(last)
    finally:
        clock.set_business_zone(before.key)

"""Series: which days they fall on, and that finishing one makes exactly the next."""

from __future__ import annotations

import calendar
import datetime as dt
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts, repeating, working_days
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, custom, settings, undo
from smallcrm.records.record import values
from tests.areas.activities.conftest import TODAY, Scene, at

WEEK = dt.timedelta(days=7)


def days(repeat: str, every: int, anchor: dt.date, n: int) -> list[dt.date]:
    return [due for _, due in islice(repeating.occurrences(repeat, every, anchor, skip=False), n)]


@pytest.fixture(autouse=True)
def _plain_week(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pure functions need no settings: Monday to Friday, no holidays."""
    monkeypatch.setattr(working_days, "_calendar", lambda: (frozenset(range(5)), {}, {}))


anchors = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@given(anchors, st.integers(1, 6))
def test_months_keep_their_day(anchor: dt.date, every: int) -> None:
    found = days("monthly", every, anchor, 14)
    assert found[0] == anchor
    for n, day in enumerate(found):
        year, month = divmod(anchor.year * 12 + anchor.month - 1 + n * every, 12)
        last = calendar.monthrange(year, month + 1)[1]
        assert day == dt.date(year, month + 1, min(anchor.day, last))


@given(anchors)
def test_years_keep_their_day(anchor: dt.date) -> None:
    for n, day in enumerate(days("yearly", 1, anchor, 9)):
        last = calendar.monthrange(anchor.year + n, anchor.month)[1]
        assert day == dt.date(anchor.year + n, anchor.month, min(anchor.day, last))


@given(anchors, st.integers(1, 5))
def test_weeks_and_days_are_evenly_spaced(anchor: dt.date, every: int) -> None:
    assert {b - a for a, b in pairwise(days("weekly", every, anchor, 9))} == {every * WEEK}
    assert {b - a for a, b in pairwise(days("daily", every, anchor, 9))} == {dt.timedelta(days=every)}
    working = days("weekdays", 1, anchor, 11)
    assert all(day.weekday() < 5 for day in working)
    assert working[10] - working[0] == 2 * WEEK


@given(
    st.sampled_from(["daily", "weekdays", "weekly", "monthly", "yearly"]), anchors, st.integers(1, 4),
    st.integers(-40, 400), st.integers(-3, 90), st.booleans(),
)  # fmt: skip
def test_the_next_lies_behind_and_never_in_the_past(
    repeat: str, anchor: dt.date, every: int, moved: int, late: int, skip: bool
) -> None:
    day = anchor + dt.timedelta(days=max(moved, 0))
    held = {"due_at": f"{day}T09:00:00.000Z", "repeat": repeat, "repeat_every": every, "repeats_on": anchor.isoformat(),
            "repeat_skip": skip}  # fmt: skip
    done_on = day + dt.timedelta(days=late)
    found = repeating.next_day(held, done_on)
    assert found is not None
    assert found > day
    assert found >= done_on
    if skip or repeat == "weekdays":
        assert found.weekday() < 5
    earlier = [d for _, d in islice(repeating.occurrences(repeat, every, anchor, skip=skip), 2000) if day < d < found]
    assert all(d < done_on for d in earlier), "none was left out"


def test_holidays_and_exchanged_days(monkeypatch: pytest.MonkeyPatch) -> None:
    off = {dt.date(2026, 12, 25): "Christmas", dt.date(2026, 12, 28): "Boxing Day"}
    worked = {dt.date(2026, 12, 26): "in exchange"}
    monkeypatch.setattr(working_days, "_calendar", lambda: (frozenset(range(5)), off, worked))
    held = {"due_at": "2026-12-18T09:00:00.000Z", "repeat": "weekly", "repeat_skip": 1}
    assert repeating.next_day(held, dt.date(2026, 12, 18)) == dt.date(2026, 12, 26)
    held = {"due_at": "2026-12-26T09:00:00.000Z", "repeat": "weekly", "repeat_skip": 1, "repeats_on": "2026-12-18"}
    assert repeating.next_day(held, dt.date(2026, 12, 26)) == dt.date(2027, 1, 1), "the rule's own day stays"
    held = {"due_at": "2026-12-24T09:00:00.000Z", "repeat": "weekdays"}
    assert repeating.next_day(held, dt.date(2026, 12, 24)) == dt.date(2026, 12, 26)


# ---------------------------------------------------------------- as records


def weekly(scene: Scene, **given: object) -> object:
    return acts.plan(
        scene.anna, kind="call", subject="Every week", due=at(16, 10), customer=scene.customer, contact=scene.bob,
        **{"repeat": "weekly", **given},
    )  # fmt: skip


def test_finishing_makes_the_next(scene: Scene) -> None:
    first = weekly(scene, repeat_until="2026-12-01", reminder_at=clock.iso(at(16, 9)))
    found = acts.done(scene.anna, first)
    assert found.following is not None
    second = values(found.following)
    assert second["due_at"] == clock.iso(at(23, 10))
    assert second["reminder_at"] == clock.iso(at(23, 9))
    assert (second["customer"], second["contact"], second["subject"]) == (scene.customer, scene.bob, "Every week")
    assert (second["repeats_from"], second["repeats_on"], second["done_at"]) == (first.id, "2026-11-16", None)
    assert scene.at("next_follow_up_on") == "2026-11-23"
    with clock.at(at(23, 11)):
        third = acts.done(scene.anna, found.following).following
        assert values(third)["due_at"] == clock.iso(at(30, 10))
    with clock.at(at(30, 11)):
        assert acts.done(scene.anna, third).following is None, "until the first of December"


def test_however_it_is_finished(scene: Scene) -> None:
    """In the list's cell, by the API or several at once: the next one comes, and only one."""
    first = weekly(scene)
    change.update(scene.anna.acting("api"), first, {"done_at": clock.stamp()})
    with changesets.opened(scene.anna, "bulk"):
        second = scene.all()[-1]
        outcome = change.update_many(scene.anna, Activity, [(int(str(second["id"])), {"done_at": clock.stamp()})])
    assert len(outcome.written) == 1
    assert [row["due_at"] for row in scene.all() if not row["done_at"]] == [clock.iso(at(30, 10))]


def test_done_undone_and_done_again(scene: Scene) -> None:
    first = weekly(scene)
    found = acts.done(scene.anna, first)
    undo.undo(scene.anna, found.set)
    assert [row["done_at"] for row in scene.all()] == [None], "the one that came of it is gone again"
    again = acts.done(scene.anna, scene.activity(first.id))
    acts.reopen(scene.anna, again.record)
    acts.done(scene.anna, scene.activity(first.id))
    assert sum(not row["done_at"] for row in scene.all()) == 1, "no second next one"


def test_what_was_missed_is_not_made_up_for(scene: Scene) -> None:
    first = weekly(scene)
    with clock.at(at(9, 15, month=12)):
        found = acts.done(scene.anna, first).following
        assert values(found)["due_at"] == clock.iso(at(14, 10, month=12))


def test_moving_this_one_or_this_and_later(scene: Scene) -> None:
    first = weekly(scene)
    moved = acts.move(scene.anna, first, to=dt.date(2026, 11, 18))
    second = acts.done(scene.anna, moved).following
    assert values(second)["due_at"] == clock.iso(at(23, 10)), "only this one was moved"
    moved = acts.move(scene.anna, second, to=at(24, 16), later=True)
    with clock.at(at(24, 17)):
        third = acts.done(scene.anna, moved).following
    assert values(third)["due_at"] == clock.iso(at(1, 16, month=12)), "Tuesdays at four from now on"


def test_skipping_one(scene: Scene) -> None:
    first = weekly(scene)
    assert values(acts.skip(scene.anna, first))["due_at"] == clock.iso(at(23, 10))
    once = acts.plan(scene.anna, kind="task", subject="x", due=TODAY)
    with pytest.raises(WrongState):
        acts.skip(scene.anna, once)


def test_a_series_needs_a_day(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        acts.plan(scene.anna, kind="task", subject="x", due=None, repeat="daily")
    assert set(refused.value.errors) == {"due_at"}


def test_the_clock_change_in_a_series(scene: Scene) -> None:
    with clock.at(at(20, 8, month=10)):
        first = acts.plan(scene.anna, kind="call", subject="x", due=at(20, 9, month=10), repeat="weekly")
        found = acts.done(scene.anna, first).following
    assert values(found)["due_at"] == "2026-10-27T07:00:00.000Z", "nine in Athens, in winter"


def test_own_fields_go_along(scene: Scene) -> None:
    """A custom amount is carried as it stands, not read a second time."""
    key = custom.define(scene.cast.actor("owner"), Activity, field_kind="money", labels={"en": "Budget"})
    first = weekly(scene, **{key: "12.50"})
    found = acts.done(scene.anna, first).following
    assert values(found)[key] == values(scene.activity(first.id))[key] == 1250


def test_skipping_days_off_by_the_settings(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    settings.put(SYSTEM, {"follow_ups.holidays": ["2026-11-23 Day off"], "follow_ups.worked_days": ["2026-11-28 调休"]})
    assert not working_days.is_working(dt.date(2026, 11, 23))
    assert working_days.is_working(dt.date(2026, 11, 28))
    assert (working_days.name_of(dt.date(2026, 11, 23)), working_days.name_of(dt.date(2026, 11, 28))) == (
        "Day off",
        "调休",
    )
    assert working_days.next_working(TODAY) == dt.date(2026, 11, 24)
    first = weekly(scene, repeat_skip=True)
    assert values(acts.done(scene.anna, first).following)["due_at"] == clock.iso(at(24, 10))

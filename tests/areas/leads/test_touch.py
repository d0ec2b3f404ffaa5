"""The first touch: working hours, reminders, escalation."""

from __future__ import annotations

import datetime as dt

import hypothesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from smallcrm.areas.leads.rules import touch
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings
from tests.areas.leads.scene import Scene, notices_of, on

MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def at(days: int, hour: float) -> dt.datetime:
    return MONDAY + dt.timedelta(days=days, hours=hour)


def test_hours_that_are_worked(scene: Scene) -> None:
    settings.put(SYSTEM, {"follow_ups.holidays": ["2026-03-06 Feast"]})
    for start, hours, end in (
        (at(0, 9), 4, at(0, 13)), (at(0, 16), 4, at(1, 11)), (at(0, 3), 1, at(0, 10)), (at(0, 22), 1, at(1, 10)),
        (at(3, 17), 2, at(7, 10)), (at(5, 12), 9, at(7, 18)), (at(0, 9), 0.5, at(0, 9.5)),
    ):  # fmt: skip
        assert touch.add_hours(start, hours) == end, (start, hours)


@hypothesis.settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 24 * 60 * 14), st.floats(0.25, 40))
def test_more_hours_are_never_earlier(scene: Scene, minutes: int, hours: float) -> None:
    start = MONDAY + dt.timedelta(minutes=minutes)
    end = touch.add_hours(start, hours)
    assert start < end <= touch.add_hours(start, hours + 1)
    assert touch.working_days.is_working(clock.day_of(end))


def test_reminder_then_manager_once_each(scene: Scene) -> None:
    number = scene.lead("Waits", "anna")
    assert scene.held(number)["first_touch_due_at"] == "2026-03-02T13:00:00.000Z"
    with on(0, 10):
        assert not touch.due_now(clock.now())
    with on(0, 11.1):
        assert touch.due_now(clock.now())
        assert touch.send() == {"reminded": 1, "escalated": 0}
        assert touch.send() == {"reminded": 0, "escalated": 0}
    with on(0, 13.1):
        assert touch.send() == {"reminded": 1, "escalated": 1}
        assert not touch.due_now(clock.now())
    assert len(notices_of(scene.cast.anna)) == 3  # one of them as it came
    assert notices_of(scene.cast.manager) == ["1 lead of your team has not been spoken to in time"]


def test_spoken_to_in_time_nobody_hears(scene: Scene) -> None:
    number = scene.lead("Spoken", "anna")
    scene.follow_up(number)
    with on(1):
        assert touch.send() == {"reminded": 0, "escalated": 0}
    assert scene.held(number)["first_touch_due_at"] is None


def test_another_owner_has_time_of_their_own_and_none_is_no_deadline(scene: Scene) -> None:
    from smallcrm.records import change

    number = scene.lead("Moves", "anna")
    with on(0, 12):
        change.update(SYSTEM, scene.record(number), {"owner": scene.cast.bob}, trusted=True)
    assert scene.held(number)["first_touch_due_at"] == "2026-03-02T16:00:00.000Z"
    settings.put(SYSTEM, {"leads.first_touch_hours": 0})
    assert scene.held(scene.lead("Free", "anna"))["first_touch_due_at"] is None

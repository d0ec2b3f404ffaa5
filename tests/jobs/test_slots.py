"""Each job exactly once per slot: racing, down for days, failing, killed, with the clock jumping about."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Busy, DiskFull, NotFound, WrongState
from smallcrm.jobs import locks, registry, slots, status
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every, Monthly, Schedule, Weekly
from smallcrm.store import guard
from tests.jobs import child

UTC = dt.UTC
NIGHT = dt.datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


class Ran:
    """A job's function that notes when it ran, and what it is told to do."""

    def __init__(self, does: Callable[[], Mapping[str, object] | None] = dict) -> None:
        self.at: list[dt.datetime] = []
        self.does = does

    def __call__(self) -> Mapping[str, object] | None:
        self.at.append(clock.now())
        return self.does()


def job(name: str, timing: Schedule, ran: Ran, **more: object) -> Job:
    return registry.register(Job(name, timing, ran, **more))  # type: ignore[arg-type]


def known(at: dt.datetime = NIGHT - DAY) -> None:
    """The program has been running since then."""
    slots.settle(at)


def states(name: str) -> list[tuple[str, str, int]]:
    return store.rows("SELECT slot, state, attempts FROM job_slot WHERE job = ? ORDER BY id", (name,))  # type: ignore[return-value]


def test_once_per_slot(folder: Path) -> None:
    ran = Ran(lambda: {"recycled": 3})
    job("recycle", Daily("00:30"), ran)
    known()
    assert slots.run_due(NIGHT - MINUTE) == []
    outcome = slots.run_due(NIGHT)
    assert [(o.job, o.slot, o.state, o.result) for o in outcome] == [("recycle", "2026-11-21", "done", {"recycled": 3})]
    for later in (NIGHT, NIGHT + MINUTE, NIGHT + DAY - MINUTE):
        assert slots.run_due(later) == []
    assert len(slots.run_due(NIGHT + DAY)) == 1
    assert ran.at == [NIGHT, NIGHT + DAY]


def test_a_new_program_owes_nothing(folder: Path) -> None:
    ran = Ran()
    job("recycle", Daily("00:30"), ran)
    assert slots.run_due(NIGHT + 3 * MINUTE) == []
    assert states("recycle") == [("2026-11-21", "skipped", 0)]
    assert status.all()[0].last_run is None
    slots.run_due(NIGHT + DAY)
    assert len(ran.at) == 1


def test_three_days_down_is_caught_up_once(folder: Path) -> None:
    daily, weekly, monthly, often = Ran(), Ran(), Ran(), Ran()
    job("recycle", Daily("00:30"), daily)
    job("check", Weekly(6, "02:00"), weekly)  # Sunday the 22nd
    job("report", Monthly(23, "03:00"), monthly)
    job("reminders", Every(minutes=1), often, due=lambda now: True)
    known()
    slots.run_due(NIGHT)
    back = NIGHT + 3 * DAY + dt.timedelta(hours=10)
    for step in range(6):
        slots.run_due(back + step * dt.timedelta(seconds=5))
    assert daily.at == [NIGHT, back]
    assert weekly.at == [back]
    assert monthly.at == [back]
    assert often.at == [NIGHT, back]
    assert [slot for slot, state, _n in states("recycle") if state == "done"] == ["2026-11-21", "2026-11-24"]


def test_a_slot_too_late_is_passed_over(folder: Path) -> None:
    ran = Ran()
    job("digest", Daily("08:00"), ran, late=dt.timedelta(hours=4))
    known()
    assert slots.run_due(NIGHT.replace(hour=12, minute=1)) == []
    assert len(slots.run_due(NIGHT.replace(hour=12, minute=0))) == 1


def test_threads_racing_for_a_slot(folder: Path) -> None:
    ran = Ran(lambda: time.sleep(0.05))  # type: ignore[func-returns-value]
    job("recycle", Daily("00:30"), ran)
    known()
    gate = threading.Barrier(12)

    def go() -> None:
        gate.wait()
        slots.run_due(NIGHT)
        store.close_thread()

    threads = [threading.Thread(target=go) for _n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ran.at) == 1
    assert states("recycle")[-1] == ("2026-11-21", "done", 1)


def test_processes_racing_for_a_slot(folder: Path) -> None:
    job("nightly", Daily("00:30"), Ran())
    known()
    racers = [child.start("race", folder, clock.iso(NIGHT)) for _n in range(4)]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=120)[0] for racer in racers]
    assert sorted(said) == ["", "", "", "ran\n"]
    assert states("nightly")[-1] == ("2026-11-21", "done", 1)


def test_a_running_job_of_another_process_blocks_until_it_dies(folder: Path) -> None:
    ran = Ran()
    job("nightly", Daily("00:30"), ran)
    known()
    process = child.start("nightly", folder, "60", clock.iso(NIGHT))
    assert slots.run_due(NIGHT + MINUTE) == []
    assert slots.run_due(NIGHT + DAY) == [], "not the next slot either"
    assert status.all()[0].running
    with pytest.raises(WrongState):
        slots.run_now("nightly")
    child.kill(process)
    assert not status.all()[0].running
    assert status.all()[0].state == "interrupted"
    outcome = slots.run_due(NIGHT + 2 * MINUTE)
    assert [o.state for o in outcome] == ["done"]
    assert states("nightly")[-1] == ("2026-11-21", "done", 2), "the same slot, its second try"
    assert slots.run_due(NIGHT + 3 * MINUTE) == []


def test_a_slot_that_kills_its_process_is_not_tried_for_ever(folder: Path) -> None:
    job("nightly", Daily("00:30"), Ran())
    known()
    for _n in range(3):
        child.kill(child.start("nightly", folder, "60", clock.iso(NIGHT)))
    assert slots.run_due(NIGHT + MINUTE) == []
    assert states("nightly")[-1][1:] == ("running", 3)
    assert status.all()[0].state == "interrupted"
    assert [o.state for o in slots.run_due(NIGHT + DAY)] == ["done"]
    assert [row[1] for row in states("nightly")[1:]] == ["interrupted", "done"]


def test_a_failure_is_kept_shown_and_tried_again_within_bounds(folder: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError("the office is on fire")

    ran = Ran(fail)
    job("backup", Daily("00:30"), ran)
    other = Ran()
    job("zeta", Daily("00:30"), other)
    known()
    slots.run_due(NIGHT)
    now = status.all()[0]
    assert (now.state, now.last_error) == ("failed", "ZeroDivisionError: the office is on fire")
    assert [each.name for each in status.failing()] == ["backup"]
    assert len(other.at) == 1, "one job's failure is no other's"
    moment = NIGHT
    while moment < NIGHT + DAY:
        slots.run_due(moment := moment + MINUTE)
        if len(ran.at) == 3:
            break
    waits = [b - a for a, b in zip(ran.at, ran.at[1:], strict=False)]
    assert waits == [5 * MINUTE, 30 * MINUTE]
    slots.run_due(NIGHT + DAY - MINUTE)
    assert len(ran.at) == 3
    ran.does = dict
    slots.run_due(NIGHT + DAY)
    assert status.all()[0].state == "done"


def test_an_error_of_ours_is_kept_in_its_own_words(folder: Path) -> None:
    def fail() -> None:
        raise Busy("The disk is asleep.")

    job("backup", Daily("00:30"), Ran(fail))
    known()
    assert slots.run_due(NIGHT)[0].error == "The disk is asleep."


def test_a_frequent_job_that_fails_pauses_longer_and_longer(folder: Path) -> None:
    def fail() -> None:
        raise OSError("no route to host")

    ran = Ran(fail)
    job("outbox", Every(seconds=5), ran, due=lambda now: True)
    for second in range(0, 2000, 5):
        slots.run_due(NIGHT + dt.timedelta(seconds=second))
    gaps = [int((b - a).total_seconds()) for a, b in zip(ran.at, ran.at[1:], strict=False)]
    assert gaps == [10, 20, 40, 80, 160, 320, 640]
    for hour in range(1, 30):
        slots.run_due(NIGHT + dt.timedelta(hours=hour))
    assert len(ran.at) >= 8 + 28, "but at least once an hour"
    ran.does = dict
    slots.run_due(NIGHT + dt.timedelta(hours=40))
    ran.at.clear()
    for second in range(0, 30, 5):
        slots.run_due(NIGHT + dt.timedelta(hours=41, seconds=second))
    assert len(ran.at) == 6


def test_nothing_to_do_leaves_no_row_and_writes_nothing(folder: Path) -> None:
    ran = Ran()
    job("outbox", Every(seconds=5), ran, due=lambda now: False)
    job("tidy", Daily("03:40"), ran, due=lambda now: False)
    known()
    before = (states("outbox"), states("tidy"), (folder / "smallcrm.db-wal").stat())
    for step in range(120):
        slots.run_due(NIGHT + step * dt.timedelta(seconds=5) + DAY)
    after = (states("outbox"), states("tidy"), (folder / "smallcrm.db-wal").stat())
    assert before == after
    assert ran.at == []
    assert not (folder / "jobs.lock").exists()


def test_a_probe_that_breaks_lets_the_job_show_why(folder: Path) -> None:
    def broken(now: dt.datetime) -> bool:
        raise RuntimeError("no such table")

    def run() -> None:
        broken(clock.now())

    job("outbox", Every(seconds=5), Ran(run), due=broken)
    assert slots.run_due(NIGHT)[0].error == "RuntimeError: no such table"


def test_a_clock_set_back_runs_no_day_twice_and_stops_nobody(folder: Path) -> None:
    daily, often = Ran(), Ran()
    job("recycle", Daily("00:30"), daily)
    job("outbox", Every(seconds=5), often, due=lambda now: True)
    known()
    slots.run_due(NIGHT)
    slots.run_due(NIGHT - DAY)  # yesterday again: its slot was skipped when the program was new
    slots.run_due(NIGHT - dt.timedelta(minutes=5))
    assert daily.at == [NIGHT]
    assert len(often.at) == 3
    slots.run_due(NIGHT + MINUTE)
    assert daily.at == [NIGHT]


def test_a_clock_a_year_ahead_and_back_again_makes_no_storm(folder: Path) -> None:
    daily, often = Ran(), Ran()
    job("recycle", Daily("00:30"), daily)
    job("outbox", Every(seconds=5), often, due=lambda now: True)
    known()
    slots.run_due(NIGHT)
    slots.run_due(NIGHT + 365 * DAY)
    slots.run_due(NIGHT + 10 * MINUTE)
    assert daily.at == [NIGHT, NIGHT + 365 * DAY]
    assert len(often.at) == 3
    slots.run_due(NIGHT + DAY)
    assert len(daily.at) == 3, "the next real night runs as ever"


def test_times_changed_in_the_settings(folder: Path) -> None:
    ran = Ran()
    timing: list[Schedule] = [Daily("00:30")]
    registry.register(Job("recycle", lambda: timing[0], ran))
    known()
    slots.run_due(NIGHT)
    timing[0] = Daily("06:00")
    slots.run_due(NIGHT.replace(hour=6))
    assert len(ran.at) == 1, "this day's run has been"
    slots.run_due(NIGHT.replace(hour=6) + DAY)
    assert len(ran.at) == 2


def test_run_by_hand_stands_in_the_history_and_leaves_the_slot_alone(folder: Path) -> None:
    ran = Ran(lambda: {"n": len(ran.at)})
    job("recycle", Daily("00:30"), ran)
    known()
    with clock.at(NIGHT - MINUTE):
        assert slots.run_now("recycle", by=7) == {"n": 1}
    assert [o.state for o in slots.run_due(NIGHT)] == ["done"]
    assert [(run.slot, run.actor) for run in status.history("recycle")] == [
        ("2026-11-21", None), ("by hand 2026-11-21T00:29:00.000Z", 7),
    ]  # fmt: skip


def test_run_at_another_moment_claims_nothing(folder: Path) -> None:
    ran = Ran(lambda: {"today": clock.today().isoformat()})
    job("recycle", Daily("00:30"), ran)
    known()
    before = states("recycle")
    assert slots.run_now("recycle", NIGHT + 30 * DAY) == {"today": "2026-12-21"}
    assert ran.at == [NIGHT + 30 * DAY]
    assert states("recycle") == before
    assert [o.state for o in slots.run_due(NIGHT)] == ["done"]


def test_run_by_hand_tells_what_went_wrong(folder: Path) -> None:
    def fail() -> None:
        raise ValueError("nonsense")

    job("recycle", Daily("00:30"), Ran(fail))
    with pytest.raises(slots.JobFailed, match="nonsense"):
        slots.run_now("recycle")
    with pytest.raises(slots.JobFailed, match="nonsense"):
        slots.run_now("recycle", NIGHT)
    assert [run.state for run in status.history("recycle")] == ["failed"]
    with pytest.raises(NotFound, match="recycle"):
        slots.run_now("recycel")


def test_not_by_hand_while_it_runs(folder: Path) -> None:
    job("recycle", Daily("00:30"), Ran())
    with locks.holding("job/recycle") as mine:
        assert mine
        with pytest.raises(WrongState):
            slots.run_now("recycle")
        with pytest.raises(WrongState):
            slots.run_now("recycle", NIGHT)


def test_old_rows_go_but_failures_of_the_month_stay(folder: Path) -> None:
    def now_and_then() -> None:
        if len(ran.at) == 5:
            raise RuntimeError("once")

    ran = Ran(now_and_then)
    job("outbox", Every(seconds=5), ran, due=lambda now: True)
    with store.writing():
        for n in range(400):
            slots.run_due(NIGHT + n * dt.timedelta(seconds=30))
    rows = states("outbox")
    assert slots.KEPT <= len(rows) <= slots.KEPT + 33
    assert [state for _slot, state, _n in rows].count("failed") == 1


def test_a_run_that_could_not_be_written_down_is_not_done_again(folder: Path) -> None:
    def fill_the_disk() -> None:
        guard._checked[folder] = (float("inf"), True)

    ran = Ran(fill_the_disk)
    job("recycle", Daily("00:30"), ran)
    known()
    assert [o.state for o in slots.run_due(NIGHT)] == ["done"]
    with pytest.raises(DiskFull):
        slots.run_due(NIGHT + MINUTE)
    del guard._checked[folder]
    assert slots.run_due(NIGHT + 2 * MINUTE) == []
    assert len(ran.at) == 1
    assert states("recycle")[-1] == ("2026-11-21", "done", 1)


def test_what_may_not_be_registered() -> None:
    first = job("a", Daily("00:30"), Ran())
    assert registry.register(first) is first
    with pytest.raises(ValueError, match="two jobs"):
        first = job("a", Daily("00:30"), Ran())
    assert registry.register(first) is first
    with pytest.raises(ValueError, match="due"):
        job("b", Every(seconds=5), Ran())


def test_status_for_json(folder: Path) -> None:
    job("recycle", Daily("00:30"), Ran(lambda: {"recycled": 2}), title="Pool")
    known()
    slots.run_due(NIGHT)
    with clock.at(NIGHT + MINUTE):
        found = status.all()[0].as_dict()
    assert found == {
        "name": "recycle", "title": "Pool", "schedule": "daily at 00:30", "timing": "daily 00:30", "running": False,
        "state": "done", "last_run": "2026-11-21T00:30:00.000Z", "last_result": {"recycled": 2}, "last_error": None,
        "next_run": "2026-11-22T00:30:00.000Z",
    }  # fmt: skip

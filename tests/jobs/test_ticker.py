"""The ticker: looks at jobs when their time comes, runs them beside one another, stops when asked."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.jobs import registry, slots, status, stop, ticker
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every, Schedule
from smallcrm.jobs.ticker import Ticker
from smallcrm.store import guard

NIGHT = dt.datetime(2026, 11, 21, 0, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def ticking(folder: Path) -> Iterator[Ticker]:
    found = Ticker(stagger=0)
    yield found
    assert found.stop(5)


def wait_for(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def idle(ticking: Ticker) -> None:
    wait_for(lambda: not ticking.running())


def test_a_week_of_nights_each_once(ticking: Ticker) -> None:
    ran: list[str] = []
    registry.register(Job("recycle", Daily("00:30"), lambda: ran.append(clock.today().isoformat())))  # type: ignore[func-returns-value]
    moment = NIGHT - DAY
    while moment < NIGHT + 7 * DAY:
        ticking.tick(moment)
        idle(ticking)
        moment += dt.timedelta(minutes=13)
    assert ran == [f"2026-11-{day}" for day in range(21, 28)]


@pytest.mark.parametrize(
    ("zone", "first", "nights"),
    [
        ("Europe/Berlin", "2026-03-28", ["2026-03-28", "2026-03-29", "2026-03-30"]),
        ("Europe/Berlin", "2026-10-24", ["2026-10-24", "2026-10-25", "2026-10-26"]),
        ("America/St_Johns", "2026-10-31", ["2026-10-31", "2026-11-01", "2026-11-02"]),
        ("Pacific/Apia", "2011-12-29", ["2011-12-29", "2011-12-31", "2012-01-01"]),
    ],
)
def test_nights_with_a_clock_change(ticking: Ticker, zone: str, first: str, nights: list[str]) -> None:
    clock.set_business_zone(zone)
    ran: list[str] = []
    registry.register(Job("recycle", Daily("02:30"), lambda: ran.append(clock.today().isoformat())))  # type: ignore[func-returns-value]
    moment = clock.start_of(dt.date.fromisoformat(first))
    end = moment + dt.timedelta(days=len(nights) - 0.2)
    while moment < end:
        ticking.tick(moment)
        idle(ticking)
        moment += dt.timedelta(minutes=7)
    assert ran == nights


def test_a_slow_job_starves_nobody_and_never_overlaps(ticking: Ticker) -> None:
    gate, quick, slow = threading.Event(), [], []

    def hang() -> None:
        slow.append(1)
        gate.wait(5)

    registry.register(Job("slow", Every(seconds=1), hang, due=lambda now: True))
    registry.register(Job("quick", Every(seconds=1), lambda: quick.append(1), due=lambda now: True))  # type: ignore[func-returns-value]
    for n in range(10):
        ticking.tick(NIGHT + n * SECOND)
        wait_for(lambda: ticking.running() == ["slow"])
    assert (len(slow), len(quick)) == (1, 10)
    assert ticking.running() == ["slow"]
    gate.set()
    idle(ticking)
    ticking.tick(NIGHT + 10 * SECOND)
    idle(ticking)
    assert len(slow) == 2, "what was missed meanwhile is made up once"


def test_heavy_jobs_take_turns(ticking: Ticker) -> None:
    at_work: list[str] = []
    most: list[int] = []

    def heavy(name: str) -> Callable[[], None]:
        def run() -> None:
            at_work.append(name)
            most.append(len(at_work))
            time.sleep(0.02)
            at_work.remove(name)

        return run

    for name in ("backup", "check", "report"):
        registry.register(Job(name, Daily("00:30"), heavy(name), heavy=True))
    slots.settle(NIGHT - DAY)
    for n in range(60):
        ticking.tick(NIGHT + n * SECOND)
        time.sleep(0.01)
    idle(ticking)
    assert most == [1, 1, 1]


def test_a_start_is_staggered(folder: Path) -> None:
    for name in "abc":
        registry.register(Job(name, Daily("00:30"), dict))
    slots.settle(NIGHT - DAY)
    ticking = Ticker(stagger=2)
    begun = [(n, name) for n in range(6) for name in ticking.tick(NIGHT + n * SECOND)]
    assert begun == [(0, "a"), (2, "b"), (4, "c")]
    assert ticking.stop(5)


def test_a_clock_set_back_is_noticed(ticking: Ticker) -> None:
    ran: list[int] = []
    registry.register(Job("outbox", Every(seconds=5), lambda: ran.append(1), due=lambda now: True))  # type: ignore[func-returns-value]
    for moment in (NIGHT, NIGHT + 365 * DAY, NIGHT + 10 * SECOND, NIGHT - DAY, NIGHT - DAY + 5 * SECOND):
        ticking.tick(moment)
        idle(ticking)
    assert len(ran) == 5


def test_times_and_zone_may_change_while_it_runs(ticking: Ticker) -> None:
    ran: list[str] = []
    timing: list[Schedule] = [Daily("06:00")]
    registry.register(Job("digest", lambda: timing[0], lambda: ran.append(clock.stamp())))  # type: ignore[func-returns-value]
    slots.settle(NIGHT - DAY / 2)

    def tick(moment: dt.datetime) -> None:
        ticking.tick(moment)
        idle(ticking)

    tick(NIGHT)
    assert ran == []
    timing[0] = Daily("00:15")
    tick(NIGHT + SECOND)
    assert len(ran) == 1
    timing[0] = Daily("04:00")
    tick(NIGHT + 2 * SECOND)
    clock.set_business_zone("Asia/Shanghai")  # 08:30 of the 21st there, whose slot has been run
    tick(NIGHT + 3 * SECOND)
    tick(NIGHT.replace(hour=19, minute=59))
    assert len(ran) == 1
    tick(NIGHT.replace(hour=20, minute=0))  # 04:00 of the 22nd
    assert len(ran) == 2


def test_trouble_with_one_job_is_no_other_s(ticking: Ticker) -> None:
    ran: list[int] = []
    broken = [False]

    def timing() -> Schedule:
        if broken[0]:
            raise RuntimeError("settings are gone")
        return Daily("00:30")

    registry.register(Job("a", timing, dict))
    registry.register(Job("z", Every(seconds=1), lambda: ran.append(1), due=lambda now: True))  # type: ignore[func-returns-value]
    slots.settle(NIGHT)
    broken[0] = True
    for n in range(3):
        ticking.tick(NIGHT + n * SECOND)
        idle(ticking)
    assert len(ran) == 3


def test_a_full_disk_is_tried_now_and_then(ticking: Ticker, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[int] = []
    registry.register(Job("outbox", Every(seconds=1), lambda: ran.append(1), due=lambda now: True))  # type: ignore[func-returns-value]
    guard._checked[folder] = (float("inf"), True)
    for n in range(40):
        ticking.tick(NIGHT + n * SECOND)
        idle(ticking)
    assert ran == []
    assert len(caplog.records) == 2
    with caplog.at_level("ERROR"):
        fresh = Ticker(stagger=0)
        registry.register(Job("recycle", Daily("00:30"), dict))
        assert [fresh.tick(NIGHT + n * SECOND) for n in range(10)] == [[]] * 10
    assert len(caplog.records) == 3, "nor does a start with a full disk fill the log"
    del guard._checked[folder]
    ticking.tick(NIGHT + 61 * SECOND)
    idle(ticking)
    assert ran == [1]


def test_stopping_waits_for_what_runs_and_begins_nothing(folder: Path) -> None:
    ended: list[bool] = []

    def run() -> None:
        ended.append(stop.wait(5))

    registry.register(Job("long", Every(seconds=1), run, due=lambda now: True))
    ticking = Ticker(stagger=0)
    ticking.tick(NIGHT)
    assert ticking.running() == ["long"]
    assert ticking.stop(5)
    assert ended == [True]
    assert ticking.tick(NIGHT + 10 * SECOND) == []
    assert store.value("SELECT state FROM job_slot") == "done"


def test_stopping_does_not_wait_for_ever(folder: Path) -> None:
    gate = threading.Event()
    registry.register(Job("deaf", Every(seconds=1), lambda: {"heard": gate.wait(10)}, due=lambda now: True))
    ticking = Ticker(stagger=0)
    ticking.tick(NIGHT)
    assert not ticking.stop(0.05)
    gate.set()
    assert ticking.stop(5)


def test_the_button_in_the_admin_page(ticking: Ticker) -> None:
    gate = threading.Event()
    registry.register(Job("backup", Daily("00:30"), lambda: {"ok": gate.wait(5)}))
    ticker.run_soon("backup", by=3)
    wait_for(lambda: slots.is_running(registry.get("backup")))
    with pytest.raises(WrongState):
        ticker.run_soon("backup", by=3)
    gate.set()
    wait_for(lambda: status.all()[0].state == "done")
    assert status.history("backup")[0].actor == 3


def test_its_pulse(ticking: Ticker) -> None:
    assert ticking.beating()
    ticking._beat -= 60
    assert not ticking.beating()
    ticking.tick(NIGHT)
    assert ticking.beating()


def test_an_idle_hour_writes_nothing(ticking: Ticker, folder: Path) -> None:
    registry.register(Job("outbox", Every(seconds=5), dict, due=lambda now: False))
    registry.register(Job("tidy", Daily("00:35"), dict, due=lambda now: False))
    ticking.tick(NIGHT - DAY)
    before = (folder / "smallcrm.db-wal").stat()
    for n in range(0, 3600, 7):
        ticking.tick(NIGHT + n * SECOND)
    assert (folder / "smallcrm.db-wal").stat() == before
    assert not (folder / "jobs.lock").exists()

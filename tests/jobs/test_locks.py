"""Locks that a dead process loses."""

from __future__ import annotations

import threading
from pathlib import Path

from smallcrm.jobs import locks
from tests.jobs import child


def test_a_lock_is_had_once_also_among_threads(folder: Path) -> None:
    with locks.holding("job/a") as mine, locks.holding("job/a") as again, locks.holding("job/b") as other:
        assert (mine, again, other) == (True, False, True)
        assert locks.is_held("job/a")
        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(locks.hold("job/a") is None))
        thread.start()
        thread.join()
        assert found == [True]
    assert not locks.is_held("job/a")
    with locks.holding("job/a") as mine:
        assert mine


def test_nothing_is_made_by_asking(folder: Path) -> None:
    assert not locks.is_held("job/a")
    assert not (folder / "jobs.lock").exists()


def test_a_killed_process_gives_its_lock_back(folder: Path) -> None:
    process = child.start("hold", folder, "job/a")
    assert locks.is_held("job/a")
    assert not locks.is_held("job/b")
    with locks.holding("job/a") as mine:
        assert not mine
    child.kill(process)
    with locks.holding("job/a") as mine:
        assert mine


def test_releasing_twice_harms_nobody(folder: Path) -> None:
    first = locks.hold("job/a")
    assert first
    first.release()
    second = locks.hold("job/a")
    first.release()
    assert second
    assert locks.is_held("job/a")
    second.release()

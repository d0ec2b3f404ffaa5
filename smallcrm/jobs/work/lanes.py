"""The threads that do long works: one heavy work at a time, quick ones beside it; no thread while there is none."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.jobs.work.progress import Progress

log = logging.getLogger(__name__)

Function = Callable[..., Mapping[str, Any] | None]


@dataclass(eq=False)
class Task:
    """A work in the hands of this process."""

    kind: str
    title: str
    user: int | None
    progress: Progress
    function: Function
    arguments: dict[str, Any]
    language: str
    moment: dt.datetime | None  # as ``clock.at`` was set when it was started
    ended: threading.Event = field(default_factory=threading.Event)


_guard = threading.Lock()
_live: dict[int, Task] = {}
_queues: dict[str, deque[Task]] = {"heavy": deque(), "quick": deque()}
_busy: set[str] = set()


def live(key: int) -> Task | None:
    """The work of that id, if this process does it or will."""
    with _guard:
        return _live.get(key)


def all_live() -> list[Task]:
    """Every work of this process that has not ended."""
    with _guard:
        return list(_live.values())


def enqueue(lane: str, task: Task, run: Callable[[Task], None]) -> None:
    """Have ``run(task)`` called in the lane's thread."""
    with _guard:
        _live[task.progress.id] = task
        _queues[lane].append(task)
        if lane in _busy:
            return
        _busy.add(lane)
    threading.Thread(target=_serve, args=(lane, run), name=f"work-{lane}", daemon=True).start()


def withdraw(key: int) -> Task | None:
    """Take a task out of its queue before it has begun; None when it has begun, or is not of this process."""
    with _guard:
        task = _live.get(key)
        for queue in _queues.values():
            if task is not None and task in queue:
                queue.remove(task)
                return task
    return None


def forget(task: Task) -> None:
    """The task has ended."""
    with _guard:
        _live.pop(task.progress.id, None)
    task.ended.set()


def _serve(lane: str, run: Callable[[Task], None]) -> None:
    try:
        while True:
            with _guard:
                if not _queues[lane]:
                    _busy.discard(lane)
                    return
                task = _queues[lane].popleft()
            try:
                run(task)
            except Exception:
                log.exception("work %d", task.progress.id)
            finally:
                forget(task)
    finally:
        store.close_thread()

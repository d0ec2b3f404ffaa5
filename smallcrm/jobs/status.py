"""How the jobs stand, for the admin page, ``job list`` and the health check."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import registry, slots
from smallcrm.jobs.registry import Job

_COLUMNS = "job, slot, state, attempts, claimed_at, finished_at, result, error, actor"


@dataclass(frozen=True)
class Run:
    """One line of a job's history."""

    job: str
    slot: str
    state: str
    attempts: int
    started_at: str
    finished_at: str | None
    result: dict[str, Any] | None
    error: str | None
    actor: int | None


@dataclass(frozen=True)
class Status:
    """One job. Moments are ISO text in UTC; ``schedule`` is in words of the current language."""

    name: str
    title: str
    schedule: str
    timing: str
    running: bool
    state: str | None
    last_run: str | None
    last_result: dict[str, Any] | None
    last_error: str | None
    next_run: str

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def all() -> list[Status]:
    """Every job, by name."""
    latest = {
        found[0]: _run(found)
        for found in store.rows(
            f"SELECT {_COLUMNS} FROM job_slot WHERE id IN"
            " (SELECT max(id) FROM job_slot WHERE state != 'skipped' GROUP BY job)"
        )
    }
    return [_status(job, latest.get(job.name)) for job in registry.all()]


def history(name: str, limit: int = 50) -> list[Run]:
    """The latest runs of a job, newest first."""
    return [
        _run(found)
        for found in store.rows(
            f"SELECT {_COLUMNS} FROM job_slot WHERE job = ? AND state != 'skipped' ORDER BY id DESC LIMIT ?",
            (name, limit),
        )
    ]


def failing() -> list[Status]:
    """Jobs whose last run failed or was cut off."""
    return [each for each in all() if each.state in ("failed", "interrupted") and not each.running]


def _run(found: tuple[Any, ...]) -> Run:
    job, slot, state, attempts, started, finished, result, error, actor = found
    return Run(job, slot, state, attempts, started, finished, json.loads(result) if result else None, error, actor)


def _status(job: Job, last: Run | None) -> Status:
    timing = job.timing()
    running = slots.is_running(job)
    state = last.state if last else None
    if state == "running" and not running:
        state = "interrupted"
    return Status(
        name=job.name,
        title=str(job.title) or job.name,
        schedule=timing.words(),
        timing=str(timing),
        running=running,
        state=state,
        last_run=last.started_at if last else None,
        last_result=last.result if last else None,
        last_error=last.error if last else None,
        next_run=clock.iso(timing.next(clock.now())),
    )

"""The jobs there are. Areas register theirs when the app is built."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L, Label
from smallcrm.jobs.schedule import Schedule


@dataclass(frozen=True)
class Job:
    """One job. ``run`` takes "now" from ``base.clock`` and answers with what it did, as JSON would have it.

    ``schedule`` may be a callable that reads the settings. ``due`` looks, without writing, whether there is anything
    to do; a job that comes round by the minute or second must have one, so that an idle NAS can sleep. For a calendar
    job it is asked as the slot begins, and again after a restart; without it each slot leaves a row.
    ``heavy`` jobs wait for one another. A slot is tried at most ``attempts`` times when it fails or is cut off, and
    not at all once it is ``late`` (a morning's digest makes no sense in the evening).
    """

    name: str
    schedule: Schedule | Callable[[], Schedule]
    run: Callable[[], Mapping[str, object] | None]
    due: Callable[[dt.datetime], bool] | None = None
    title: Label = ""
    heavy: bool = False
    attempts: int = 3
    late: dt.timedelta | None = None

    def timing(self) -> Schedule:
        """The schedule as it is set at this moment."""
        found = self.schedule if isinstance(self.schedule, Schedule) else self.schedule()
        chosen = retimed(self.name) if found.calendar else None
        return found.at_time(chosen) if chosen else found


# The time of day ("00:30") that an administrator chose for a calendar job instead of its own; None for most.
retimed: Callable[[str], str | None] = lambda _name: None

_jobs: dict[str, Job] = {}


def register(job: Job) -> Job:
    """Add a job; twice the same is one. Raises ValueError for another of its name, or a frequent one lacking due.

    Needs no database: what the settings say of its time is asked later.
    """
    if _jobs.get(job.name, job) is not job:
        raise ValueError(f"two jobs called {job.name}")
    if job.due is None and isinstance(job.schedule, Schedule) and not job.schedule.calendar:
        raise ValueError(f"{job.name} comes round often and must say when it is due")
    _jobs[job.name] = job
    return job


def all() -> list[Job]:
    """Every job, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def get(name: str) -> Job:
    """The job called ``name``. Raises NotFound, naming those there are."""
    if name not in _jobs:
        known = ", ".join(sorted(_jobs))
        raise NotFound(L("There is no job called %(name)s. Jobs: %(known)s.", name=name, known=known))
    return _jobs[name]


def forget(name: str) -> None:
    """Take a job out again."""
    _jobs.pop(name, None)

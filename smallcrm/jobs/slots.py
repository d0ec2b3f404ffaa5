"""Each job once per slot, whichever process comes first, and never twice at a time.

A run begins by inserting its slot's row in one immediate transaction: the unique pair (job, slot) lets one claim win.
While it runs the process holds the job's lock (``locks``), which a killed process loses; a row that says "running"
while the lock is free was therefore cut off. After downtime only the latest slot is owed, so a job catches up once.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError, WrongState
from smallcrm.base.i18n import L
from smallcrm.jobs import locks, registry
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Every

log = logging.getLogger(__name__)

KEPT = 200  # newest rows of each job; failures of the last month stay besides
_RETRY = (dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))  # a calendar slot that failed
_LONGEST_PAUSE = dt.timedelta(hours=1)  # of a frequent job that keeps failing
_unwritten: dict[tuple[Path, int], Outcome] = {}

# Called with what came of a run that failed, once that is written down; whoever tells people adds to it.
on_failure: list[Callable[[Outcome], None]] = []


class JobSlot(store.Table):
    """A slot that was taken. ``state``: running, done, failed, interrupted, or skipped (begun before we knew the job).

    A run by hand stands beside the slots as ``by hand <moment>``, with the user in ``actor``.
    """

    job = peewee.TextField()
    slot = peewee.TextField()
    state = peewee.TextField()
    attempts = peewee.IntegerField(default=1)
    claimed_at = peewee.TextField()
    finished_at = peewee.TextField(null=True)
    result = peewee.TextField(null=True)
    error = peewee.TextField(null=True)
    actor = peewee.IntegerField(null=True)

    ddl = ("CREATE UNIQUE INDEX job_slot_once ON job_slot (job, slot)",)

    class Meta:
        table_name = "job_slot"


class JobFailed(SmallcrmError):
    """A run that was asked for ended in an error; ``message`` says which."""

    status = 409
    slug = "job-failed"


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    job: str
    slot: str
    state: str  # done, failed
    result: Mapping[str, Any]
    error: str = ""


def run_due(now: dt.datetime | None = None) -> list[Outcome]:
    """Run, one after another, every job whose slot is owed at ``now``; what came of each."""
    settle(now)
    return [outcome for job in registry.all() if (outcome := attempt(job, now))]


def settle(now: dt.datetime | None = None) -> None:
    """Note the current slot of calendar jobs never seen before as skipped: nothing was owed before we knew them."""
    known = {name for (name,) in store.rows("SELECT DISTINCT job FROM job_slot")}
    _skip([job for job in registry.all() if job.name not in known], now or clock.now())


def pass_over(now: dt.datetime) -> None:
    """Note the current slot of every calendar job as skipped, unless it was taken: after a restore, what ran since the
    backup is not run again."""
    _skip(registry.all(), now)


def _skip(jobs: list[Job], moment: dt.datetime) -> None:
    found = []
    for job in jobs:
        try:
            timing = job.timing()
        except Exception:
            log.exception("job %s cannot tell when it runs", job.name)
            continue
        if timing.calendar:
            found.append((job.name, timing.slot(moment), clock.iso(moment)))
    if found:
        with store.writing():
            store.run_many(
                "INSERT INTO job_slot (job, slot, state, attempts, claimed_at) VALUES (?, ?, 'skipped', 0, ?)"
                " ON CONFLICT DO NOTHING",
                found,
            )


def owed(job: Job, now: dt.datetime) -> bool:
    """Whether the slot that ``now`` belongs to is still to be run. Only reads; does not ask the job's ``due``."""
    timing = job.timing()
    if job.late and now - timing.began(now) > job.late:
        return False
    found = store.row(
        "SELECT state, attempts, finished_at FROM job_slot WHERE job = ? AND slot = ?", (job.name, timing.slot(now))
    )
    if isinstance(timing, Every):
        return found is None and _rested(job.name, timing, now)
    if found is None:
        return True
    state, attempts, finished = found
    if state not in ("running", "interrupted", "failed") or attempts >= job.attempts:
        return False
    if state == "running" and is_running(job):
        return False
    return state != "failed" or _past(finished, _RETRY[min(attempts, len(_RETRY)) - 1], now)


def is_due(job: Job, now: dt.datetime) -> bool:
    """Whether the job finds something to do. One that cannot tell is run, so that its error is seen."""
    if job.due is None:
        return True
    try:
        with store.time_limit(5):
            return job.due(now)
    except Exception:
        log.exception("job %s cannot tell whether it is due", job.name)
        return True


def attempt(job: Job, now: dt.datetime | None = None, *, asked: bool = False) -> Outcome | None:
    """Run the job if its slot is owed and it is due; None when there was nothing to do or somebody else is at it.

    ``now`` given, the run takes place at that moment. ``asked``: ``due`` has just been asked.
    """
    with clock.at(now):
        moment = clock.now()
        _write_down(job)
        if not owed(job, moment) or not (asked or is_due(job, moment)):
            return None
        with locks.holding(_lock(job)) as mine:
            if not mine or (claim := _claim(job, moment)) is None:
                return None
            return _run(job, *claim)


def run_now(name: str, now: dt.datetime | None = None, *, by: int | None = None) -> dict[str, Any]:
    """Run a job because somebody asks for it; what it did. Raises JobFailed, or WrongState while it is running.

    With ``now`` everything the job reads, decides and writes happens at that moment, and no row is left behind.
    """
    job = registry.get(name)
    with locks.holding(_lock(job)) as mine:
        if not mine:
            raise WrongState(L("%(name)s is running already. Wait until it has finished.", name=name))
        if now is not None:
            with clock.at(now):
                outcome = _outcome(job, "")
        else:
            with store.writing():
                _interrupted(job.name)
                slot = f"by hand {clock.stamp()}"
                key = _insert(job.name, slot, by)
            outcome = _run(job, key, slot)
    if outcome.state == "failed":
        raise JobFailed(outcome.error)
    return dict(outcome.result)


def is_running(job: Job) -> bool:
    """Whether some living process runs it at this moment."""
    return locks.is_held(_lock(job))


# ---------------------------------------------------------------- one run


def _lock(job: Job) -> str:
    return f"job/{job.name}"


def _claim(job: Job, now: dt.datetime) -> tuple[int, str] | None:
    """Take the slot; its row's id and name. The job's lock is in hand, so nobody living runs it."""
    slot = job.timing().slot(now)
    with store.writing():
        _interrupted(job.name)
        if not owed(job, now):
            return None
        found = store.row("SELECT id FROM job_slot WHERE job = ? AND slot = ?", (job.name, slot))
        if found is None:
            return _insert(job.name, slot, None), slot
        store.run(
            "UPDATE job_slot SET state = 'running', attempts = attempts + 1, claimed_at = ?, finished_at = NULL,"
            " error = NULL WHERE id = ?",
            (clock.stamp(), found[0]),
        )
        return int(found[0]), slot


def _insert(job: str, slot: str, actor: int | None) -> int:
    store.run(
        "INSERT INTO job_slot (job, slot, state, attempts, claimed_at, actor) VALUES (?, ?, 'running', 1, ?, ?)",
        (job, slot, clock.stamp(), actor),
    )
    return int(store.connection().last_insert_rowid())


def _interrupted(job: str) -> None:
    """Whatever still says "running" was cut off: we hold the job's lock."""
    store.run(
        "UPDATE job_slot SET state = 'interrupted', finished_at = ?, error = ? WHERE job = ? AND state = 'running'",
        (clock.stamp(), "smallcrm was stopped while this was running.", job),
    )


def _run(job: Job, key: int, slot: str) -> Outcome:
    outcome = _outcome(job, slot)
    try:
        _finish(job.name, key, outcome)
    except SmallcrmError as error:  # no room on the disk
        log.error("job %s: %s, but this could not be written: %s", job.name, outcome.state, error)
        _unwritten[store.folder(), key] = outcome
    if outcome.state == "failed":
        _tell(outcome)
    return outcome


def _tell(outcome: Outcome) -> None:
    for listener in on_failure:
        try:
            listener(outcome)
        except Exception:
            log.exception("nobody could be told that the job %s failed", outcome.job)


def _write_down(job: Job) -> None:
    """What is known of earlier runs and could not be written then, so that a slot is not run twice for want of room."""
    for folder, key in list(_unwritten):
        if folder == store.folder() and _unwritten[folder, key].job == job.name:
            _finish(job.name, key, _unwritten[folder, key])
            del _unwritten[folder, key]


def _outcome(job: Job, slot: str) -> Outcome:
    try:
        result = job.run() or {}
    except SmallcrmError as error:
        log.warning("job %s failed: %s", job.name, error)
        return Outcome(job.name, slot, "failed", {}, str(error))
    except Exception as error:
        log.exception("job %s failed", job.name)
        return Outcome(job.name, slot, "failed", {}, f"{type(error).__name__}: {error}"[:2000])
    return Outcome(job.name, slot, "done", result)


def _finish(job: str, key: int, outcome: Outcome) -> None:
    result = json.dumps(outcome.result, ensure_ascii=False, default=str) if outcome.state == "done" else None
    with store.writing():
        store.run(
            "UPDATE job_slot SET state = ?, finished_at = ?, result = ?, error = ? WHERE id = ?",
            (outcome.state, clock.stamp(), result, outcome.error or None, key),
        )
        if key % 32 == 0:
            _prune(job)


def _prune(job: str) -> None:
    store.run(
        "DELETE FROM job_slot WHERE job = ?1 AND state != 'running'"
        " AND id NOT IN (SELECT id FROM job_slot WHERE job = ?1 ORDER BY id DESC LIMIT ?2)"
        " AND NOT (state = 'failed' AND claimed_at > ?3)",
        (job, KEPT, clock.iso(clock.now() - dt.timedelta(days=30))),
    )


# ---------------------------------------------------------------- pauses


def _past(finished: str | None, pause: dt.timedelta, now: dt.datetime) -> bool:
    """Whether ``pause`` has gone by since ``finished``; also when the clock has been set back behind it."""
    since = now - clock.moment(finished) if finished else pause
    return since >= pause or since < dt.timedelta()


def _rested(job: str, timing: Every, now: dt.datetime) -> bool:
    """A frequent job that keeps failing is tried less and less often, at least once an hour."""
    latest = store.rows(
        "SELECT state, finished_at FROM job_slot WHERE job = ? AND actor IS NULL ORDER BY id DESC LIMIT 12", (job,)
    )
    failures = 0
    while failures < len(latest) and latest[failures][0] in ("failed", "interrupted"):
        failures += 1
    if not failures:
        return True
    pause = min(_LONGEST_PAUSE, dt.timedelta(seconds=timing.period) * 2**failures)
    return _past(latest[0][1], pause, now)

"""Decides, in memory, which jobs to look at, and runs them beside one another. ``server`` calls ``tick`` every second.

Each running job has a thread of its own, so that a slow one holds up nobody; heavy jobs take turns. Nothing is
queued: what cannot start now is looked at again with the next tick.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError, WrongState
from smallcrm.base.i18n import L
from smallcrm.jobs import registry, slots, stop
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Schedule

log = logging.getLogger(__name__)

_SET_BACK = dt.timedelta(seconds=2)  # a clock that goes back further has been set
_TROUBLE = dt.timedelta(seconds=30)
_RETRY = dt.timedelta(minutes=1)  # how often a slot that waits for its next try is looked at
_by_hand: list[threading.Thread] = []


@dataclass
class _Plan:
    """When to look at a job again, as long as its schedule and the business's zone stay what they were."""

    look: dt.datetime
    timing: Schedule
    zone: ZoneInfo


class Ticker:
    """The one in the server. ``stagger`` seconds lie between the first looks, so that a start is no storm."""

    def __init__(self, *, stagger: float = 2.0) -> None:
        self._stagger = stagger
        self._plans: dict[str, _Plan] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._trouble: dict[str, dt.datetime] = {}
        self._last: dt.datetime | None = None
        self._beat = time.monotonic()

    def tick(self, now: dt.datetime | None = None) -> list[str]:
        """Start what is due; the names. With ``now`` given the started jobs run at that moment."""
        self._beat = time.monotonic()
        if stop.asked():
            return []
        moment = now or clock.now()
        if self._last is None and not self._settled(moment):
            return []
        if self._last and moment < self._last - _SET_BACK:
            self._plans.clear()
            self._trouble.clear()
        first, self._last = self._last is None, moment
        started = []
        for place, job in enumerate(registry.all()):
            wait = dt.timedelta(seconds=place * self._stagger if first else 0)
            if self._look(job, moment, wait, now):
                started.append(job.name)
        return started

    def beating(self, within: float = 30.0) -> bool:
        """Whether a tick came within the last seconds, for the health check."""
        return time.monotonic() - self._beat < within

    def running(self) -> list[str]:
        """Jobs at work in this process."""
        return sorted(thread.name for thread in [*self._threads.values(), *_by_hand] if thread.is_alive())

    def stop(self, wait: float = 20.0) -> bool:
        """Begin nothing more and wait for what is running; whether all of it ended in time."""
        stop.ask()
        end = time.monotonic() + wait
        for thread in [*self._threads.values(), *_by_hand]:
            thread.join(max(0.0, end - time.monotonic()))
        return not self.running()

    def _settled(self, now: dt.datetime) -> bool:
        """Note what is not owed, before anything is looked at for the first time."""
        if now < self._trouble.get("", now):
            return False
        try:
            slots.settle(now)
        except SmallcrmError as error:
            log.error("jobs cannot begin: %s", error)
            self._trouble[""] = now + _TROUBLE
            return False
        return True

    def _look(self, job: Job, now: dt.datetime, wait: dt.timedelta, given: dt.datetime | None) -> bool:
        """Start the job if its time has come; whether it was started. One job's trouble is no other's."""
        if now < self._trouble.get(job.name, now):
            return False
        try:
            return self._is_time(job, now, wait) and self._start_if_due(job, now, given)
        except Exception:
            log.exception("job %s could not be looked at", job.name)
            self._trouble[job.name] = now + _TROUBLE
            return False

    def _is_time(self, job: Job, now: dt.datetime, wait: dt.timedelta) -> bool:
        timing, zone = job.timing(), clock.business_zone()
        plan = self._plans.get(job.name)
        if plan is None or plan.timing != timing or plan.zone != zone:
            self._plans[job.name] = _Plan(now + wait, timing, zone)
            return not wait
        return plan.look <= now

    def _start_if_due(self, job: Job, moment: dt.datetime, given: dt.datetime | None) -> bool:
        lane = self._threads.get(_lane(job))
        if lane and lane.is_alive():
            return False
        plan = self._plans[job.name]
        if not slots.owed(job, moment):
            plan.look = min(plan.timing.next(moment), moment + _RETRY)
            return False
        if not slots.is_due(job, moment):
            plan.look = plan.timing.next(moment)
            return False
        plan.look = moment
        thread = threading.Thread(target=self._run, args=(job, moment, given), name=job.name, daemon=True)
        self._threads[_lane(job)] = thread
        thread.start()
        return True

    def _run(self, job: Job, moment: dt.datetime, given: dt.datetime | None) -> None:
        try:
            slots.attempt(job, given, asked=True)
        except Exception as error:  # the slot could not even be taken: no room, a damaged database
            log.error("job %s could not be run: %s", job.name, error)
            self._trouble[job.name] = moment + _TROUBLE
        finally:
            store.close_thread()


def run_soon(name: str, *, by: int | None) -> None:
    """Run a job now, without waiting for it: the admin page's button. Raises WrongState while it is running."""
    job = registry.get(name)
    if slots.is_running(job):
        raise WrongState(L("%(name)s is running already. Wait until it has finished.", name=name))
    _by_hand[:] = [thread for thread in _by_hand if thread.is_alive()]
    thread = threading.Thread(target=_run_by_hand, args=(name, by), name=name, daemon=True)
    _by_hand.append(thread)
    thread.start()


def _lane(job: Job) -> str:
    return "heavy" if job.heavy else f"job/{job.name}"


def _run_by_hand(name: str, by: int | None) -> None:
    try:
        slots.run_now(name, by=by)
    except SmallcrmError as error:
        log.warning("job %s, run by hand: %s", name, error)
    finally:
        store.close_thread()

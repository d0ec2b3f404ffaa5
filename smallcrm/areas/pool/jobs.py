"""The nightly run as a job."""

from __future__ import annotations

from smallcrm.areas.pool.rules import recycle
from smallcrm.base.i18n import L
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily

RECYCLE = Job(
    "pool-recycle", Daily("00:30"), recycle.run, recycle.due_now, L("Let the neglected fall into the pool"), heavy=True
)

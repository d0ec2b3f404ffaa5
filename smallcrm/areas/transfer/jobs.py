"""The daily tidying of staged files."""

from __future__ import annotations

import datetime as dt

from smallcrm.areas.transfer import staging
from smallcrm.base.i18n import L
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily


def _due(_now: dt.datetime) -> bool:
    return staging.purgeable()


PURGE = Job("transfer-files", Daily("03:50"), staging.purge, _due, L("Forget files that were imported or exported"))

"""The jobs of follow-ups: reminders and what managers hear of, every minute; each one's digest in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from smallcrm.areas.activities.rules import digest, escalating, reminders
from smallcrm.base.i18n import L
from smallcrm.jobs import notices, registry
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Every


def _remind() -> Mapping[str, object]:
    return {"reminders": reminders.send(), "escalated": escalating.send()}


def _remind_due(now: dt.datetime) -> bool:
    return reminders.due(now) or escalating.due(now)


def _digest() -> Mapping[str, object]:
    return {"digests": digest.send()}


JOBS = (
    Job("follow-up-reminders", Every(minutes=1), _remind, _remind_due, L("Remind of follow-ups")),
    Job("daily-digest", Every(minutes=5), _digest, digest.due, L("Send each one's digest of the day")),
)

for _job in JOBS:
    registry.register(_job)

notices.declare(
    {
        "reminder": L("Reminders of what is planned"),
        "digest": L("The digest of the day"),
        "escalation": L("Overdue follow-ups of the team"),
    }
)

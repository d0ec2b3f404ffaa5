"""Reminders and digests of work reports."""

from __future__ import annotations

from smallcrm.areas.workreports.rules import telling
from smallcrm.base.i18n import L
from smallcrm.jobs import registry
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Every

REPORTS = Job(
    "work-reports", Every(minutes=5), telling.send, telling.due, L("Remind of work reports, tell their readers")
)
registry.register(REPORTS)

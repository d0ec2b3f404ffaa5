"""Alerts looked at, workbooks sent."""

from __future__ import annotations

from smallcrm.areas.reports.rules import alerts, mailing
from smallcrm.base.i18n import L
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every

ALERTS = Job(
    "alerts", Every(minutes=10), alerts.check, alerts.due, L("Look whether figures cross their thresholds"), heavy=True
)
WORKBOOKS = Job("workbooks", Daily("06:00"), mailing.send, mailing.due, L("Send the workbooks of reports"), heavy=True)

"""Saved figures, dashboards, segments, alerts, and the workbook that goes out by mail."""

from smallcrm.areas.reports.records.alert import Alert, AlertState
from smallcrm.areas.reports.records.dashboard import Dashboard, DashboardChoice
from smallcrm.areas.reports.records.figure import Figure
from smallcrm.areas.reports.records.mailing import Mailing, MailingSent
from smallcrm.areas.reports.records.segment import Segment, SegmentMember

__all__ = [
    "Alert", "AlertState", "Dashboard", "DashboardChoice", "Figure", "Mailing", "MailingSent", "Segment", "SegmentMember",
]  # fmt: skip

"""The pages of reports: the overview, a report, a figure and its builder, dashboards, segments, alerts, the workbook."""

from __future__ import annotations

from flask import Blueprint

reports = Blueprint("reports", __name__)

# the modules put their routes onto ``reports`` as they are imported
from smallcrm.areas.reports.pages import alerts, api, arranging, dashboard, figure, overview, report, segments, workbook  # noqa: E402

__all__ = ["alerts", "api", "arranging", "dashboard", "figure", "overview", "report", "reports", "segments", "workbook"]

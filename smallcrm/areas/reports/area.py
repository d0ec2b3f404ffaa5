"""The reports area's card."""

from __future__ import annotations

from smallcrm.areas.reports import jobs, records, standard  # noqa: F401  registered by being imported
from smallcrm.areas.reports.pages import api, reports
from smallcrm.base.i18n import L
from smallcrm.web.area import Act, Area, Command, ListLink, Nav

AREA = Area(
    name="reports",
    needs=("people", "customers", "activities", "catalog", "pipeline"),
    blueprint=reports,
    nav=(
        Nav("dashboard", L("Dashboard"), "layout-dashboard", "/dashboard", group="look", order=70, letter="d"),
        Nav("reports", L("Reports"), "chart-bar", "/reports", group="look", order=71, letter="r"),
    ),
    commands=(
        Command("dashboard", L("Dashboard"), "layout-dashboard", "/dashboard"),
        Command("reports", L("Reports"), "chart-bar", "/reports"),
        Command("figure", L("New figure"), "chart-bar", "/figure"),
        Command("segments", L("Segments"), "filter", "/reports/segments"),
        Command("alerts", L("Alerts"), "bell", "/reports/alerts"),
        Command("workbook", L("Workbook of all reports"), "table-export", "/reports/workbook"),
    ),
    lists=(
        ListLink(L("Figure of this list"), "chart-bar", "/figure?about={type}&filter={filter}"),
        ListLink(L("Keep as a segment"), "filter", "/reports/segments/new?about={type}&filter={filter}", dialog=True),
    ),
    acts=tuple(
        Act(
            key,
            "segment-many",
            L("Put into a segment"),
            "filter",
            f"/{name}/bulk/segment-form",
            bulk=True,
            verb="view",
            order=80,
        )
        for key, name in (
            ("customer", "customers"),
            ("contact", "contacts"),
            ("lead", "leads"),
            ("opportunity", "opportunities"),
        )
    ),
    jobs=(jobs.ALERTS, jobs.WORKBOOKS),
)

api.describe()

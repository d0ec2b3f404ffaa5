"""``/reports``: what there is to look at."""

from __future__ import annotations

from flask import render_template

from smallcrm.areas.reports.pages import reports
from smallcrm.areas.reports.rules import figures
from smallcrm.records import labels
from smallcrm.records.figures import ready
from smallcrm.web.context import actor


@reports.get("/reports")
def overview() -> str:
    """The standard reports, then the saved figures."""
    who = actor()
    return render_template(
        "reports/overview.html",
        reports=ready.reports(who),
        mine=[(each, labels.many(each.spec.kind)) for each in figures.saved(who)],
    )

"""The forecast area's card."""

from __future__ import annotations

from smallcrm.areas.forecast import rules  # noqa: F401  registered by being imported
from smallcrm.areas.forecast.pages import forecast_pages, moved
from smallcrm.areas.forecast.rules.which import may_look
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, Nav, Section

AREA = Area(
    name="forecast",
    needs=("people", "customers", "activities", "catalog", "pipeline"),
    blueprint=forecast_pages,
    nav=(
        Nav(
            "forecast",
            L("Forecast"),
            "chart-line",
            "/forecast",
            group="look",
            order=70,
            type="opportunity",
            shown=may_look,
        ),
    ),
    commands=(
        Command("forecast", L("Forecast"), "chart-line", "/forecast", type="opportunity"),
        Command("funnel", L("Funnel"), "chart-bar", "/forecast/funnel", type="opportunity"),
        Command("moved", L("What moved since Monday"), "arrows-left-right", "/forecast/moved", type="opportunity"),
        Command("hot", L("Next 90 days"), "star", "/forecast/hot", type="opportunity"),
    ),
    today=(Section("moved", moved.section, place="side", order=60),),
)

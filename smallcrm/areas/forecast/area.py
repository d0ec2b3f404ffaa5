"""The forecast area's card."""

from __future__ import annotations

from smallcrm.areas.forecast import rules  # noqa: F401  registered by being imported
from smallcrm.areas.forecast.pages import forecast_pages
from smallcrm.areas.forecast.rules.which import may_look
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, Nav

AREA = Area(
    name="forecast",
    needs=("people", "customers", "activities", "catalog", "pipeline"),
    blueprint=forecast_pages,
    nav=(Nav("forecast", L("Forecast"), "chart-line", "/forecast", group="look", order=70, type="opportunity", shown=may_look),),
    commands=(Command("forecast", L("Forecast"), "chart-line", "/forecast", type="opportunity"),),
)

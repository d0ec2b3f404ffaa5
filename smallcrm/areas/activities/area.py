"""The activities area's card."""

from __future__ import annotations

from smallcrm.areas.activities import records, rules, touch  # noqa: F401  registered by being imported
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="activities",
    needs=("people", "customers"),
    nav=(
        Nav("today", L("Today"), "sun-high", "/", group="top", order=1, tabbar=True, letter="t"),
        Nav("activities", "", "calendar-event", "/activities", type="activity", order=30),
    ),
)

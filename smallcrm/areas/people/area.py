"""The people area's card."""

from __future__ import annotations

from smallcrm.areas.people import importing, records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.people.pages import people
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Nav, SettingsPage

AREA = Area(
    name="people",
    blueprint=people,
    nav=(Nav("settings", L("Settings"), "settings", "/settings", group="end", order=90),),
    settings=(
        SettingsPage("users", L("Users"), "/users", right="people", group="people", order=10),
        SettingsPage("teams", L("Teams"), "/teams", right="people", group="people", order=20),
        SettingsPage("roles", L("Roles"), "/roles", right="people", group="people", order=30),
    ),
)

"""The admin area's card."""

from __future__ import annotations

from smallcrm.areas.admin import settings  # noqa: F401  declared by being imported
from smallcrm.areas.admin.jobs import JOBS
from smallcrm.areas.admin.pages import admin
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, Nav, SettingsPage

AREA = Area(
    name="admin",
    needs=("people",),
    blueprint=admin,
    nav=(Nav("bin", L("Bin"), "trash", "/bin", group="end", order=20),),
    settings=(
        SettingsPage("company", L("Company"), "/admin/company", group="company", order=10),
        SettingsPage("terms", L("Terms"), "/admin/terms", group="company", order=20),
        SettingsPage("fields", L("Custom fields"), "/admin/fields", group="company", order=30),
        SettingsPage("mail", L("Mail"), "/admin/mail", group="company", order=40),
        SettingsPage("bots", L("Bots and webhooks"), "/admin/bots", group="company", order=50),
        SettingsPage("backups", L("Backups"), "/admin/backups", right="backup", group="data", order=10),
        SettingsPage("outbox", L("Outbox"), "/admin/outbox", group="data", order=30),
        SettingsPage("overview", L("Overview"), "/admin", right="backup", group="program", order=10),
        SettingsPage("jobs", L("Jobs"), "/admin/jobs", right="backup", group="program", order=20),
        SettingsPage("log", L("Log"), "/admin/log", right="backup", group="program", order=30),
        SettingsPage("about", L("About smallcrm"), "/admin/about", right="", group="program", order=90),
    ),
    commands=(
        Command("admin", L("How smallcrm is"), "server", "/admin", right="backup"),
        Command("backups", L("Backups"), "database", "/admin/backups", right="backup"),
        Command("outbox", L("Outbox"), "mail", "/admin/outbox", right="settings"),
        Command("fields", L("Custom fields"), "pencil-plus", "/admin/fields", right="settings"),
        Command("terms", L("Terms"), "language", "/admin/terms", right="settings"),
    ),
    jobs=JOBS,
)

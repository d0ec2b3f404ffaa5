"""The people area's card."""

from __future__ import annotations

from smallcrm.areas.people import directory, importing, records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.people.draw import account_panel
from smallcrm.areas.people.jobs import RESETS
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.rules import own
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record
from smallcrm.web import frame, reauth
from smallcrm.web.area import Act, Area, Command, Nav, Panel, SettingsPage

directory.register()
reauth.guard("user", "role", "email", "active", "team", "deleted_at")
reauth.guard("role", "*")
reauth.guard("team", "parent", "manager", "deleted_at")  # who sees whose
frame.theme_of = own.theme


def _runs_people(actor: Actor, _user: Record) -> bool:
    return actor.may("people")


AREA = Area(
    name="people",
    blueprint=people,
    nav=(Nav("settings", L("Settings"), "settings", "/settings", group="end", order=90),),
    settings=(
        SettingsPage("profile", L("Profile"), "/settings/profile", right="", group="mine", order=10),
        SettingsPage("sign-in", L("Signing in"), "/settings/sign-in", right="", group="mine", order=20),
        SettingsPage("notifications", L("Notifications"), "/settings/notifications", right="", group="mine", order=30),
        SettingsPage("tokens", L("API tokens"), "/settings/tokens", right="", group="mine", order=90),
        SettingsPage("users", L("Users"), "/users", right="people", group="people", order=10),
        SettingsPage("teams", L("Teams"), "/teams/tree", right="people", group="people", order=20),
        SettingsPage("roles", L("Roles"), "/roles/all", right="people", group="people", order=30),
        SettingsPage("audit", L("Audit log"), "/admin/audit", right="audit", group="data", order=80),
    ),
    commands=(
        Command("user-new", L("New user"), "user-plus", "/users/new", right="people"),
        Command("audit", L("Audit log"), "history", "/admin/audit", right="audit"),
        Command("profile", L("My profile"), "user", "/settings/profile"),
        Command("own-password", L("Change my password"), "key", "/settings/sign-in"),
    ),
    panels=(Panel("user", "related", account_panel, order=10),),
    acts=(
        Act(
            "user", "account", L("Sign-in and account"), "key", "/users/{id}/account", shown=_runs_people, dialog=False,
            place="head",
        ),
    ),
    jobs=(RESETS,),
)  # fmt: skip

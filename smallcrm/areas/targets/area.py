"""The targets area's card."""

from __future__ import annotations

from smallcrm.areas.targets import records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.targets.pages import api, standing, targets
from smallcrm.areas.targets.rules import workbook  # noqa: F401
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.web.area import Area, Command, Nav, Section, SettingsPage


def _sees(who: Actor) -> bool:
    return who.scope("target", "view") is not Scope.NONE


AREA = Area(
    name="targets",
    needs=("people", "customers", "activities", "catalog", "pipeline", "reports", "forecast"),
    blueprint=targets,
    nav=(Nav("targets", L("Targets"), "target", "/targets", group="look", order=72, shown=_sees),),
    settings=(SettingsPage("targets", L("Targets and commission"), "/settings/targets", group="company", order=65),),
    commands=(
        Command("targets", L("Targets"), "target", "/targets", type="target"),
        Command("set-targets", L("Set targets"), "target", "/targets/plan", type="target", verb="edit"),
        Command("commission", L("Commission sheet"), "cash", "/targets/commission", type="target"),
    ),
    today=(Section("targets", standing.today_progress, place="side", order=20),),
)

api.describe()

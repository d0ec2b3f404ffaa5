"""The visits area's card."""

from __future__ import annotations

from smallcrm.areas.visits import records, rules, settings, views  # noqa: F401  registered by being imported
from smallcrm.areas.visits.api import VERBS
from smallcrm.areas.visits.jobs import FORGET
from smallcrm.areas.visits.pages import kept, panels, visits
from smallcrm.areas.visits.records import CANCELLED, PLANNED, UNDER_WAY
from smallcrm.areas.visits.rules import checking
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records.record import Record
from smallcrm.web.area import Act, Area, Command, Nav, Panel, Section, SettingsPage
from smallcrm.web.pages import record as record_pages


def _may_cancel(_actor: Actor, record: Record) -> bool:
    return record.__data__["state"] in (PLANNED, UNDER_WAY)


def _is_cancelled(_actor: Actor, record: Record) -> bool:
    return bool(record.__data__["state"] == CANCELLED)


def _goes_outside(actor: Actor) -> bool:
    return actor.scope("visit", "view") is not Scope.NONE


def _plan(actor: Actor, record: Record) -> str:
    if actor.scope("visit", "create") is Scope.NONE:
        return ""
    customer = record.id if record.card.key == "customer" else record.__data__.get("customer")
    contact = f"&contact={record.id}" if record.card.key == "contact" else ""
    return f"/visits/new?customer={customer}{contact}" if customer else ""


AREA = Area(
    name="visits",
    needs=("people", "customers", "activities", "files"),
    blueprint=visits,
    nav=(
        Nav("day-outside", L("Day outside"), "map", "/visits/day", group="top", order=3, shown=_goes_outside, letter="o"),
        Nav("visits", "", "map-pin", "/visits", type="visit", order=34, letter="v"),
    ),
    settings=(
        SettingsPage("visits", L("Visits"), "/settings/visits", group="company", order=35),
        SettingsPage("positions", L("My positions"), "/settings/positions", right="", group="mine", order=50),
    ),
    commands=(
        Command("day-outside", L("My day outside"), "map", "/visits/day", type="visit"),
        Command("visit-start", L("Begin a visit now"), "map-pin", "/visits/start", type="visit", verb="create"),
        Command("team-outside", L("The team's day outside"), "users-group", "/visits/team", type="visit"),
    ),
    panels=(
        Panel("customer", "related", panels.of_customer, order=30),
        Panel("visit", "middle", panels.of_visit, order=5),
    ),
    today=(Section("visits", panels.today, place="side", order=10),),
    acts=(
        Act("visit", "check-in", L("Check in"), "map-pin", "/visits/{id}/check-in", page=True, shown=checking.may_begin,
            place="head", order=5),
        Act("visit", "check-out", L("Check out"), "check", "/visits/{id}/check-out", page=True, shown=checking.may_end,
            place="head", order=5),
        Act("visit", "cancel", L("Cancel it", "visit"), "ban", "/visits/{id}/cancel", shown=_may_cancel, order=40),
        Act("visit", "reinstate", L("Plan it again"), "arrow-back-up", "/visits/{id}/reinstate", dialog=False,
            shown=_is_cancelled, order=40),
        Act("customer", "visit", L("Plan a visit"), "map-pin", _plan, verb="view", order=31, page=True),
        Act("contact", "visit", L("Plan a visit"), "map-pin", _plan, verb="view", order=31, page=True),
        Act("customer", "visit-many", L("Plan visits"), "map-pin", "/customers/bulk/visits-form", bulk=True, verb="view"),
        Act("user", "positions", L("Positions kept"), "map-pin", "/users/{id}/positions", verb="view",
            shown=kept.may_see_to_it, order=70),
    ),
    jobs=(FORGET,),
    api=VERBS,
)  # fmt: skip

record_pages.shown_elsewhere("visit", "state", "in_distance", "out_distance", "in_verdict", "out_verdict", "in_reason")

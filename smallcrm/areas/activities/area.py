"""The activities area's card."""

from __future__ import annotations

from smallcrm.areas.activities import jobs, records, rules, settings, touch  # noqa: F401
from smallcrm.areas.activities.api import VERBS
from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.line import panel
from smallcrm.areas.activities.rules import agenda, follow_ups
from smallcrm.areas.activities.rules.states import is_done, is_open
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records.record import Record, values
from smallcrm.web.area import Act, Area, Command, Nav, Panel, SettingsPage


def _is_open(_actor: Actor, record: Record) -> bool:
    return is_open(values(record))


def _is_done(_actor: Actor, record: Record) -> bool:
    return is_done(values(record))


def _plan(actor: Actor, record: Record) -> str:
    """Where something is planned with a customer, a contact and their customer, or about anything else that is followed up."""
    if actor.scope("activity", "create") is Scope.NONE:
        return ""
    key = record.card.key
    if not follow_ups.is_followed(key):
        return ""
    if key not in ("customer", "contact"):
        return f"/activities/new?about_type={key}&about={record.id}"
    customer = values(record).get("customer") if key == "contact" else None
    return f"/activities/new?{record.card.key}={record.id}" + (f"&customer={customer}" if customer else "")


AREA = Area(
    name="activities",
    needs=("people", "customers"),
    blueprint=activities,
    nav=(
        Nav("today", L("Today"), "sun-high", "/", group="top", order=1, tabbar=True, letter="t", count=agenda.waiting, hot=True),
        Nav("calendar", L("Calendar"), "calendar", "/calendar", group="top", order=2, letter="k"),
        Nav("activities", "", "calendar-event", "/activities", type="activity", order=30),
    ),
    settings=(
        SettingsPage("calendar", L("Reminders and calendar"), "/settings/calendar", right="", group="mine", order=40),
        SettingsPage("follow-ups", L("Follow-ups and working days"), "/settings/follow-ups", group="company", order=30),
    ),
    commands=(
        Command("plan", L("Plan or note down"), "calendar-plus", "/activities/new", type="activity", verb="create"),
        Command("calendar", L("Calendar"), "calendar", "/calendar"),
    ),
    panels=(Panel("*", "middle", panel, order=10),),
    acts=(
        Act("*", "plan", L("Plan", "verb"), "calendar-plus", _plan, verb="view", order=30, place="head"),
        Act("customer", "plan-many", L("Plan a follow-up"), "calendar-plus", "/customers/bulk/plan-form", bulk=True, verb="view"),
        Act("activity", "done", L("Done"), "check", "/activities/{id}/done", dialog=False, shown=_is_open),
        Act("activity", "move", L("Move"), "calendar-time", "/activities/{id}/move", shown=_is_open, place="head"),
        Act("activity", "reopen", L("Reopen"), "arrow-back-up", "/activities/{id}/reopen", dialog=False, shown=_is_done),
    ),
    jobs=jobs.JOBS,
    api=VERBS,
)  # fmt: skip

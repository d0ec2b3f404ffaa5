"""The work reports area's card."""

from __future__ import annotations

from smallcrm.areas.people import setup
from smallcrm.areas.workreports import records, rules, views  # noqa: F401  registered by being imported
from smallcrm.areas.workreports.api import VERBS
from smallcrm.areas.workreports.jobs import REPORTS
from smallcrm.areas.workreports.pages import panels, workreports
from smallcrm.areas.workreports.records import COMMENTED
from smallcrm.areas.workreports.rules import counting, ready
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record
from smallcrm.web.area import Act, Area, Command, Nav, Panel, Section, SettingsPage
from smallcrm.web.pages import record as record_pages

setup.afterwards(ready.make)


def _may_write(actor: Actor, record: Record) -> bool:
    return bool(record.owner == actor.id and not actor.read_only and record.__data__["state"] != COMMENTED)


def _may_hand_in(actor: Actor, record: Record) -> bool:
    return _may_write(actor, record) and not record.__data__["handed_in_at"]


AREA = Area(
    name="workreports",
    needs=("people", "customers", "activities"),
    blueprint=workreports,
    nav=(
        Nav("work-reports", "", "report-analytics", "/work-reports", type="work_report", group="look", order=40,
            count=counting.waiting, letter="w"),
    ),
    settings=(SettingsPage("report-rules", L("Work reports"), "/report-rules", group="company", order=37),),
    commands=(
        Command("report-write", L("Write a work report"), "report-analytics", "/work-reports/new", type="work_report", verb="create"),
        Command("report-statistics", L("Who has handed in"), "chart-bar", "/work-reports/statistics", type="work_report"),
    ),
    panels=(Panel("work_report", "middle", panels.of_report, order=5),),
    today=(Section("work-reports", panels.today, place="side", order=20),),
    acts=(
        Act("work_report", "write", L("Write on"), "pencil", "/work-reports/{id}/write", page=True, shown=_may_write,
            place="head", order=5),
        Act("work_report", "hand-in", L("Hand in"), "check", "/work-reports/{id}/hand-in", dialog=False, shown=_may_hand_in,
            order=6),
    ),
    jobs=(REPORTS,),
    api=VERBS,
)  # fmt: skip

record_pages.shown_elsewhere("work_report", "done", "plan", "problems", "readers", "state")

"""The admissions area's card: there for schools, absent for everybody else."""

from __future__ import annotations

from smallcrm.areas.admissions import records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.admissions import settings as ours
from smallcrm.areas.admissions.pages import admissions, documents, families, intakes, rollover, tours
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.web.area import Act, Area, Command, Nav, Panel, SettingsPage
from smallcrm.web.pages import record as record_pages


def _takes_inquiries(actor: Actor) -> bool:
    return (
        ours.on()
        and actor.scope("customer", "create") is not Scope.NONE
        and actor.scope("opportunity", "create") is not Scope.NONE
    )


def _rolls_over(actor: Actor) -> bool:
    return ours.on() and rollover.may(actor)


AREA = Area(
    name="admissions",
    needs=("people", "customers", "activities", "catalog", "pool", "files", "leads", "pipeline"),
    blueprint=admissions,
    nav=(
        Nav("inquiry", L("New inquiry"), "school", "/admissions/inquiry", order=24, shown=_takes_inquiries),
        Nav("intakes", "", "calendar-event", "/intakes", type="intake", order=26),
        Nav("next-term", L("Next term"), "arrow-right", "/admissions/next-term", order=27, shown=_rolls_over),
    ),
    settings=(SettingsPage("admissions", L("Admissions"), "/settings/admissions", group="company", order=56),),
    commands=(
        Command("inquiry", L("New inquiry"), "school", "/admissions/inquiry", type="intake"),
        Command("next-term", L("Next term"), "arrow-right", "/admissions/next-term", type="intake"),
        Command("admissions", L("Admissions"), "school", "/reports/admissions", type="intake"),
        Command("documents", L("Documents asked for"), "checkbox", "/documents", type="document"),
    ),
    panels=(
        Panel("opportunity", "related", documents.panel, order=5),
        Panel("opportunity", "related", tours.panel, order=6),
        Panel("customer", "related", families.panel, order=12),
        Panel("intake", "middle", intakes.panel, order=1),
    ),
    acts=(
        Act("opportunity", "tour", L("Plan a tour or trial lesson"), "calendar-plus", "/opportunities/{id}/tours/new",
            shown=tours.may_plan, order=30),
    ),
)  # fmt: skip

record_pages.shown_elsewhere("opportunity", "papers_missing")

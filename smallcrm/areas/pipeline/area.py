"""The pipeline area's card."""

from __future__ import annotations

from smallcrm.areas.people import setup
from smallcrm.areas.pipeline import records, rules, views  # noqa: F401  registered by being imported
from smallcrm.areas.pipeline.api import VERBS
from smallcrm.areas.pipeline.pages import acts, buyers, customer, opportunity, pipeline_pages, settings
from smallcrm.areas.pipeline.records.choices import LOST, WON, Said
from smallcrm.areas.pipeline.rules import moving, setting_up
from smallcrm.base.i18n import L
from smallcrm.web.area import Act, Area, Command, Look, Nav, Panel, SettingsPage
from smallcrm.web.pages import record

setup.afterwards(setting_up.make_first)

AREA = Area(
    name="pipeline",
    needs=("people", "customers", "activities", "catalog", "pool", "files", "leads"),
    blueprint=pipeline_pages,
    nav=(
        Nav("opportunities", "", "layout-kanban", "/opportunities/board", type="opportunity", order=25, tabbar=True, letter="o"),
        Nav("competitors", "", "swords", "/competitors", type="competitor", order=75),
    ),
    settings=(SettingsPage("pipelines", L("Pipelines and stages"), "/pipelines", group="company", order=55),),
    commands=(
        Command("board", L("Board"), "layout-kanban", "/opportunities/board", type="opportunity"),
        Command("ready-pipeline", L("A pipeline with ready-made stages"), "timeline", "/pipelines/ready", type="stage", verb="create"),
    ),
    looks=(Look("opportunity", "board", L("Board"), "/opportunities/board", order=10),),
    panels=(
        Panel("opportunity", "head", opportunity.whose, order=10),
        Panel("opportunity", "figures", opportunity.figures, order=10),
        Panel("opportunity", "middle", opportunity.path, order=1),
        Panel("opportunity", "middle", opportunity.wrong, order=5),
        Panel("opportunity", "related", buyers.panel, order=10),
        Panel("opportunity", "related", opportunity.products, order=20),
        Panel("opportunity", "related", opportunity.history, order=60),
        Panel("customer", "related", customer.panel, order=15),
        Panel("contact", "related", customer.panel, order=15),
        Panel("customer", "figures", customer.figure, order=20),
        Panel("pipeline", "middle", settings.panel, order=1),
        Panel("stage", "middle", settings.stage_panel, order=1),
    ),
    acts=(
        Act("opportunity", "win", WON, "trophy", "/opportunities/{id}/stage?kind=won", place="head", shown=acts.open_and_mine, order=10),
        Act("opportunity", "lose", LOST, "circle-x", "/opportunities/{id}/stage?kind=lost", place="head", shown=acts.open_and_mine, order=11),
        Act("opportunity", "invalid", Said(L("Never was one"), L("Deferred")), "ban", "/opportunities/{id}/stage?kind=invalid", shown=acts.has_invalid, order=12),
        Act("opportunity", "reopen", L("Reopen"), "arrow-back-up", "/opportunities/{id}/reopen", shown=moving.may_reopen, order=13),
        Act("opportunity", "rate", L("Take today’s exchange rate"), "refresh", "/opportunities/{id}/rate", shown=acts.may_rate, dialog=False, order=14),
        Act("opportunity", "battle-map", L("Battle map"), "map", "/opportunities/{id}/plan", verb="view", page=True, place="head", order=20),
    ),
    api=VERBS,
)  # fmt: skip

record.shown_elsewhere(
    "opportunity", "customer", "stage", "state", "amount", "rate", "chance", "expected_close", "products", "next_step", "next_follow_up_on",
    "competitors", "strategy", "risks", "closed_on", "close_reason", "lost_to", "ask_again_on",
)  # fmt: skip

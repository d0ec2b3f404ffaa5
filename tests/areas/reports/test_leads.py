"""The leads' figures against numbers worked out by hand: conversion, first touch, what sources cost and brought in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.leads.records import Lead, LeadSource
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, change, figures, settings
from smallcrm.records.figures import Spec
from tests.areas.reports.scene import Scene
from tests.client import Web


def lead(company: Scene, part: str, source: str | None = None, **more: Any) -> int:
    given = {"name": "Bo Lane", "owner": getattr(company.cast, part), "source": source, **more}
    return int(change.create(SYSTEM, Lead, given, trusted=True).id)


def spoken_to(lead_: int, hours: float) -> None:
    at = clock.iso(clock.now() + dt.timedelta(hours=hours))
    given = {"kind": "call", "subject": "Rang", "about": {"type": "lead", "id": lead_}, "done_at": at}
    change.create(SYSTEM, Activity, given, trusted=True)


def source(name: str, amount: str, currency: str = "EUR") -> None:
    lines = [{"since": "2026-01-01", "until": "2026-12-31", "amount": amount}]
    change.create(SYSTEM, LeadSource, {"name": name, "currency": currency, "costs": lines}, trusted=True)


def value(company: Scene, part: str, measure: str, by: str = "", about: str = "lead") -> Any:
    cache.current()
    result = figures.ask(company.cast.actor(part), Spec(about, measure, by))
    return {row.names[0]: row.cell.value for row in result.rows} if by else result.total.value


@pytest.fixture
def came(company: Scene) -> Scene:
    settings.put(SYSTEM, {"company.currency": "EUR", "company.rates": ["USD = 0.5"]})
    first, second = lead(company, "anna", "Fair"), lead(company, "anna", "Fair")
    lead(company, "anna", "Web", status="converted", converted_at=clock.stamp(), cost="30")
    lead(company, "anna", "Web", status="void")
    lead(company, "carl", "Fair")
    spoken_to(first, 12)
    spoken_to(second, 60)
    spoken_to(second, 90)
    source("Fair", "900", "USD")
    source("Web", "120")
    source("Nowhere", "70", "JPY")
    return company


def test_conversion_and_first_touch(came: Scene) -> None:
    assert value(came, "anna", "lead_conversion") == Decimal("33.33")
    assert value(came, "manager", "lead_conversion") == Decimal("25.00")
    assert round(value(came, "anna", "first_touch"), 4) == Decimal("1.5")
    assert value(came, "anna", "touched_in_a_day") == Decimal("33.33")
    assert value(came, "carl", "first_touch") is None


def test_cost_by_source_within_ones_reach(came: Scene) -> None:
    """900 USD at 0.5 over three leads; 120 EUR over the one that is none void, and 30 of its own."""
    assert value(came, "manager", "source_cost", "source") == {"Fair": 450_00, "Web": 150_00}
    assert value(came, "anna", "source_cost", "source") == {"Fair": 300_00, "Web": 150_00}
    assert value(came, "manager", "cost_per_lead", "source") == {"Fair": 150_00, "Web": 150_00}
    assert value(came, "manager", "source_cost") == 600_00


def test_return_on_a_source(came: Scene) -> None:
    for amount, state in (("1000", "won"), ("800", "lost")):
        came.deal("anna", amount, state, "2026-11-02", source="Fair")
    came.deal("anna", "500", "won", "2026-11-02", source="Friends")
    found = value(came, "anna", "roi", "source", "opportunity")
    assert found == {"Fair": Decimal("122.2"), "Friends": None}  # (1000 − 450) ÷ 450
    assert value(came, "anna", "roi", about="opportunity") == Decimal("122.2")


def test_the_reports_are_there(came: Scene, web: Web) -> None:
    for key, words in (("leads", "First touch by person"), ("sources", "Cost per lead, by source")):
        for part in ("anna", "owner"):
            page = web.browser(part).get(f"/reports/{key}")
            assert page.status_code == 200
            assert words in page.get_data(as_text=True)
        assert web.browser("owner").get(f"/reports/{key}/excel").status_code == 200
    assert web.browser("nobody").get("/reports/leads").status_code == 404

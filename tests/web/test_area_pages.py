"""The pages of selling in a real browser, light and dark, at the desk and on a phone: they fit, and axe finds nothing serious."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smallcrm.areas.pipeline.records import Buyer
from smallcrm.records import change
from tests.areas.leads.scene import Scene
from tests.areas.pipeline.scene import Company
from tests.looking import PHONE, opened, serious, wide

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.cast import Cast
    from tests.client import Live

PAGES = (
    "/opportunities", "/opportunities/board", "/opportunities/{deal}", "/opportunities/{deal}/plan", "/opportunities/new", "/pipelines/{pipeline}",
    "/leads", "/leads/{lead}", "/leads/{lead}/convert", "/leads/card", "/web-forms/{form}/edit", "/visits/day", "/visits/team", "/work-reports/new",
    "/work-reports/statistics", "/forecast", "/forecast/funnel", "/forecast/moved", "/forecast/hot", "/targets", "/targets/plan",
    "/targets/commission", "/settings/targets", "/dashboard", "/dashboard/arrange", "/reports", "/reports/alerts", "/reports/workbook",
)  # fmt: skip


@pytest.fixture
def pages(cast: Cast) -> list[str]:
    """Their addresses, with something on each."""
    company, leads = Company(cast), Scene(cast)
    customer = company.customer()
    deal = int(company.make("Pumps", "Agreed", customer=customer, amount=1_200_00, next_step="Send the offer").id)
    company.make("Valves", "Won", customer=customer, amount=800_00)
    contact = company.contact("Clara Hirst", customer)
    change.create(company.actor("anna"), Buyer, {"opportunity": deal, "contact": contact, "part": "decides"})
    lead = leads.lead("Peter Lane", company="Lane Foods", status="following")
    form = leads.form(asks=[{"id": 1, "field": "name", "needed": 1}])["id"]
    return [path.format(deal=deal, pipeline=company.pipeline, lead=lead, form=form) for path in PAGES]


def test_at_the_desk_in_light_and_dark(pages: list[str], chromium: Browser, live: Live) -> None:
    found = {}
    with opened(chromium, live, "owner", viewport={"width": 1440, "height": 900}, color_scheme="light") as page:
        for path in pages:
            page.emulate_media(color_scheme="light")
            page.goto(path, wait_until="networkidle")
            trouble = [f"{over} too wide" for over in [wide(page)] if over] + serious(page)
            page.emulate_media(color_scheme="dark")
            trouble += [f"dark {each}" for each in serious(page, rules=["color-contrast"])]
            if trouble:
                found[path] = trouble
    assert not found


def test_on_a_phone(pages: list[str], chromium: Browser, live: Live) -> None:
    found = {}
    with opened(chromium, live, "owner", **PHONE) as page:
        for path in pages:
            page.goto(path, wait_until="networkidle")
            trouble = [f"{over} too wide" for over in [wide(page)] if over]
            trouble += serious(page, rules=["label", "button-name", "link-name", "scrollable-region-focusable"])
            if trouble:
                found[path] = trouble
    assert not found

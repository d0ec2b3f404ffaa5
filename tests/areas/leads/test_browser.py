"""In a real browser: a lead is converted, and a web form is put together and filled in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from smallcrm.records.record import values
from tests.areas.leads import scene as scenes
from tests.areas.leads.scene import Scene
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live
from tests.looking import PHONE, opened, wide

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """The browser keeps the real time."""
    scenes.listening()
    return Scene(cast)


@pytest.fixture
def page(scene: Scene, chromium: Browser, live: Live) -> Iterator[Page]:
    with opened(chromium, live, "anna") as page:
        yield page


def test_a_lead_becomes_a_customer_with_a_contact(scene: Scene, page: Page) -> None:
    lead = scene.lead("Peter Lane", company="Lane Foods", email="peter@lane.example", status="following")
    page.goto(f"/leads/{lead}", wait_until="networkidle")
    page.get_by_role("link", name="Convert").click()
    expect(page.get_by_label("Name of the new one").first).to_have_value("Lane Foods")
    page.get_by_role("button", name="Convert").click()
    page.wait_for_url("**/customers/*")
    expect(page.locator("h1")).to_have_text("Lane Foods")
    expect(page.locator("main")).to_contain_text("Peter Lane")
    held = scene.held(lead)
    assert held["status"] == "converted"
    assert held["converted_customer"]
    page.goto(f"/leads/{lead}", wait_until="networkidle")
    expect(page.locator("main")).to_contain_text("Converted on")
    assert page.get_by_role("link", name="Convert").count() == 0


def test_a_form_s_questions_are_ticked_as_needed_and_asked_so(scene: Scene, chromium: Browser, live: Live) -> None:
    form = scene.form(asks=[{"id": 1, "field": "name", "needed": 1}, {"id": 2, "field": "email"}])
    with opened(chromium, live, "owner") as page:
        page.goto(f"/web-forms/{form['id']}/edit", wait_until="networkidle")
        ticks = page.get_by_role("checkbox", name="Must be filled")
        expect(ticks.nth(0)).to_be_checked()
        expect(ticks.nth(1)).not_to_be_checked()
        ticks.nth(1).check()
        ticks.nth(0).uncheck()
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**/web-forms/{form['id']}")
        expect(page.locator("main")).to_contain_text("E-mail, Must be filled")
    from smallcrm.areas.leads.records import WebForm

    kept = values(scene.record(form["id"], WebForm))["asks"]
    assert [(line["field"], bool(line.get("needed"))) for line in kept] == [("name", False), ("email", True)]
    with opened(chromium, live, "anna", **PHONE) as visitor:
        visitor.goto(f"/f/{form['address_key']}", wait_until="networkidle")
        assert not wide(visitor)
        assert visitor.locator("[name=email]").get_attribute("required") is not None

"""In a real browser: cards dragged and moved by keys, what a stage asks for, who comes second, winning, losing, the battle map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from smallcrm.areas.pipeline.records import Buyer
from smallcrm.areas.pipeline.rules import moving
from smallcrm.base import clock
from smallcrm.records import change
from tests.areas.pipeline.scene import Company
from tests.browser import PATIENCE
from tests.client import Live
from tests.looking import PHONE, opened, serious, wide

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def page(company: Company, chromium: Browser, live: Live) -> Iterator[Page]:
    with opened(chromium, live, "anna") as page:
        yield page


def lane(page: Page, company: Company, stage: str) -> Locator:
    return page.locator(f"[data-lane='{company.stage[stage]}']")


def drag(page: Page, card: Locator, onto: Locator) -> None:
    """By the mouse, as a hand does it: taken up, carried in steps, let go."""
    at, to = card.bounding_box(), onto.bounding_box()
    assert at
    assert to
    page.mouse.move(at["x"] + at["width"] - 12, at["y"] + 8)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] - 4, at["y"] + 16, steps=4)
    page.mouse.move(to["x"] + to["width"] / 2, to["y"] + 30, steps=12)
    page.mouse.up()


def board(page: Page) -> None:
    page.goto("/opportunities/board", wait_until="networkidle")
    page.wait_for_function("'Sortable' in window")


def test_the_way_from_the_board_to_its_stages(company: Company, chromium: Browser, live: Live) -> None:
    with opened(chromium, live, "owner") as page:
        page.goto("/opportunities/board", wait_until="networkidle")
        expect(page.locator(".board-say")).to_be_visible()  # nothing is there yet: it says what a board is for
        page.get_by_role("link", name="Stages").click()
        page.wait_for_url(f"**/pipelines/{company.pipeline}")
        expect(page.locator("main")).to_contain_text("Closing")


def test_a_card_is_dragged_and_taken_back(company: Company, page: Page) -> None:
    record = company.make("Pumps", customer=company.customer())
    board(page)
    card = page.locator(f"[data-id='{record.id}']")
    drag(page, card, lane(page, company, "Agreed"))
    expect(page.locator("#toasts")).to_contain_text("moved to “Agreed”")
    expect(lane(page, company, "Agreed").locator(f"[data-id='{record.id}']")).to_have_count(1)
    assert company.at(record) == "Agreed"
    page.locator("#toasts [data-undo]").last.click()
    expect(lane(page, company, "Found").locator(f"[data-id='{record.id}']")).to_have_count(1)
    assert company.at(record) == "Found"


def test_by_keys_what_the_stage_asks_for_opens_at_the_card(company: Company, page: Page) -> None:
    company.set("Agreed", required_fields=["next_step"], checklist=[])
    record = company.make("Pumps", customer=company.customer())
    board(page)
    card = page.locator(f"[data-id='{record.id}']")
    card.focus()
    page.keyboard.press("Shift+ArrowRight")
    asked = page.locator(".pop-drop")
    expect(asked.locator("[name=next_step]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(lane(page, company, "Found").locator(f"[data-id='{record.id}']")).to_be_focused()
    assert company.at(record) == "Found"
    page.keyboard.press("Shift+ArrowRight")
    asked.locator("[name=next_step]").fill("Send the drawings")
    asked.get_by_role("button", name="Move").click()
    expect(page.locator("#toasts")).to_contain_text("moved to “Agreed”")
    assert (company.at(record), company.held(record)["next_step"]) == ("Agreed", "Send the drawings")


def test_who_drags_second_is_told_and_nothing_is_lost(company: Company, page: Page) -> None:
    record = company.make("Pumps", customer=company.customer())
    board(page)
    moving.move(company.actor("anna"), company.record(int(record.id)), stage=company.stage["Offered"])
    drag(page, page.locator(f"[data-id='{record.id}']"), lane(page, company, "Agreed"))
    expect(page.locator("#toasts")).to_contain_text("Somebody moved it to “Offered” meanwhile.")
    assert company.at(record) == "Offered"
    expect(lane(page, company, "Agreed").locator(f"[data-id='{record.id}']")).to_have_count(0)


def test_lost_with_a_day_to_ask_again_and_reopened(company: Company, page: Page, chromium: Browser, live: Live) -> None:
    record = company.make("Pumps", customer=company.customer())
    page.goto(f"/opportunities/{record.id}", wait_until="networkidle")
    page.get_by_role("link", name="Lost", exact=True).click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="no budget").click()
    expect(dialog.locator("[name=close_reason]")).to_have_value("no budget")
    dialog.get_by_role("button", name="in 6 months").click()
    dialog.get_by_role("button", name="Lost", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("is lost.")
    expect(page.locator("main .note").first).to_contain_text("No budget. Ask again on")
    held = company.held(record)
    assert (held["state"], held["close_reason"]) == ("lost", "no budget")
    assert dt.timedelta(days=175) < dt.date.fromisoformat(held["ask_again_on"]) - clock.today() < dt.timedelta(days=190)
    with opened(chromium, live, "manager") as manager:
        manager.goto(f"/opportunities/{record.id}", wait_until="networkidle")
        manager.locator("main").get_by_role("link", name="Reopen").first.click()
        manager.locator("#dialog [name=reason]").fill("They have money again")
        manager.locator("#dialog").get_by_role("button", name="Open again").click()
        expect(manager.locator("#toasts")).to_contain_text("is open again")
    assert (company.held(record)["state"], company.at(record)) == ("open", "Found")


def test_the_battle_map_by_keys_and_on_a_phone(company: Company, page: Page, chromium: Browser, live: Live) -> None:
    customer = company.customer()
    record = company.make("Pumps", customer=customer)
    for name, part, attitude in (("Clara Hirst", "decides", "supporter"), ("Tom Ridley", "buys", "opponent")):
        given = {
            "opportunity": int(record.id),
            "contact": company.contact(name, customer),
            "part": part,
            "attitude": attitude,
        }
        change.create(company.actor("anna"), Buyer, given)
    page.goto(f"/opportunities/{record.id}/plan", wait_until="networkidle")
    assert serious(page) == []
    page.locator(".map-people a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog [name=attitude]")).to_be_visible()
    with opened(chromium, live, "anna", **PHONE) as phone:
        phone.goto(f"/opportunities/{record.id}/plan", wait_until="networkidle")
        expect(phone.locator(".map-people")).to_contain_text("Clara Hirst")
        assert not wide(phone)

"""Boards, calendars and lists in an order of one's own: dragged, or moved with keys; refused moves go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser


def lane_of(page: Page, card: str) -> str | None:
    return page.locator(f"[data-id='{card}']").evaluate("e => e.closest('[data-lane]').dataset.lane")


def board(window: Window) -> Page:
    page = window.go("/board")
    window.until("window.Sortable !== undefined")
    page.wait_for_timeout(100)
    return page


def drag(page: Page, source: str, target: str) -> None:
    """As a hand does it: press, move in steps, let go."""
    start = page.locator(source).bounding_box()
    end = page.locator(target).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] - 8, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] - 2, start["y"] + start["height"], steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 12, steps=8)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 14, steps=2)
    page.wait_for_timeout(80)
    page.mouse.up()


def test_a_card_is_dragged_to_another_column(window: Window, site: Site) -> None:
    page = board(window)
    drag(page, "[data-id='1-2']", "[data-lane='5']")
    window.until("document.querySelector('[data-id=\"1-2\"]').closest('[data-lane]').dataset.lane === '5'")
    window.until("document.querySelector('#live').textContent.includes('Προσφορά')")
    moved = site.posted("/move/1-2")[0]
    assert moved["to"] == "5"
    assert moved["header-token"] == "token-of-this-page"


def test_a_card_is_moved_with_keys_and_put_in_its_place(window: Window, site: Site) -> None:
    page = board(window)
    page.focus("[data-id='1-1']")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.id") == "1-2"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "2-2"
    page.keyboard.press("Shift+ArrowRight")
    window.until("document.querySelector('#live').textContent !== ''")
    assert lane_of(page, "2-2") == "3"
    assert site.posted("/move/2-2")[0] == {"to": "3", "before": "3-1", "header-token": "token-of-this-page"}
    assert page.evaluate("document.activeElement.dataset.id") == "2-2"
    page.keyboard.press("Shift+ArrowDown")
    window.until("document.querySelectorAll('[data-lane=\"3\"] .kc')[1].dataset.id === '2-2'")
    assert site.posted("/move/2-2", 2)[-1]["before"] == "3-2"


def test_a_refused_card_goes_back_and_says_why(window: Window) -> None:
    window.expected = ("409",)
    page = board(window)
    page.focus("[data-id='2-1']")
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_selector("#toasts :text('This card is locked until Monday.')")
    assert lane_of(page, "2-1") == "2"
    assert page.locator("[data-lane='2'] .kc").first.get_attribute("data-id") == "2-1"


def test_a_stage_asks_in_its_column_and_takes_the_answer(window: Window, site: Site) -> None:
    page = board(window)
    page.focus("[data-id='4-1']")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector("[data-lane='5'] .pop-drop")
    assert page.evaluate("document.activeElement.name") == "fee"
    page.click(".pop-drop button:text-is('Μετακίνηση')")
    page.wait_for_selector("#toasts :text('Moved to “Offer”.')")
    page.wait_for_selector(".pop-drop", state="detached")
    assert lane_of(page, "4-1") == "5"
    assert site.posted("/move/ask")[-1]["until"] == "2026-12-04"


def test_a_stage_not_answered_takes_the_card_back(window: Window) -> None:
    page = board(window)
    page.focus("[data-id='4-1']")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".pop-drop")
    page.keyboard.press("Escape")
    page.wait_for_selector(".pop-drop", state="detached")
    assert lane_of(page, "4-1") == "4"
    assert page.evaluate("document.activeElement.dataset.id") == "4-1"


def test_a_day_of_the_month_takes_an_event(window: Window, site: Site) -> None:
    page = window.go("/month")
    window.until("window.Sortable !== undefined")
    page.wait_for_timeout(100)
    drag(page, "[data-id='3']", "[data-lane='2026-11-18']")
    window.until("document.querySelector('[data-id=\"3\"]').closest('[data-lane]').dataset.lane === '2026-11-18'")
    assert site.posted("/move/e3")[0]["to"] == "2026-11-18"


def test_an_event_of_the_week_is_dragged_by_quarters(window: Window, site: Site) -> None:
    page = window.go("/week")
    event = page.locator("[data-move-url='/move/w4']")
    box = event.bounding_box()
    day = page.locator("[data-date='2026-11-17']").bounding_box()
    assert box
    assert day
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(day["x"] + 30, box["y"] + 4 + 26, steps=6)
    page.mouse.up()
    window.until("document.querySelector('#live').textContent !== ''")
    assert site.posted("/move/w4")[0] == {
        "date": "2026-11-17",
        "start": "10:00",
        "minutes": "15",
        "header-token": "token-of-this-page",
    }
    assert event.evaluate("e => e.classList.contains('at-40')")
    assert page.url.endswith("/week"), "a drag opens nothing"


AT_ONCE = """shifted => shifted.forEach(shiftKey => document.activeElement.dispatchEvent(new KeyboardEvent(
    'keydown', {key: 'ArrowDown', altKey: true, shiftKey, bubbles: true, cancelable: true})))"""


def test_an_event_is_moved_with_keys_and_a_refused_one_goes_back(window: Window, site: Site) -> None:
    window.expected = ("409",)
    page = window.go("/week")
    page.focus("[data-move-url='/move/w1']")
    window.value(AT_ONCE, [False, False, True])
    window.until("document.querySelector('#live').textContent !== ''")
    assert [(m["start"], m["minutes"]) for m in site.posted("/move/w1")] == [("11:00", "75")], (
        "sent once, when one is done"
    )
    page.focus("[data-move-url='/move/no']")
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_selector("#toasts :text('This card is locked until Monday.')")
    assert page.locator("[data-move-url='/move/no']").evaluate("e => e.parentElement.dataset.date") == "2026-11-16"


def test_a_click_on_an_event_still_opens_it(window: Window) -> None:
    page = window.go("/week")
    with page.expect_navigation(url="**/record"):
        page.click("[data-move-url='/move/w1']")


def test_columns_are_ordered_with_the_arrow_keys_and_fixed_ones_stay(window: Window) -> None:
    page = window.go("/parts")
    order = "[...document.querySelectorAll('.order [name=column]:not([type=hidden])')].map(e => e.value)"
    page.focus(".order li:nth-child(3) .grip")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(order) == ["name", "owner", "grade", "city"]
    assert page.inner_text("#live") == "Place 2 of 4"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(order) == ["name", "owner", "grade", "city"]
    assert page.evaluate("document.activeElement.className") == "grip"

"""Dialogs, menus and what else opens: pointer, keyboard, and where the focus goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser

FOCUS = "document.activeElement.id || document.activeElement.textContent.trim()"


def test_a_dialog_takes_the_focus_and_gives_it_back(window: Window) -> None:
    page = window.go("/parts")
    page.focus("#open-dialog")
    page.keyboard.press("Enter")
    page.wait_for_selector("#a-dialog[open]")
    assert window.value(FOCUS) == "d-to"
    page.keyboard.press("Escape")
    page.wait_for_selector("#a-dialog", state="hidden")
    assert window.value(FOCUS) == "open-dialog"


def test_a_click_beside_a_dialog_closes_it_but_not_one_that_began_inside(window: Window) -> None:
    page = window.go("/parts")
    page.click("#open-dialog")
    page.mouse.move(720, 450)
    page.mouse.down()
    page.mouse.move(10, 450)
    page.mouse.up()
    assert page.is_visible("#a-dialog")
    page.mouse.click(10, 450)
    page.wait_for_selector("#a-dialog", state="hidden")


def test_a_form_comes_into_the_dialog_is_refused_and_taken(window: Window, site: Site) -> None:
    window.expected = ("422",)
    page = window.go("/parts")
    page.click("#open-form")
    page.wait_for_selector("#new-name")
    assert window.value(FOCUS) == "new-name"
    page.click("#dialog button:text-is('Keep')")
    page.wait_for_selector("#new-name-error")
    assert "Give it a name." in page.inner_text("#dialog")
    page.fill("#new-name", "Wick & Ember")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog", state="hidden")
    assert "Wick & Ember is in." in page.inner_text("#toasts")
    assert site.posted("/customers/new")[-1]["header-token"] == "token-of-this-page"
    assert page.inner_html("#dialog") == ""


def test_leaving_a_dialog_with_something_typed_asks_first(window: Window) -> None:
    page = window.go("/parts")
    page.click("#open-form")
    page.wait_for_selector("#new-name")
    page.wait_for_timeout(450)
    page.keyboard.type("Half a na")
    page.keyboard.press("Escape")
    page.wait_for_selector("#confirm[open]")
    assert "Leave without saving?" in page.inner_text("#confirm")
    page.click("#confirm [data-close]")
    page.wait_for_selector("#confirm", state="hidden")
    assert page.input_value("#new-name") == "Half a na"
    page.keyboard.press("Escape")
    page.click("#confirm [data-confirm-go]")
    page.wait_for_selector("#dialog", state="hidden")


def test_a_dangerous_act_asks_and_can_ask_for_a_word(window: Window) -> None:
    page = window.go("/parts")
    page.click("#erase")
    assert "This cannot be undone." in page.inner_text("#confirm")
    assert page.is_disabled("#confirm [data-confirm-go]")
    page.keyboard.type("erase")
    assert page.is_disabled("#confirm [data-confirm-go]")
    page.fill("#confirm-word", "ERASE")
    page.keyboard.press("Enter")
    page.wait_for_selector("#a-dialog[open]")  # what the button does once agreed to


def test_a_question_answered_no_does_nothing(window: Window, site: Site) -> None:
    page = window.go("/parts")
    page.click("[popovertarget=parts-menu]")
    page.click("#parts-menu button:has-text('Delete')")
    assert page.inner_text("#confirm h2") == "Delete this customer?"
    page.keyboard.press("Escape")
    page.wait_for_selector("#confirm", state="hidden")
    assert not site.posts("/save")
    page.click("[popovertarget=parts-menu]")
    page.click("#parts-menu button:has-text('Delete')")
    with page.expect_navigation():
        page.click("#confirm [data-confirm-go]")
    assert site.posted("/save")[0]["csrf_token"] == "token-of-this-page"


def test_a_menu_by_keyboard(window: Window) -> None:
    page = window.go("/parts")
    page.focus("[popovertarget=parts-menu]")
    page.keyboard.press("ArrowDown")
    assert window.value(FOCUS).startswith("Edit")
    page.wait_for_selector("[popovertarget=parts-menu][aria-expanded=true]")
    page.keyboard.press("ArrowUp")
    assert window.value(FOCUS) == "Delete"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert window.value(FOCUS) == "Copy its address"
    page.keyboard.press("d")
    assert window.value(FOCUS) == "Delete"
    page.keyboard.press("Escape")
    assert not page.is_visible("#parts-menu")
    assert window.value("document.activeElement.getAttribute('popovertarget')") == "parts-menu"
    page.wait_for_selector("[popovertarget=parts-menu][aria-expanded=false]")


def test_a_menu_stands_at_its_button_and_closes_by_a_click_elsewhere(window: Window) -> None:
    page = window.go("/parts")
    page.click("[popovertarget=user-menu]")
    button = page.locator("[popovertarget=user-menu]").bounding_box()
    menu = page.locator("#user-menu").bounding_box()
    assert button
    assert menu
    assert 0 <= menu["y"] - (button["y"] + button["height"]) <= 6
    assert menu["x"] + menu["width"] <= 1440
    page.mouse.click(700, 500)
    assert not page.is_visible("#user-menu")


def test_a_menu_near_the_bottom_opens_upwards(phone: Window) -> None:
    page = phone.go("/today")
    page.tap(".tabbar [popovertarget=quick-add]")
    menu = page.locator("#quick-add").bounding_box()
    assert menu
    assert menu["y"] + menu["height"] < 844 - 60
    assert menu["x"] >= 0


def test_a_forbidden_item_does_nothing(window: Window) -> None:
    page = window.go("/parts")
    page.click("[popovertarget=parts-menu]")
    page.click("#parts-menu [aria-disabled=true]", force=True)
    assert page.is_visible("#parts-menu")


def test_a_filter_opens_beside_its_chip_and_backspace_takes_it_away(window: Window, site: Site) -> None:
    page = window.go("/parts")
    page.click("[popovertarget=f-grade]")
    page.wait_for_selector("#pop-grade")
    assert window.value("document.activeElement.name") == "grade"
    page.keyboard.press("Escape")
    assert window.value("document.activeElement.getAttribute('popovertarget')") == "f-grade"
    page.click("[popovertarget=f-grade]")
    assert len(site.gets("/pop")) == 1, "fetched once"
    page.keyboard.press("Escape")
    with page.expect_navigation(url="**/list"):
        page.keyboard.press("Backspace")


def test_reasons_open_beside_their_question(window: Window) -> None:
    page = window.go("/parts")
    page.click("[popovertarget=why-1]")
    page.wait_for_selector("#why-1 .reasons")
    assert "28 days without a follow-up" in page.inner_text("#why-1")


def test_browsers_without_popovers_get_menus_too(window: Window) -> None:
    window.page.add_init_script("delete HTMLElement.prototype.popover")
    page = window.go("/parts")
    page.click("[popovertarget=parts-menu]")
    assert "is-open" in (page.get_attribute("#parts-menu", "class") or "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert "is-open" not in (page.get_attribute("#parts-menu", "class") or "")
    page.click("[popovertarget=parts-menu]")
    page.mouse.click(700, 700)
    assert "is-open" not in (page.get_attribute("#parts-menu", "class") or "")

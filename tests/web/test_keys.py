"""Keys and the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser

CHOSEN = "document.querySelector('.pal-r.on .cut').textContent"
PRESS = (
    "([key, code]) => document.body.dispatchEvent("
    "new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))"
)


def open_palette(window: Window, text: str = "") -> None:
    window.page.keyboard.press("/")
    window.page.wait_for_selector("#palette[open]")
    if text:
        window.page.keyboard.type(text)
        window.until("q => document.querySelector('#palette-list').textContent.includes(q)", f"“{text}”")
    else:
        window.page.wait_for_selector(".pal-r")


def test_two_keys_go_to_a_page_and_slowly_they_do_not(window: Window) -> None:
    page = window.go("/today")
    with page.expect_navigation(url="**/list"):
        page.keyboard.press("g")
        page.keyboard.press("c")
    page = window.go("/today")
    page.keyboard.press("g")
    page.wait_for_timeout(1300)
    page.keyboard.press("c")
    assert page.url.endswith("/today")
    assert page.is_visible("#quick-add")


@pytest.mark.parametrize(("key", "code"), [("ψ", "KeyC"), ("Process", "KeyC"), ("C", "KeyC")])
def test_keys_are_found_on_any_layout(window: Window, key: str, code: str) -> None:
    page = window.go("/today")
    window.value(PRESS, [key, code])
    assert page.is_visible("#quick-add")


def test_keys_are_left_to_whoever_types(window: Window) -> None:
    page = window.go("/form")
    page.focus("#i-name")
    page.keyboard.type("cg/?z")
    assert page.input_value("#i-name") == "cg/?z"
    assert not page.is_visible("#palette")
    assert not page.is_visible("#quick-add")


def test_the_list_of_keys_and_its_switch(window: Window) -> None:
    page = window.go("/today")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    assert "Customers" in page.inner_text("[data-keys-here]")
    page.click("#keys [data-keys-switch]")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    assert not page.is_visible("#quick-add")
    page = window.go("/list")
    page.keyboard.press("/")
    assert not page.is_visible("#palette")
    page.keyboard.press("Control+k")
    assert page.is_visible("#palette"), "with a modifier keys always act"


def test_the_palette_by_keyboard(window: Window) -> None:
    page = window.go("/today")
    open_palette(window, "wang")
    assert window.value(CHOSEN) == "Wangford Fisheries"
    assert page.inner_text(".pal-r.on mark") == "Wang"
    page.keyboard.press("ArrowDown")
    assert window.value(CHOSEN) == "深圳旺达包装有限公司"
    assert page.inner_text(".pal-r.on mark") == "旺"
    assert page.get_attribute("#palette input", "aria-activedescendant") == "palette-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert window.value(CHOSEN) == "Customers whose name contains “wang”"
    with page.expect_navigation(url="**/list"):
        page.keyboard.press("Enter")


def test_the_palette_opens_a_tab_a_dialog_or_further_acts(window: Window) -> None:
    page = window.go("/today")
    open_palette(window, "wang")
    with window.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    assert opened.value.url.endswith("/record")
    opened.value.close()
    open_palette(window, "wang")
    page.keyboard.press("ArrowRight")
    assert window.value(CHOSEN) == "Log a call with Wangford"
    page.keyboard.press("Escape")
    assert not page.is_visible("#palette")
    open_palette(window, "wang")
    page.click(".pal-r:has-text('New customer')")
    page.wait_for_selector("#new-name")


def test_the_palette_waits_for_the_input_method(window: Window) -> None:
    page = window.go("/today")
    open_palette(window, "wang")
    window.value(
        "document.querySelector('#palette input').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(100)
    assert page.is_visible("#palette")


def test_the_palette_says_when_there_is_nothing_and_shows_what_the_page_can_do(window: Window) -> None:
    page = window.go("/list?language=zh")
    open_palette(window)
    assert "导出所见" in page.inner_text("#palette-list")
    page.keyboard.type("zzz")
    window.until("document.querySelector('[data-palette-say]').textContent !== ''")
    assert page.inner_text("[data-palette-say]") == "Nothing found for “zzz”."


def test_the_palette_opens_from_the_search_box_and_asks_only_for_the_last_word(window: Window, site: Site) -> None:
    page = window.go("/today")
    page.click(".top-search")
    page.wait_for_selector(".pal-r")
    site.asked.clear()
    page.keyboard.type("wangford", delay=10)
    window.until("document.querySelector('#palette-list').textContent.includes('“wangford”')")
    assert len(site.gets("/palette")) <= 3


def test_rows_are_walked_with_j_and_k_and_answer_to_their_keys(window: Window, site: Site) -> None:
    page = window.go("/today")
    row = "document.activeElement.id"
    page.keyboard.press("j")
    assert window.value(row) == "w1"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert window.value(row) == "w4", "groups are one walk"
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert window.value(row) == "w2"
    assert page.is_visible("#w2 .acts")
    page.keyboard.press("m")
    page.wait_for_selector("#new-name")
    page.keyboard.press("Escape")
    page.wait_for_selector("#dialog", state="hidden")
    page.focus("#w2")
    page.keyboard.press("e")
    page.wait_for_selector("#late .next")
    assert site.posted("/done/2")
    window.until(f"{row} === 'w3'")  # done is swapped away; one stays at one's place


def test_enter_opens_a_row_and_x_ticks_it(window: Window) -> None:
    page = window.go("/list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tbody tr").nth(1).locator("[name=id]").is_checked()
    with page.expect_navigation(url="**/record"):
        page.keyboard.press("Enter")


def test_the_first_tab_skips_to_the_page(window: Window) -> None:
    page = window.go("/list")
    page.keyboard.press("Tab")
    assert window.value("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert window.value("document.activeElement.id") == "main"

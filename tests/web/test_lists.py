"""Ticking rows, editing one cell, tabs that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser


def ticked(page: Page) -> list[int]:
    return list(
        page.evaluate(
            "[...document.querySelectorAll('tbody [name=id]')].map((b, i) => b.checked ? i : -1).filter(i => i >= 0)"
        )
    )


def boxes(page: Page) -> list[str]:
    return list(
        page.evaluate(
            "[...new FormData(document.querySelector('#bulk')).entries()].filter(([n]) => n === 'id').map(([, v]) => v)"
        )
    )


# ---------------------------------------------------------------- selecting


def test_a_range_is_ticked_with_shift_and_the_bar_says_how_many(window: Window) -> None:
    page = window.go("/list")
    assert not page.is_visible("#bulk")
    box = page.locator("tbody [name=id]")
    box.nth(1).click()
    box.nth(5).click(modifiers=["Shift"])
    assert ticked(page) == [1, 2, 3, 4, 5]
    assert page.inner_text("#bulk [data-count]") == "5 selected"
    box.nth(3).click(modifiers=["Shift"])
    assert ticked(page) == [1, 2], "Shift takes away as it gives"
    page.click("#bulk [data-select-none]")
    assert not page.is_visible("#bulk")
    assert ticked(page) == []


def test_all_of_the_page_and_all_of_the_list(window: Window, site: Site) -> None:
    page = window.go("/list")
    page.locator("tbody [name=id]").nth(0).click()
    assert page.evaluate("document.querySelector('[data-select-all]').indeterminate")
    page.click("[data-select-all]")
    assert len(ticked(page)) == 20
    page.click("#bulk [data-select-everything]")
    assert page.inner_text("#bulk [data-count]") == "All 1,284 selected"
    page.locator("tbody [name=id]").nth(7).click()
    assert page.inner_text("#bulk [data-count]") == "19 selected", "one taken out: only those in sight are meant"
    page.click("#bulk [data-select-everything]")
    with page.expect_navigation():
        page.click("#bulk button:has-text('标签')")
    sent = site.posted("/save")[0]
    assert sent["everything"] == "1"
    assert sent["filter"] == "{}"
    assert sent["csrf_token"] == "token-of-this-page"


def test_ticks_outlive_a_visit_to_another_page_of_the_list_and_end_with_the_act(window: Window) -> None:
    page = window.go("/list")
    page.locator("tbody [name=id]").nth(2).click()
    page.evaluate("document.querySelectorAll('tbody [name=id]')[3].value = '999'")  # as if it stood on another page
    page.locator("tbody [name=id]").nth(3).click()
    page = window.go("/list")
    assert ticked(page) == [2]
    assert page.inner_text("#bulk [data-count]") == "2 selected"
    assert sorted(boxes(page)) == ["3", "999"]
    with page.expect_navigation():
        page.click("#bulk button:has-text('标签')")
    page = window.go("/list")
    assert ticked(page) == []


# ---------------------------------------------------------------- one cell

CITY = "tbody tr:nth-child(3) [data-cell='/cell/city-3']"


def edit(window: Window, selector: str = CITY) -> Page:
    page = window.go("/list")
    page.click(selector)
    page.wait_for_selector(f"{selector} input")
    return page


def test_a_cell_is_edited_and_enter_keeps_it(window: Window, site: Site) -> None:
    page = window.go("/list")
    before = page.locator("tbody tr").nth(3).bounding_box()
    page.click(CITY)
    page.wait_for_selector(f"{CITY} input")
    assert page.evaluate("document.activeElement.value") == "Leeds"
    assert page.locator("tbody tr").nth(3).bounding_box() == before, "nothing jumps"
    page.keyboard.type("Hull")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{CITY}:not(.edit)")
    assert page.inner_text(CITY) == "Hull"
    assert site.posted("/cell/city-3")[0] == {"value": "Hull", "header-token": "token-of-this-page"}
    assert "Kept." in page.inner_text("#toasts")
    assert page.locator("tbody tr").nth(3).bounding_box() == before, "nothing jumps"
    assert page.evaluate("document.activeElement.dataset.cell") == "/cell/city-3"


def test_escape_brings_the_old_value_back(window: Window, site: Site) -> None:
    page = edit(window)
    page.keyboard.type("Nowhere")
    page.keyboard.press("Escape")
    assert page.inner_text(CITY) == "惠州"
    assert not site.posts("/cell/city-3")


def test_tab_keeps_and_goes_to_the_next_cell(window: Window, site: Site) -> None:
    page = edit(window)
    page.keyboard.type("York")
    page.keyboard.press("Tab")
    page.wait_for_selector("[data-cell='source-3'] input")
    assert page.inner_text(CITY) == "York"
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(f"{CITY} input")
    assert len(site.posts("/cell/source-3")) == 0, "nothing changed, nothing sent"


def test_a_refused_value_stays_with_its_reason(window: Window) -> None:
    window.expected = ("422",)
    page = edit(window)
    page.keyboard.type("bad")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{CITY} .f-msg")
    assert "There is no such place." in page.inner_text(CITY)
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    page.keyboard.press("Escape")
    assert page.inner_text(CITY) == "惠州"


def test_a_click_elsewhere_keeps_and_opens_the_other_cell(window: Window, site: Site) -> None:
    page = edit(window)
    page.keyboard.type("Ripon")
    page.click("[data-cell='/cell/city-6']")
    page.wait_for_selector("[data-cell='/cell/city-6'] input")
    assert page.inner_text(CITY) == "Ripon"
    assert site.posted("/cell/city-3")[0]["value"] == "Ripon"


def test_cells_are_reached_with_the_arrow_keys(window: Window) -> None:
    page = window.go("/list")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.cell") == "/cell/city-2"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-cell='source-2'] input")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('tr')")


def test_facts_of_a_record_are_edited_where_they_stand(window: Window, site: Site) -> None:
    page = window.go("/record?language=zh")
    page.hover("dd[data-cell='/cell/industry']")
    page.click("dd[data-cell='/cell/industry'] .pen")
    page.wait_for_selector("dd[data-cell='/cell/industry'] input")
    page.keyboard.type("Boxes")
    page.keyboard.press("Enter")
    page.wait_for_selector("dd[data-cell='/cell/industry']:not(.edit)")
    assert site.cells["industry"] == "Boxes"


# ---------------------------------------------------------------- tabs


def test_tabs_that_do_not_fit_wait_in_a_menu_and_the_current_one_stays(window: Window) -> None:
    window.page.set_viewport_size({"width": 760, "height": 800})
    page = window.go("/list?language=zh")
    page.wait_for_selector(".tabs [data-more]:not([hidden])")
    assert page.is_visible(".tabs [aria-current]")
    assert page.is_visible(".tabs a[aria-label='新视图']")
    page.click(".tabs [data-more]")
    assert page.locator("#tabs-more [role=menuitem]").count() >= 1
    assert not page.evaluate(
        "document.querySelector('.tabs').scrollWidth > document.querySelector('.tabs').clientWidth + 1"
    )
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 800})
    page.wait_for_selector(".tabs [data-more]", state="hidden")


def test_a_records_parts_are_tabs_on_a_phone(phone: Window) -> None:
    page = phone.go("/record?language=zh")
    assert page.is_visible(".tl")
    assert not page.is_visible(".kv")
    page.tap("[data-part=facts]")
    assert page.is_visible(".kv")
    assert not page.is_visible(".tl")


def test_more_opens_the_rail_as_a_sheet(phone: Window) -> None:
    page = phone.go("/today")
    page.tap("[data-more-sheet]")
    page.wait_for_selector("#more[open] .rail a")
    assert page.is_visible("#more .rail a:has-text('Reports')")
    page.tap("#more [data-close]")
    page.wait_for_selector("#more", state="hidden")
    assert page.evaluate("document.querySelector('.app > .rail') !== null")


def test_the_rail_folds_and_the_server_is_told(window: Window) -> None:
    page = window.go("/today")
    page.hover(".rail")
    page.click("[data-rail-fold]")
    assert page.evaluate("document.querySelector('.rail').getBoundingClientRect().width") == 52
    assert {"rail": "narrow"}.items() <= {c["name"]: c["value"] for c in window.context.cookies()}.items()
    page.click("[data-rail-fold]")
    assert page.evaluate("document.querySelector('.rail').getBoundingClientRect().width") == 204

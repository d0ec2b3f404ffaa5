"""In a real browser: a dashboard is arranged by keys and ticks, and its charts fit the desk and the phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.areas.reports.scene import Scene
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live
from tests.looking import PHONE, opened, wide

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def company(cast: Cast) -> Scene:
    """The browser keeps the real time."""
    return Scene(cast)


@pytest.fixture
def page(company: Scene, chromium: Browser, live: Live) -> Iterator[Page]:
    with opened(chromium, live, "anna") as page:
        yield page


def names(page: Page) -> list[str]:
    return page.locator(".order-tiles .opt-l span").all_inner_texts()


def test_a_dashboard_is_arranged_and_stays_so(company: Scene, page: Page) -> None:
    company.deal("anna", "1200")
    page.goto("/dashboard", wait_until="networkidle")
    page.get_by_role("link", name="Arrange").click()
    page.wait_for_url("**/dashboard/arrange**")
    before = names(page)
    page.locator(".order-tiles .grip").first.focus()
    page.keyboard.press("ArrowDown")
    assert names(page)[:2] == [before[1], before[0]]
    page.locator(".order-tiles .opt-l").nth(2).locator("input").uncheck()
    page.get_by_label("Name", exact=False).first.fill("What I look at")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(lambda url: "arrange" not in url)
    expect(page.locator("h1")).to_have_text("What I look at")
    page.goto("/dashboard", wait_until="networkidle")
    expect(page.locator("h1")).to_have_text("What I look at")
    page.goto("/dashboard/arrange", wait_until="networkidle")
    assert names(page) == [before[1], before[0], *before[3:]]


def test_letters_in_charts_are_neither_tiny_nor_huge(company: Scene, chromium: Browser, live: Live) -> None:
    company.deal("anna", "1200", "won", "2026-01-10")
    for options in ({"viewport": {"width": 1440, "height": 900}}, PHONE):
        with opened(chromium, live, "owner", **options) as page:
            for path in ("/dashboard", "/forecast", "/forecast/moved"):
                page.goto(path, wait_until="networkidle")
                assert not wide(page), path
                script = "e => e.filter(t => t.checkVisibility()).map(t => t.getBoundingClientRect().height)"
                for height in page.locator("svg.ch text").evaluate_all(script):
                    assert 9 <= height <= 24, (path, height)

"""In a real browser on a telephone: the position at the tap, what happens without one, and without a network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from smallcrm.areas.visits.records import Visit
from smallcrm.areas.visits.rules import checking
from smallcrm.base import clock
from smallcrm.records import cache, change, rows
from smallcrm.records.record import Record
from smallcrm.web.context import COOKIE
from tests.areas.visits.scene import ACROPOLIS, SYNTAGMA, Outside, here
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live

expect.set_options(timeout=PATIENCE * 1000)
Open = Callable[..., Page]


@pytest.fixture
def now(cast: Cast) -> Outside:
    """The browser keeps the real time."""
    return Outside(cast)


@pytest.fixture
def phone(cast: Cast, chromium: Browser, live: Live) -> Iterator[Open]:
    opened = []

    def open_(at: tuple[float, float] | None = ACROPOLIS) -> Page:
        place = {"latitude": at[0], "longitude": at[1], "accuracy": 20} if at else None
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, base_url=live.url,
            geolocation=place, permissions=["geolocation"] if at else [],
        )  # fmt: skip
        context.set_default_timeout(PATIENCE * 1000)
        context.add_cookies([{"name": COOKIE, "value": live.session_of("anna"), "url": live.url}])
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()


def plan(outside: Outside, hours: float = 1, **more: object) -> Record:
    when = clock.iso(clock.now() + dt.timedelta(hours=hours))
    given = {"customer": outside.customer(), "purpose": "Show the samples", "planned_at": when, **more}
    return change.create(outside.actor(), Visit, given)


def held(visit: Record) -> dict[str, object]:
    cache.current()
    return rows.load(Visit, [int(visit.id)])[int(visit.id)]


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_check_in_and_out_with_one_thumb(now: Outside, phone: Open) -> None:
    visit = plan(now)
    page = phone()
    page.goto(f"/visits/{visit.id}/check-in", wait_until="networkidle")
    button = page.get_by_role("button", name="Check in")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert not wide(page)
    button.tap()
    page.wait_for_url("**/check-out")
    assert held(visit)["in_verdict"] == "in_range"
    page.get_by_label("What was said").fill("They want twelve")
    page.get_by_label("What is next?").fill("call Friday")
    assert not wide(page)
    page.get_by_role("button", name="Check out").tap()
    page.wait_for_url("**/visits/day")
    assert (held(visit)["state"], held(visit)["report"]) == ("ended", "They want twelve")
    assert held(visit)["out_verdict"] == "in_range"
    assert not wide(page)


def test_far_away_one_is_asked(now: Outside, phone: Open) -> None:
    visit = plan(now)
    page = phone(SYNTAGMA)
    page.goto(f"/visits/{visit.id}/check-in", wait_until="networkidle")
    page.get_by_role("button", name="Check in").tap()
    expect(page.get_by_text("away from the customer")).to_be_visible()
    page.get_by_role("button", name="Check in all the same").tap()
    page.wait_for_url("**/check-out")
    assert held(visit)["in_verdict"] == "out_of_range"


def test_refused_the_position_is_replaced_by_words(now: Outside, phone: Open) -> None:
    visit = plan(now)
    page = phone(None)
    page.goto(f"/visits/{visit.id}/check-in", wait_until="networkidle")
    expect(page.get_by_label("Where you are")).to_be_hidden()
    page.get_by_role("button", name="Check in").tap()
    expect(page.get_by_text("does not give the position")).to_be_visible()
    page.get_by_label("Where you are").fill("In the cellar")
    page.get_by_role("button", name="Check in").tap()
    page.wait_for_url("**/check-out")
    assert (held(visit)["in_verdict"], held(visit)["in_reason"]) == ("unverifiable", "In the cellar")


def test_without_a_network_nothing_typed_is_lost(now: Outside, phone: Open) -> None:
    visit = checking.check_in(now.actor(), plan(now), evidence=here())
    page = phone()
    page.goto(f"/visits/{visit.id}/check-out", wait_until="networkidle")
    page.get_by_label("What was said").fill("They want twelve")
    page.context.set_offline(True)
    page.get_by_role("button", name="Check out").tap()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    expect(page.get_by_label("What was said")).to_have_value("They want twelve")
    assert held(visit)["state"] == "under_way"
    page.context.set_offline(False)
    page.get_by_role("button", name="Check out").tap()
    page.wait_for_url("**/after")
    assert held(visit)["report"] == "They want twelve"


def test_the_day_is_put_in_order_by_keys(now: Outside, phone: Open) -> None:
    today = clock.start_of(clock.today())
    ids = []
    for n, name in enumerate(("First", "Second", "Third")):
        given = {
            "customer": now.customer(name),
            "purpose": name,
            "planned_at": clock.iso(today + dt.timedelta(hours=9 + n)),
        }
        ids.append(int(change.create(now.actor(), Visit, given).id))
    page = phone()
    page.goto("/visits/day", wait_until="networkidle")
    page.locator(".grip").first.focus()
    with page.expect_navigation():
        page.keyboard.press("ArrowDown")
    names = page.locator(".stop-h .stop-a").all_inner_texts()
    assert names == ["Second", "First", "Third"]
    page.get_by_role("button", name="Earlier: Third").tap()
    expect(page.locator(".stop-h .stop-a").nth(1)).to_have_text("Third")
    assert not wide(page)

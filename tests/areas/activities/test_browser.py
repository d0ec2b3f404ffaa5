"""In a real browser: the log line, today's flow, the calendar by mouse and keys, and the phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from smallcrm.areas.activities.rules import acts
from smallcrm.base import clock, formats
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings
from smallcrm.records.record import values
from smallcrm.web.context import COOKIE
from tests.areas.activities.conftest import Scene
from tests.browser import PATIENCE
from tests.client import Live

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Every day is worked, so that the tests hold on any day."""
    settings.put(SYSTEM, {"follow_ups.weekdays": [str(day) for day in range(7)]})
    return scene


@pytest.fixture
def friday() -> None:
    """The browser keeps the real time here."""


@pytest.fixture
def page(scene: Scene, chromium: Browser, live: Live) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 850})
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies([{"name": COOKIE, "value": live.session_of("anna"), "url": live.url}])
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.url_base = live.url  # type: ignore[attr-defined]
    yield page
    context.close()
    assert problems == []


def go(page: Page, path: str) -> None:
    page.goto(page.url_base + path, wait_until="networkidle")  # type: ignore[attr-defined]


def today_at(hour: int, days: int = 0) -> dt.datetime:
    return clock.at_local(clock.today() + dt.timedelta(days=days), dt.time(hour))


def test_a_line_is_previewed_mended_and_kept(scene: Scene, page: Page) -> None:
    go(page, f"/customers/{scene.customer}")
    page.fill("#log textarea", "called Bob 5m, they like it")
    chip = page.locator("#log-preview .lab-b")
    expect(chip).to_have_text("Call · 5 min · Bob Fenwick")
    chip.click()
    page.fill("[data-fix='a0.minutes']", "12")
    page.keyboard.press("Tab")
    expect(chip).to_have_text("Call · 12 min · Bob Fenwick")
    page.focus("#log textarea")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline .tl-i").first).to_contain_text("12 min")
    expect(page.locator("#log textarea")).to_have_value("")
    page.locator("#log-next button").first.click()
    expect(page.locator("#timeline .tl-k.plan")).to_have_count(1)
    expect(page.locator("#log-next button")).to_have_count(0)
    page.wait_for_timeout(700)
    expect(page.locator(".draft")).to_have_count(0)  # nothing is offered back of what was kept
    page.locator("#toasts [data-undo]").last.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#timeline .tl-k.plan")).to_have_count(0)


def mark(page: Page, selector: str) -> None:
    """So that one can tell what is drawn anew from what stands there."""
    page.evaluate("selector => document.querySelectorAll(selector).forEach(e => { e.dataset.before = '' })", selector)


def test_today_is_worked_off_with_keys(scene: Scene, page: Page) -> None:
    first = acts.plan(
        scene.anna, kind="call", subject="Ask about the price", due=clock.today(), customer=scene.customer
    )
    second = acts.plan(scene.anna, kind="call", subject="Second one", due=clock.today(), customer=scene.customer)
    go(page, "/")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".next .q")).to_have_text("What is next?")
    expect(page.locator("#today-n")).to_have_text("1 of 2 done")
    mark(page, "#today > *")
    page.locator(".next button").first.click()
    expect(page.locator(".next")).to_have_count(0)
    page.wait_for_selector("#today > :not([data-before])")
    assert values(scene.activity(int(first.id)))["done_at"]
    assert len(scene.all()) == 3
    page.locator(f"#wk-{second.id}").focus()
    page.keyboard.press("m")
    mark(page, "#today > *")
    page.locator("#dialog button[name=to]").first.click()
    expect(page.locator("#toasts")).to_contain_text("Moved: Second one, tomorrow")
    page.wait_for_selector("#today > :not([data-before])")
    page.locator(f"#wk-{second.id}").focus()
    page.keyboard.press("l")
    page.fill("#log-d textarea", "called, they buy")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).not_to_be_visible()
    assert values(scene.activity(int(second.id)))["done_at"]


def test_the_calendar_by_mouse_and_keys(scene: Scene, page: Page) -> None:
    monday = clock.today() + dt.timedelta(days=7 - clock.today().weekday())
    made = acts.plan(
        scene.anna, kind="call", subject="Drag me", due=clock.at_local(monday, dt.time(10)), customer=scene.customer
    )
    go(page, f"/calendar?view=week&day={monday}")
    event = page.locator(f"[data-id='{made.id}']")
    box = event.bounding_box()
    column = page.locator(".cal-day").nth(1).bounding_box()
    assert box
    assert column
    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(column["x"] + 30, box["y"] + 5 + column["height"] / 24, steps=8)
    mark(page, "#calendar")
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("Moved: Drag me")
    moved = values(scene.activity(int(made.id)))
    assert moved["due_at"] == clock.iso(clock.at_local(monday + dt.timedelta(days=1), dt.time(11)))
    page.wait_for_selector("#calendar:not([data-before])")
    page.locator(f"[data-id='{made.id}']").focus()
    mark(page, "#calendar")
    page.keyboard.press("Alt+ArrowDown")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Alt+ArrowDown")
    moved = values(scene.activity(int(made.id)))
    assert moved["due_at"] == clock.iso(clock.at_local(monday + dt.timedelta(days=1), dt.time(11, 30)))
    page.wait_for_selector("#calendar:not([data-before])")
    expect(page.locator(f"[data-id='{made.id}']")).to_be_focused()  # one can go on with the keys
    page.locator(".cal-day").nth(3).click(position={"x": 20, "y": column["height"] * 14 / 24 + 3})
    expect(page.locator("#dialog [name=time]")).to_have_value("14:00")
    page.fill("#dialog [name=subject]", "Planned by a click")
    page.locator("#dialog .b-main").click()
    expect(page.locator("#calendar")).to_contain_text("Planned by a click")


def test_a_month_by_keys(scene: Scene, page: Page) -> None:
    first = (clock.today().replace(day=1) + dt.timedelta(days=31)).replace(day=8)
    made = acts.plan(scene.anna, kind="call", subject="Take me along", due=clock.at_local(first, dt.time(10)))
    go(page, f"/calendar?view=month&day={first}")
    event = page.locator(f"a[data-id='{made.id}']")
    event.focus()
    mark(page, "#calendar")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowDown")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Alt+ArrowRight")
    moved = values(scene.activity(int(made.id)))
    assert moved["due_at"] == clock.iso(clock.at_local(first + dt.timedelta(days=9), dt.time(10)))
    page.wait_for_selector("#calendar:not([data-before])")
    expect(event).to_be_focused()
    expect(page.locator("#live")).to_have_text(f"Moved to {formats.date_long(first + dt.timedelta(days=9))}.")
    lane = page.locator(f"[data-lane='{first + dt.timedelta(days=9)}']")
    expect(lane.locator(f"[data-id='{made.id}'] a")).to_have_count(1)


def test_a_phone(scene: Scene, chromium: Browser, live: Live) -> None:
    acts.plan(scene.anna, kind="call", subject="Ask", due=clock.today(), customer=scene.customer, contact=scene.bob)
    context = chromium.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    context.add_cookies([{"name": COOKIE, "value": live.session_of("anna"), "url": live.url}])
    page = context.new_page()
    for path in (
        "/",
        "/calendar",
        "/calendar?view=week",
        f"/customers/{scene.customer}",
        "/activities/new",
        "/settings/calendar",
    ):
        page.goto(live.url + path, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.goto(live.url + "/", wait_until="networkidle")
    call = page.locator(".wk .call")
    assert call.get_attribute("href") == "tel:07700900123"
    box = call.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    page.locator(".tick").first.tap()
    expect(page.locator(".next .q")).to_be_visible()
    context.close()

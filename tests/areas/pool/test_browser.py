"""The pool in a real browser: claiming on a phone, returning by the dialog, rules with their preview beside the list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from smallcrm.areas.pool.rules import pools
from smallcrm.base import clock
from smallcrm.web.context import COOKIE
from tests.areas.pool import scene
from tests.areas.pool.scene import Company
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def today(cast: Cast) -> Company:
    """The cast as it is now: the server's threads know of no other day."""
    scene.listening()
    return Company(cast)


@contextmanager
def window(chromium: Browser, live: Live, part: str, size: dict[str, int]) -> Iterator[Page]:
    """A window of one of the cast; whatever the console says fails the test, but that a form was refused."""
    context = chromium.new_context(viewport=size, has_touch=size is PHONE, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies([{"name": COOKIE, "value": live.session_of(part), "url": live.url}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert not [text for text in said if "status of 422" not in text]


def test_claiming_on_a_phone(today: Company, live: Live, chromium: Browser) -> None:
    """One tap, a toast with its undo, the number in clear on the customer's page; nothing is wider than the screen."""
    pool = today.pool(daily_claim_limit=3)
    number = today.lying(pool, "Arkwright Bakeries", phone="0113 4960173")
    with window(chromium, live, "anna", PHONE) as page:
        page.goto(f"{live.url}/pool")
        assert "4960173" not in page.inner_text("body").replace(" ", "")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.click("button:has-text('Claim'):visible")
        page.wait_for_selector("text=Arkwright Bakeries is yours now.")
        assert today.held(number)["owner"] == today.cast.anna
        assert "You can still claim 2 today." in page.inner_text("body")
        page.goto(f"{live.url}/customers/{number}")
        page.click("text=Facts")
        assert "4960173" in page.inner_text("body").replace(" ", "")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_returning(today: Company, live: Live, chromium: Browser) -> None:
    """The dialog asks why and says so when nothing was chosen; then the customer lies in the pool."""
    pool = today.pool(days_without_follow_up=30)
    number = today.customer("Holroyd Tea")
    with window(chromium, live, "anna", DESK) as page:
        page.goto(f"{live.url}/customers/{number}")
        page.click(".head-end [aria-haspopup=menu], .head [aria-label=More]")
        page.click("text=Return to the pool")
        page.click("#dialog button:has-text('Return it')")
        page.wait_for_selector("#dialog [role=alert]")
        page.click("#dialog label:has-text('Budget put off')")
        page.click("#dialog button:has-text('Return it')")
        page.wait_for_selector("text=Holroyd Tea lies in the pool now.")
        assert "Budget put off" in page.inner_text("main")
    held = today.held(number)
    assert (held["pool"], held["owner"], held["pool_reason"]) == (pool, None, "Budget put off")


def test_rules_are_previewed_as_one_types(today: Company, live: Live, chromium: Browser) -> None:
    """What would fall follows the keys; "was" and "not saved yet" show; nothing holds before it is saved."""
    pool = today.pool(days_without_follow_up=60)
    with clock.at(clock.now() - scene.dt.timedelta(days=20)):
        today.customer("Neglected Mills")
    with window(chromium, live, "owner", DESK) as page:
        page.goto(f"{live.url}/pool?rules=1")
        assert "Tonight 0 would fall in" in page.inner_text("#preview")
        page.fill("input[name=days_without_follow_up]", "10")
        page.wait_for_selector("#preview :text('1 more than')")
        assert "Neglected Mills" in page.inner_text("#preview")
        assert page.is_visible("text=not saved yet")
        assert page.inner_text(".was:visible") == "was 60"
        assert pools.every()[pool].number("days_without_follow_up") == 60
        page.click("button:has-text('Save the rules')")
        page.wait_for_selector("text=The rules are kept")
        assert "as by today's rules" in page.inner_text("#preview")
    today.actor("owner")
    assert pools.every()[pool].number("days_without_follow_up") == 10


def test_the_colleague_is_chosen_where_somebody_is_switched_off(today: Company, live: Live, chromium: Browser) -> None:
    """The picker was drawn while its choice was hidden: shown, it can be used."""
    number = today.customer("Handed over")
    with window(chromium, live, "owner", DESK) as page:
        page.goto(f"{live.url}/users/{today.cast.anna}/switch-off")
        page.wait_for_selector(".ts-wrapper", state="attached")
        page.check("input[name=way][value=colleague]")
        page.click(".ts-control:visible")
        page.keyboard.type("Bob")
        page.click(".ts-dropdown .option:visible:has-text('Bob')")
        page.click("button:has-text('Switch off')")
        page.wait_for_selector("text=is switched off")
        assert today.held(number)["owner"] == today.cast.bob

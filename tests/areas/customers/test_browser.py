"""The 360° page, relations, merging and erasing as somebody does them, at a desk and on a phone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from smallcrm.areas.privacy.rules import erasing
from smallcrm.records.record import values
from smallcrm.web.context import COOKIE
from tests.areas.customers.making import again, contact, customer
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live
from tests.web.conftest import DESKTOP, PHONE, Window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
Opener = Callable[..., Any]


@pytest.fixture
def opened(chromium: Browser, live: Live) -> Opener:
    """A window of one of the cast; a complaint in its console fails the test."""

    @contextmanager
    def opening(part: str = "anna", size: dict[str, Any] = DESKTOP) -> Iterator[Window]:
        context = chromium.new_context(**size)
        context.set_default_timeout(PATIENCE * 1000)
        context.add_cookies([{"name": COOKIE, "value": live.session_of(part), "url": live.url}])
        window = Window(live.url, context.new_page(), context)
        window.watch()
        yield window
        context.close()
        assert not window.troubles

    return opening


WIDE = "document.documentElement.scrollWidth <= innerWidth"


def test_the_page_on_a_phone(cast: Cast, opened: Opener) -> None:
    mine = customer(cast, "A company with a name that goes on and on and on " * 3, phone="0113 4960000")
    for n in range(60):
        contact(cast, mine, f"Person {n:02} of the very long family name", mobile=f"0113 49600{n:02}")
    with opened(size=PHONE) as window:
        page = window.go(f"/customers/{mine.id}")
        assert window.value(WIDE)
        assert page.get_by_role("link", name="Call", exact=True).get_attribute("href") == "tel:01134960000"
        assert not page.is_visible("#contacts")
        page.click("button[data-part]:has-text('Contacts 60')")
        assert page.is_visible("#contacts")
        assert window.value(WIDE)


def test_a_contact_is_added_in_a_dialog(cast: Cast, opened: Opener) -> None:
    mine = customer(cast)
    with opened() as window:
        page = window.go(f"/customers/{mine.id}")
        page.click("#contacts a[data-dialog]")
        page.fill("#dialog input[name=name]", "Nora New")
        page.click("#dialog button[type=submit].b-main")
        page.wait_for_selector("#contacts :text('Nora New')")
        assert page.url.endswith(f"/customers/{mine.id}")


def test_a_relation_by_typing(cast: Cast, opened: Opener) -> None:
    mine = customer(cast)
    bob, ann = contact(cast, mine, "Bob Boss"), contact(cast, mine, "Ann Below")
    with opened() as window:
        page = window.go(f"/contacts/{ann.id}")
        page.click(f"a[data-dialog][href^='/contacts/{ann.id}/relations/new']:not([role])")
        page.select_option("#dialog select[name=kind]", "reports_to")
        window.until("!!document.querySelector('#dialog .ts-control input')")
        page.click("#dialog .ts-control")
        page.keyboard.type("Bob B")
        page.click("#dialog .ts-dropdown [data-value]:has-text('Bob Boss')")
        page.click("#dialog button[type=submit].b-main")
        page.wait_for_selector(f"a[href='/contacts/{bob.id}']:has-text('Bob Boss')")
        window.go(f"/contacts/{bob.id}")
        assert page.is_visible(f"a[href='/contacts/{ann.id}']")


def test_likely_doubles_while_one_types_and_merging_them(cast: Cast, opened: Opener) -> None:
    kept = customer(cast, "Holroyd Tea", phone="0113 4960000")
    gone = customer(cast, "Holroyd & Daughters", phone="0113 496 0000", city="York")
    with opened("owner") as window:
        page = window.go("/customers/new")
        page.fill("input[name=name]", "holroyd tea ltd")
        page.keyboard.press("Tab")
        page.wait_for_selector(f"a[href='/customers/{kept.id}']:visible")
    for size in (DESKTOP, PHONE):
        with opened("owner", size) as window:
            page = window.go(f"/customers/{kept.id}")
            window.go(f"/customers/merge?id={kept.id}&id={gone.id}")
            assert window.value(WIDE)
            page.locator("input[name=take-name][value=loser]").check()
            if size is PHONE:
                page.get_by_role("button", name="Merge").click()
                page.wait_for_selector("h1:has-text('Holroyd & Daughters')")
    assert values(again(kept))["city"] == "York"
    assert values(again(gone))["merged_into"] == kept.id


def test_giving_out_and_erasing(cast: Cast, opened: Opener, tmp_path: Any) -> None:
    one = contact(cast, customer(cast), "Zora Quill", email="zora@quill.example")
    with opened("owner") as window:
        page = window.go(f"/contacts/{one.id}")
        page.click("button[popovertarget=rec-more]")
        page.click("a:has-text('Personal data')")
        with page.expect_download() as got:
            page.get_by_role("button", name="Download").click()
        got.value.save_as(tmp_path / "given.zip")
        assert "data.json" in zipfile.ZipFile(tmp_path / "given.zip").namelist()
        page.click("a[data-dialog]:has-text('Note a request')")
        page.select_option("#dialog select[name=kind]", "erasure")
        page.click("#dialog button[type=submit]")
        page.wait_for_selector("text=Wants to be erased")
        page.click("a:has-text('See what would happen')")
        page.fill("input[name=confirm]", "Zora Quill")
        page.get_by_role("button", name="Erase for good").click()
        page.wait_for_selector("text=1 record emptied")
        page.click("a:has-text('What was erased')")
        page.wait_for_selector("text=Erased on")
    assert erasing.is_erased(again(one))

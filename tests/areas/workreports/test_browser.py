"""In a real browser: a report is written, handed in, read and commented, at the desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from smallcrm import store
from smallcrm.base import clock
from tests.areas.pool.scene import listening
from tests.areas.workreports.scene import Office
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live
from tests.looking import PHONE, opened, serious, wide

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def office(cast: Cast) -> Office:
    """The browser keeps the real time."""
    listening()
    return Office(cast)


def test_a_weekly_report_is_handed_in_and_commented(office: Office, chromium: Browser, live: Live) -> None:
    office.rule(name="Weekly", kind="weekly", people=[office.cast.anna], readers=[office.cast.owner])
    office.done(customer=office.customer(), subject="Asked about the harvest", duration_minutes=12)
    with opened(chromium, live, "anna", **PHONE) as page:
        page.goto("/work-reports/new?kind=weekly", wait_until="networkidle")
        expect(page.get_by_label("Done")).to_have_value("- Holroyd Tea · Asked about the harvest")
        assert not wide(page)
        assert serious(page, rules=["color-contrast", "target-size", "label"]) == []
        page.get_by_label("Problems").fill("The samples are late")
        page.get_by_role("button", name="Hand in").tap()
        page.wait_for_url("**/work-reports/*")
        expect(page.locator("main")).to_contain_text("The samples are late")
        address = page.url
        assert not wide(page)
    kept = store.rows("SELECT kind, handed_in_at FROM work_report")
    assert [kind for kind, _ in kept] == ["weekly"]
    assert clock.moment(kept[0][1]) <= clock.now()
    with opened(chromium, live, "owner") as page:
        page.goto(address, wait_until="networkidle")
        page.get_by_label("Your comment").fill("I ring the maker")
        page.get_by_role("button", name="Comment").click()
        expect(page.locator(".said")).to_contain_text("I ring the maker")
        assert store.rows("SELECT text FROM work_report_comment") == [("I ring the maker",)]

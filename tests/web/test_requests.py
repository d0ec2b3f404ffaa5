"""Toasts, errors, polling, the look: what passes between the page and the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Clock

    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def clock(window: Window) -> Iterator[Clock]:
    """The page's clock in our hands; the windows of a file share it, so it goes on by itself afterwards."""
    window.page.clock.install()
    yield window.page.clock
    window.page.clock.resume()


def test_a_toast_stays_ten_seconds_and_while_one_is_at_it(window: Window, clock: Clock) -> None:
    page = window.go("/parts?flash=1")
    assert "14 customers moved to Priya Nair." in page.inner_text("#toasts")
    clock.pause_at(page.evaluate("Date.now()") + 60_000)
    assert not page.is_visible("#toasts .toast-s")
    window.value("crm.toast({text: 'Two moved.', undo: '/undo/2'})")
    page.clock.run_for(9000)
    assert page.is_visible("#toasts .toast-s")
    page.hover("#toasts .toast-s")
    page.clock.run_for(30000)
    assert page.is_visible("#toasts .toast-s")
    page.mouse.move(400, 300)
    page.clock.run_for(9000)
    page.focus("#toasts [data-undo]")
    page.clock.run_for(30000)
    assert page.is_visible("#toasts .toast-s")
    page.focus(".skip")
    page.clock.run_for(11000)
    assert not page.is_visible("#toasts .toast-s")


def test_z_undoes_the_newest_and_comes_back_here(window: Window, site: Site) -> None:
    page = window.go("/list?flash=1")
    window.value("crm.toast({text: 'Two moved.', undo: '/undo/2'})")
    with page.expect_navigation(url="**/list?flash=1"):
        page.keyboard.press("z")
    sent = site.posted("/undo/2")[0]
    assert sent["csrf_token"] == "token-of-this-page"
    assert sent["next"] == "/list?flash=1"


def test_bad_news_waits_to_be_closed_and_only_three_are_shown(window: Window) -> None:
    window.page.clock.install()
    page = window.go("/parts")
    for n in range(5):
        window.value("n => crm.toast({text: 'No ' + n, tone: 'bad'})", n)
    assert page.locator("#toasts .toast-s").count() == 3
    page.clock.run_for(60000)
    assert page.locator("#toasts .toast-s").count() == 3
    page.click("#toasts [data-toast-close] >> nth=0")
    assert page.locator("#toasts .toast-s").count() == 2


def test_text_in_a_toast_is_text(window: Window) -> None:
    page = window.go("/parts")
    window.value("crm.toast({text: '<img src=x onerror=\"window.__x = 1\">'})")
    assert page.locator("#toasts img").count() == 0
    assert window.value("window.__x") is None


def test_a_toast_over_a_dialog_can_be_used(window: Window) -> None:
    page = window.go("/parts")
    page.click("#open-dialog")
    window.value("crm.toast({text: 'Kept.', undo: '/undo/8'})")
    with page.expect_navigation():
        page.click("#toasts [data-undo]")


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "Refused with 403."), (500, "Something went wrong on the server."), (422, "Refused with 422.")],
)
def test_what_fails_is_said_and_nothing_is_swapped(window: Window, status: int, words: str) -> None:
    window.expected = (str(status),)
    page = window.go("/parts")
    before = page.inner_html("#why-1")
    window.value(
        "s => htmx.ajax('GET', '/fail/' + s, {target: '#why-1', source: document.querySelector('#open-form')})", status
    )
    page.wait_for_selector(f"#toasts :text('{words}')")
    assert page.inner_html("#why-1") == before


def test_no_answer_is_said(window: Window) -> None:
    window.expected = ("ERR_", "htmx:")
    page = window.go("/parts")
    window.context.set_offline(True)
    page.click("#open-form")
    page.wait_for_selector("#toasts :text('The server does not answer.')")
    assert page.locator("#toasts :text('What you typed is kept')").count()
    window.context.set_offline(False)


def test_the_status_is_asked_each_minute_but_not_behind_a_hidden_tab(window: Window, site: Site) -> None:
    window.page.clock.install()
    page = window.go("/parts")
    page.clock.run_for(59_000)
    assert not site.gets("/status")
    page.clock.run_for(2_000)
    page.wait_for_selector("#polled", state="attached")
    assert len(site.gets("/status")) == 1
    window.value("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.clock.run_for(300_000)
    assert len(site.gets("/status")) == 1
    window.value(
        "Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(100)
    assert len(site.gets("/status")) == 2


def test_a_poll_after_signing_out_says_so_once_and_leaves_the_page(window: Window, site: Site) -> None:
    window.expected = ("401",)
    window.page.clock.install()
    page = window.go("/form")
    site.signed_in = False
    page.clock.run_for(61_000)
    page.wait_for_selector("#toasts :text('You are signed out.')")
    page.clock.run_for(300_000)
    assert len(site.gets("/status")) == 1
    assert page.url.endswith("/form")
    assert page.get_attribute("#toasts [data-toast-link]", "href") == "/login?next=%2Fform"


def test_long_work_is_followed_to_its_end(window: Window, site: Site) -> None:
    page = window.go("/parts")
    window.value("htmx.ajax('GET', '/work/1', {target: '#work', swap: 'outerHTML'})")
    page.wait_for_selector("#work [aria-valuenow='100']")
    asked = len(site.gets("/work/1"))
    page.wait_for_timeout(1500)
    assert len(site.gets("/work/1")) == asked, "done: no more asking"


def test_the_look_is_chosen_at_once_and_told_to_the_server(window: Window, site: Site) -> None:
    page = window.go("/parts")
    ground = "getComputedStyle(document.body).backgroundColor"
    page.click("[popovertarget=user-menu]")
    page.click("[data-theme=dark]")
    assert window.value(ground) == "rgb(15, 20, 23)"
    assert page.get_attribute("[data-theme=dark]", "aria-checked") == "true"
    page.wait_for_timeout(100)
    assert site.posted("/settings/theme")[0] == {"theme": "dark", "header-token": "token-of-this-page"}
    page.click("[data-theme='']")
    assert window.value("document.documentElement.dataset.bsTheme") is None
    assert window.value(ground) == "rgb(244, 246, 246)"


@pytest.mark.parametrize("secure", [True, False])
def test_copying_works_without_https_too(window: Window, secure: bool) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not secure:
        window.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page = window.go("/parts")
    page.click("[data-copy='0113 496 0182']")
    page.wait_for_selector("#toasts :text('Copied.')")
    assert window.value("navigator.clipboard.readText()") == "0113 496 0182"
    assert window.value("document.activeElement.dataset.copy") == "0113 496 0182"


def test_every_request_carries_the_token(window: Window, site: Site) -> None:
    page = window.go("/today")
    page.click("#w1 .tick")
    page.wait_for_selector("#late .next")
    assert site.posted("/done/1")[0]["header-token"] == "token-of-this-page"


def test_htmx_neither_evaluates_nor_remembers_pages(window: Window) -> None:
    window.go("/parts")
    config = window.value("htmx.config")
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    assert config["selfRequestsOnly"] is True


def test_vendor_scripts_come_only_where_they_are_needed(window: Window) -> None:
    window.go("/oops")
    assert window.value("[window.TomSelect === undefined, window.Sortable === undefined]") == [True, True]
    window.go("/form")
    assert window.value("window.TomSelect !== undefined")

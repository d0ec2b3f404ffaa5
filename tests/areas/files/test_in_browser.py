"""A real browser: what people do with files, and that no file does anything by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smallcrm import store
from smallcrm.records.record import Record, by_key
from tests import samples
from tests.areas.files.conftest import Put
from tests.areas.files.test_serving import PNG
from tests.browser import PATIENCE
from tests.cast import Cast
from tests.client import Live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.filterwarnings("ignore:.*nclosed file:ResourceWarning")

Chosen = Callable[[str, bytes], str]
LOAD = """([tag, urls]) => Promise.all(urls.map((url) => new Promise((done) => {
    const made = document.createElement(tag);
    made.src = url; made.onload = made.onerror = done; setTimeout(done, 1500); document.body.append(made);
})))"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.__x=1"><script>window.__x=1;top.__x=1</script></svg>'
HTML = (
    b"<!doctype html><html><body onload='top.__x=1'><script>window.__x=1;top.__x=1;parent.__x=1</script></body></html>"
)
TRICKS = [
    ("a.svg", SVG), ("a.html", HTML), ("a.xhtml", b"<?xml version='1.0'?>" + HTML), ("a.xml", b"<?xml version='1.0'?>" + SVG),
    ("a.htm\0.png", HTML), ("a.png", HTML), ("x.pdf", HTML), ("poly.gif", b"GIF89a/*" + HTML + b"*/=1;window.__x=1"),
    ("poly.js", b"GIF89a=1;window.__x=1"), ("notes.txt", b"plain\n" + HTML), ("mail.eml", b"From: a@b.c\nTo: d@e.f\nSubject: "
    b"x\nContent-Type: text/html\n\n" + HTML), ("t.csv", b"name;value\n<script>top.__x=1</script>;<img src=x onerror=top.__x=1>\n"),
    ('"><img src=x onerror=window.__x=1>.txt', b"x"), ("pdf.pdf", b"%PDF-1.4\n" + HTML),
]  # fmt: skip


@pytest.fixture
def chosen(tmp_path: Path) -> Callable[[str, bytes], str]:
    """A file on the disk, as a person chooses one."""

    def make(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return make


def context_of(chromium: Browser, live: Live, **options: Any) -> BrowserContext:
    context = chromium.new_context(**options)
    context.add_cookies([{"name": "session", "value": live.session_of("anna"), "url": live.url}])
    context.set_default_timeout(PATIENCE * 1000)
    return context


def watched(context: BrowserContext, troubles: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda m: troubles.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(f"pageerror: {error}"))
    page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
    return page


def test_no_file_does_anything_by_itself(chromium: Browser, live: Live, put: Put, customer: Record) -> None:
    made = [put(content, name) for name, content in TRICKS]
    troubles: list[str] = []
    context = context_of(chromium, live)
    page = watched(context, troubles)
    pages = [f"/customers/{customer.id}", "/files", "/search?q=img", *(f"/files/{each.id}" for each in made)]
    for url in pages:
        page.goto(live.url + url)
        page.wait_for_timeout(150)
        assert page.evaluate("window.__x") is None, url
    assert not troubles
    urls = [f"/files/{each.id}/content{query}" for each in made for query in ("?inline=1", "?inline=1&mime=text/html")]
    for tag in ("iframe", "script", "embed"):
        page.evaluate(LOAD, [tag, urls])
        assert page.evaluate("window.__x") is None, tag
    context.close()


def test_choosing_dropping_pasting(chromium: Browser, live: Live, customer: Record, chosen: Chosen) -> None:
    troubles: list[str] = []
    context = context_of(chromium, live, viewport={"width": 1440, "height": 900})
    page = watched(context, troubles)
    page.goto(f"{live.url}/customers/{customer.id}", wait_until="networkidle")
    page.set_input_files("#i-file-panel", [chosen("one.txt", b"1"), chosen("报价单.csv", b"a;b\n1;2\n")])
    page.wait_for_selector("#files-list a[title='报价单.csv']")
    for event, name in (("drop", "dropped.txt"), ("paste", "image.png")):
        page.evaluate(
            """([event, name]) => {
                const bag = new DataTransfer(); bag.items.add(new File(["abc" + name], name));
                const made = event === "drop" ? new DragEvent("drop", {dataTransfer: bag, bubbles: true, cancelable: true})
                    : new ClipboardEvent("paste", {clipboardData: bag, bubbles: true, cancelable: true});
                document.querySelector("#files-panel [data-drop]").dispatchEvent(made);
            }""",
            [event, name],
        )
    page.wait_for_selector("#files-list a[title='dropped.txt']")
    page.wait_for_selector("#files-list a[title^='image 20']")
    page.wait_for_selector("#timeline >> text=dropped.txt")  # the timeline follows
    page.click("#files-list a[title='报价单.csv']")
    page.wait_for_selector("dialog[open] td >> text=2")
    page.keyboard.press("Escape")
    page.set_input_files("#i-file-panel", [chosen("empty.txt", b"")])
    page.wait_for_selector("#files-list [role=alert]")
    assert len(troubles) == 1
    assert "422" in troubles[0]
    assert store.value("SELECT count(*) FROM file") == 4
    context.close()


def test_a_phone_takes_a_picture(chromium: Browser, live: Live, customer: Record, chosen: Chosen) -> None:
    troubles: list[str] = []
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = context_of(chromium, live, **phone)
    page = watched(context, troubles)
    page.goto(f"{live.url}/customers/{customer.id}", wait_until="networkidle")
    page.get_by_text("Related", exact=True).click()
    page.set_input_files("#files-panel input[capture]", [chosen("image.png", PNG)])
    page.wait_for_selector("#files-list a[title^='image 20']")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not troubles
    context.close()


def test_moving_and_archive_in_the_browser(
    chromium: Browser, live: Live, cast: Cast, put: Put, customer: Record
) -> None:
    second = samples.make(cast.actor("anna"), by_key("customer"), cast, minimal=True, name="Zanzibar Tea")
    made = [put(b"1", "a.txt"), put(b"2", "b.txt")]
    troubles: list[str] = []
    context = context_of(chromium, live, viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = watched(context, troubles)
    page.goto(f"{live.url}/files", wait_until="networkidle")
    for each in made:
        page.check(f"input[name=id][value='{each.id}']", force=True)
    with page.expect_download() as waiting:
        page.click("text=Download as ZIP")
    assert waiting.value.suggested_filename.endswith(".zip")
    page.goto(f"{live.url}/files/{made[0].id}/edit", wait_until="networkidle")
    page.click("#i-about-ts-control")
    page.keyboard.type("zanz")
    page.click(".ts-dropdown >> text=Zanzibar Tea")
    page.fill("#i-name", "renamed.txt")
    page.click("form .b-main[type=submit]")
    page.wait_for_load_state("networkidle")
    held = json.loads(json.dumps(store.row("SELECT name, about, customer FROM file WHERE id = ?", [made[0].id])))
    assert held == ["renamed.txt", second.id, second.id]
    assert not troubles
    context.close()

"""Looking at pages in a real browser: who is signed in where, what complains, what does not fit, what axe finds serious."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smallcrm.web.context import COOKIE
from tests.browser import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from tests.client import Live

AXE = Path(__file__).resolve().parents[1] / "packaging/frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 850}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@contextmanager
def opened(chromium: Browser, live: Live, part: str | int, **options: Any) -> Iterator[Page]:
    """A page as one of the cast; what it complains of, or asks for in vain, fails the test. A refusal (409, 422) is an answer."""
    context = chromium.new_context(base_url=live.url, reduced_motion="reduce", **{**DESK, **options})
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies([{"name": COOKIE, "value": live.session_of(part), "url": live.url}])
    page = context.new_page()
    problems: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400 and response.status not in (409, 422):
            problems.append(f"{response.status} {response.url}")

    page.on("response", answered)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda said: problems.append(said.text) if said.type == "error" and "status of 4" not in said.text else None,
    )
    yield page
    context.close()
    assert not problems


def wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def serious(page: Page, **only: Any) -> list[str]:
    """What axe finds serious by WCAG 2.2 A and AA, or by the ``rules`` alone."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed here: python packaging/build.py frontend")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8") + ";0")
    what = {"type": "rule", "values": only["rules"]} if "rules" in only else {"type": "tag", "values": TAGS}
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", what)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]

"""The development server of the parts and a browser that watches for errors and broken policy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.web.parts_page import Site


@dataclass
class Window:
    """One browser window on the development server; ``troubles`` collects what console and policy say."""

    base: str
    page: Page
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def watch(self) -> None:
        self.page.on("console", lambda m: self._note(m.type, m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._note("pageerror", str(error)))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )

    def _note(self, kind: str, text: str) -> None:
        if not any(word in text for word in self.expected):
            self.troubles.append(f"{kind}: {text}")

    def go(self, path: str) -> Page:
        """Open a page and wait until its behaviours are on, pickers included."""
        self.page.goto(self.base + path)
        self.until(
            "!document.querySelector(':is(select[data-picker], input[data-tags]):not(.tomselected, template *)')"
        )
        return self.page

    def until(self, script: str, *arguments: Any) -> None:
        """Wait for a script to come true; playwright's own waiting needs eval, which the policy forbids."""
        end = time.monotonic() + PATIENCE
        while not self.page.evaluate(script, *arguments):
            assert time.monotonic() < end, f"never: {script}"
            self.page.wait_for_timeout(25)

    def value(self, script: str, *arguments: Any) -> Any:
        return self.page.evaluate(script, *arguments)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[str, Site]]:
    from tests.web.parts_page import serve

    server, site = serve()
    yield f"http://127.0.0.1:{server.server_address[1]}", site
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(served: tuple[str, Site]) -> Site:
    """The server's answers, with its memory wiped."""
    found = served[1]
    found.asked.clear()
    found.cells.clear()
    found.signed_in, found.delay = True, 0.0
    return found


DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def contexts(chromium: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One browser profile each for desk and phone: the stylesheet is read once, not at every test."""
    made = {name: chromium.new_context(**options) for name, options in (("desk", DESKTOP), ("phone", PHONE))}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def window(served: tuple[str, Site], site: Site, contexts: dict[str, BrowserContext]) -> Iterator[Window]:
    """A desktop window of 1440 × 900; a test that ends with a complaint in its console fails."""
    yield from _window(served[0], contexts["desk"])


@pytest.fixture
def phone(served: tuple[str, Site], site: Site, contexts: dict[str, BrowserContext]) -> Iterator[Window]:
    """A phone of 390 × 844 with a touch screen."""
    yield from _window(served[0], contexts["phone"])


def _window(base: str, context: BrowserContext) -> Iterator[Window]:
    context.set_default_timeout(PATIENCE * 1000)
    opened = Window(base, context.new_page(), context)
    opened.watch()
    yield opened
    context.set_offline(False)
    opened.page.on("dialog", lambda dialog: dialog.accept())
    opened.page.evaluate("localStorage.clear()")
    opened.page.close()
    context.clear_cookies()
    assert not opened.troubles

"""Every part in a real browser under the strict policy: nothing breaks or overflows, axe finds nothing serious."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.conftest import Window
    from tests.web.parts_page import Site

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (Path(__file__).parent / "pages").glob("[a-z]*.html"))
AXE = ROOT / "packaging/frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


THEME = "theme => document.documentElement.dataset.bsTheme = theme"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def axe(window: Window, where: str = "document", **options: Any) -> list[str]:
    """What axe finds serious; ``rules`` runs only those, else all of WCAG 2.2 A and AA."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed here: python packaging/build.py frontend")
    if not window.value("'axe' in window"):
        window.value(AXE.read_text("utf-8") + ";0")
    wanted = options.get("rules") or TAGS
    script = f"only => axe.run({where}, {{runOnly: only, resultTypes: ['violations']}})"
    found = window.value(script, {"type": "rule" if "rules" in options else "tag", "values": wanted})
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_and_can_be_used_by_all(window: Window, name: str) -> None:
    window.page.emulate_media(reduced_motion="reduce")  # colours change at once
    page = window.go(f"/{name}?theme=light&flash=1")
    wide = {}
    for width in (1440, 1024, 390, 360):
        page.set_viewport_size({"width": width, "height": 844})
        for theme in ("dark", "light"):
            window.value(THEME, theme)
            if over := window.value(OVER):
                wide[width, theme] = over
    assert not wide
    assert not axe(window, rules=["target-size", "scrollable-region-focusable"]), "360"
    page.set_viewport_size({"width": 1440, "height": 900})
    assert not axe(window), "1440, light"
    window.value(THEME, "dark")
    assert not axe(window, rules=["color-contrast"]), "1440, dark"


OPENERS: dict[str, tuple[str, str, str]] = {  # what is pressed, what is waited for, what is looked at
    "palette": ("key /", ".pal-r", "#palette"),
    "keys": ("key ?", "#keys[open]", "#keys"),
    "menu": ("[popovertarget=parts-menu]", "#parts-menu:popover-open", "#parts-menu"),
    "user": ("[popovertarget=user-menu]", "#user-menu:popover-open", "#user-menu"),
    "dialog": ("#open-dialog", "#a-dialog[open]", "#a-dialog"),
    "form": ("#open-form", "#new-name", "#dialog"),
    "confirm": ("#erase", "#confirm[open]", "#confirm"),
    "filter": ("[popovertarget=f-grade]", "#pop-grade", "#f-grade"),
    "why": ("[popovertarget=why-1]", ".reasons", "#why-1"),
}


def test_what_opens_can_be_used_by_all(window: Window) -> None:
    found = {}
    page = window.go("/parts")
    for name, (press, wait, where) in OPENERS.items():
        if press.startswith("key "):
            page.keyboard.press(press.removeprefix("key "))
        else:
            page.click(press)
        page.wait_for_selector(wait)
        if faults := axe(window, f"'{where}'"):
            found[name] = faults
        page.keyboard.press("Escape")
        page.wait_for_selector(where, state="hidden")
    assert not found


def test_the_policy_really_is_strict(window: Window) -> None:
    """A test that cannot fail is a defect: what the product must never do is stopped and seen."""
    window.go("/parts")
    window.value("document.body.insertAdjacentHTML('beforeend', '<i style=\"color:red\" onclick=\"x()\">x</i>')")
    window.value(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert window.value("window.ran") is None
    assert any("policy: style-src" in text for text in window.troubles)
    assert any("policy: script-src" in text for text in window.troubles)
    window.troubles.clear()


def test_without_scripts_pages_still_work(served: tuple[str, Site], chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served[0] + "/form")
    assert page.input_value("[name=tags]") == "spring; board"
    assert page.input_value("[name=owner]") == "1"
    page.fill("[name=name]", "Wick & Ember")
    page.click("button:text-is('Keep')")
    assert page.url.endswith("/parts")
    context.close()


def test_less_motion_means_none(chromium: Browser, served: tuple[str, Site]) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(served[0] + "/parts?running=1")
    moving = page.evaluate("document.getAnimations().filter(a => a.effect.getComputedTiming().duration > 20).length")
    assert moving == 0
    context.close()


def test_the_system_decides_when_nothing_is_chosen(chromium: Browser, served: tuple[str, Site]) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(served[0] + "/parts")
        grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()
    assert grounds == {"light": "rgb(244, 246, 246)", "dark": "rgb(15, 20, 23)"}


def test_on_paper_there_is_no_frame(window: Window) -> None:
    window.go("/list?theme=dark")
    window.page.emulate_media(media="print")
    assert not window.page.is_visible(".rail")
    assert not window.page.is_visible(".top")
    assert window.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert window.value("getComputedStyle(document.querySelector('.tbl td.fz')).color") in (
        "rgb(0, 0, 0)",
        "rgb(23, 32, 38)",
    )


def test_rows_and_controls_have_the_sizes_of_the_design(window: Window, phone: Window) -> None:
    height = "s => document.querySelector(s).getBoundingClientRect().height"
    window.go("/list")
    assert window.value(height, "tbody tr") == 34
    assert window.value(height, "thead th") == 32
    assert window.value(height, ".top") == 48
    assert window.value("document.querySelector('.rail').getBoundingClientRect().width") == 204
    window.go("/form")
    assert window.value(height, "#i-tax_number") == 30
    phone.go("/form")
    assert phone.value(height, "#i-tax_number") == 44
    assert phone.value(height, ".tabbar") == 60


def test_phone_lists_are_cards(phone: Window) -> None:
    page = phone.go("/list?language=zh")
    row = page.locator("tbody tr").first
    assert row.evaluate("e => getComputedStyle(e).display") == "flex"
    assert page.locator("tbody tr").first.locator("td.none").count() == 1
    assert not page.locator("tbody tr").first.locator("td.none").is_visible()
    label = row.locator("td[data-label]").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert label == '"等级"'

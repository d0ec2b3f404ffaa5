"""Script in every text that somebody can type, and then every page in a real browser: nothing runs, the policy is never hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smallcrm import store
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, custom, views
from smallcrm.records.custom import fields_of
from smallcrm.records.record import by_key
from tests.cast import Cast
from tests.client import Live
from tests.safety import world as building
from tests.safety.routes import routes, urls
from tests.safety.world import KINDS, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ATTACK = (
    "\"'><svg/onload=window.__x=1><img src=x onerror=window.__x=1>{{7*7}}${7*7}</script><script>window.__x=1</script>"
)


class Poisoned(World):
    """A company in which every text is an attack."""

    def mark(self, whose: str, kind: str, name: str, said: str = "") -> str:
        return super().mark(whose, kind, name, said) + " " + ATTACK


@pytest.fixture
def poisoned(cast: Cast) -> World:
    """Records, views, notices, names of people, teams, roles, pools, terms and fields, all attacks."""
    world = Poisoned(cast)
    key = custom.define(
        SYSTEM, by_key("customer"), field_kind="choice", labels={"en": ATTACK[:60]}, help=ATTACK,
        options={"options": [{"key": "x", "labels": {"en": ATTACK[:60]}}]}, flags=("column", "filter"),
    )  # fmt: skip
    for kind in KINDS:
        world.records[kind.card.key, "anna"] = world.make(kind, "anna", cast.anna)
    for kind in KINDS:
        record = access.find(SYSTEM, kind, world.records[kind.card.key, "anna"])
        title = fields_of(kind)[kind.card.title]
        if title.kind == "text":
            most = min(100, getattr(title, "most", 100))
            change.update(SYSTEM, record, {title.name: ATTACK[:most]}, trusted=True)
    customer = access.find(SYSTEM, by_key("customer"), world.records["customer", "anna"])
    change.update(SYSTEM, customer, {key: "x", "tags": [ATTACK[:90]]}, trusted=True)
    for kind_key, number in (("user", cast.anna), ("team", cast.north), ("user", cast.bob)):
        record = access.find(SYSTEM, by_key(kind_key), number)
        change.update(SYSTEM, record, {"name": f"{number} {ATTACK}"[:120]}, trusted=True)
    held = {"name": f"Pool {ATTACK}"[:100], "members": [cast.anna]}
    world.pool = int(change.create(SYSTEM, by_key("pool"), held, trusted=True).id)
    for kind in KINDS:
        views.save(cast.actor("owner"), kind, name=ATTACK[:80], scope="all")
    with store.writing():
        store.run(
            "INSERT INTO notice (user, at, kind, title, body, link) VALUES (?, '2026-01-01T00:00:00.000Z', 'test', ?, ?, ?)",
            [cast.owner, ATTACK, ATTACK, "/customers"],
        )
    world.sets = {"anna": int(store.value("SELECT max(id) FROM change_set"))}
    world.works = {"anna": building.works.insert("test", ATTACK, cast.owner, "tests")}
    return world


def test_every_page(poisoned: World, live: Live, chromium: Browser) -> None:
    """Every page that is read, as the owner: no script of a text's has run, no violation of the policy, no expression worked out."""
    from playwright.sync_api import Error

    addresses: list[str] = []
    for route in routes(live.app):
        if route.mutates or route.endpoint.startswith(("api.", "static", "openapi", "health")):
            continue
        for url, held in urls(live.app, poisoned, route):
            if (
                route.endpoint == "pages.change_page"
                or "export" in url
                or url.endswith((".vcf", ".ics", ".xlsx", ".csv", "/zip", "/content", "/download"))
            ):
                continue
            if str(held.get("kind", "customers")) in ("customers", "contacts", "activities", "users"):
                addresses.append(url)
    addresses += [
        "/search?q=svg",
        "/search?q=%22%3E%3Csvg%2Fonload%3Dwindow.__x%3D1%3E",
        "/customers?q=%3Csvg%2Fonload%3Dwindow.__x%3D1%3E",
        "/bin?type=customers",
    ]
    wrong: list[str] = []
    asked = 0
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "session", "value": live.session_of("owner"), "url": live.url}])
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => { window.__v = (window.__v || '') + e.violatedDirective + ' ' + e.blockedURI })"
    )
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    for url in dict.fromkeys(addresses):
        try:
            answer = page.goto(live.url + url, wait_until="load")
        except Error as error:
            if "Download is starting" in error.message:  # a file to keep, no page
                continue
            raise
        if answer is None or answer.status >= 400 or "text/html" not in answer.headers.get("content-type", ""):
            if answer is not None and answer.status >= 500:
                wrong.append(f"{url}: {answer.status}")
            continue
        asked += 1
        found: list[Any] = page.evaluate(
            "[window.__x, window.__v, document.documentElement.outerHTML.includes('<svg onload') || document.querySelectorAll('[onerror],[onload]').length, [...document.querySelectorAll('a[href]')].filter(a => a.protocol === 'javascript:').length, document.body.innerText.includes('}49') ]"
        )
        if found[0] or found[1] or found[2] or found[3]:
            wrong.append(f"{url}: ran={found[0]} policy={found[1]} markup={found[2]} links={found[3]}")
    context.close()
    assert asked > 60, asked
    assert not wrong, "\n".join(wrong[:40])

"""What nobody meets again once it was given: not on a page, by API, in a file, in the audit log, in a log, in the database as it was."""

from __future__ import annotations

import html
import io
import logging
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import quote

import pyotp
import pytest

from smallcrm import store
from smallcrm.areas.admin import settings as outward
from smallcrm.base import clock
from smallcrm.identity import key, onetime, throttle
from smallcrm.jobs import outbox, registry
from smallcrm.store import routine
from tests.areas.people.conftest import Person, give_password
from tests.cast import PASSWORD
from tests.client import Browser, Web
from tests.safety.routes import routes, urls
from tests.safety.world import World

MAIL = {"mail_host": "mail.example.com", "mail_port": "587", "mail_security": "starttls", "mail_user": "office", "mail_sender": "office@example.com",
        "mail_password": "mail-secret-Zq7", "mail_per_minute": "0"}  # fmt: skip
BOT = {
    "kind": "feishu",
    "name": "Sales group",
    "url": "https://open.feishu.cn/hook/bot-secret-Yw8",
    "secret": "sign-secret-Xv9",
    "enabled": "1",
}
HOOK = {
    "kind": "webhook",
    "name": "Hook",
    "url": "https://hooks.example.com/in?key=hook-secret-Wu1",
    "secret": "hmac-secret-Vt2",
    "enabled": "1",
}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    kept = dict(registry._jobs)
    throttle.forget()
    yield
    throttle.forget()
    registry._jobs.clear()
    registry._jobs.update(kept)


def shown_once(browser: Browser) -> dict[str, str]:
    """A token, and a second factor with its codes, as its user gets them on the page."""
    page = browser.post("/settings/tokens", {"name": "Website"}).get_data(as_text=True)
    token = re.search(r'id="token">([^<]+)<', page)
    setup = browser.get("/settings/totp").get_data(as_text=True)
    secret = re.search(r'id="totp-key">([^<]+)<', setup)
    seed = re.search(r'name="seed" value="([^"]+)"', setup)
    assert token
    assert secret
    assert seed
    plain = secret[1].replace(" ", "")
    form = {"seed": html.unescape(seed[1]), "code": pyotp.TOTP(plain).at(clock.now())}
    codes = re.findall(
        r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}",
        browser.post("/settings/totp", form).get_data(as_text=True),
    )
    assert codes
    browser._csrf = ""  # another session from now on
    return {"token": token[1], "seed": plain, "recovery code": codes[0]}


@pytest.fixture
def given(world: World, marked: Web) -> dict[str, str]:
    """Every secret there is, given through the pages: name → text."""
    cast = world.cast
    olga, anna = marked.browser("owner"), marked.browser("anna")
    for url, form in (("/admin/mail", MAIL), ("/admin/bots", BOT), ("/admin/bots", HOOK)):
        assert olga.post(url, form).status_code == 303
    give_password(cast.anna)
    found = {f"anna's {name}": each for name, each in shown_once(anna).items()}
    person = Person(marked)
    give_password(cast.bob)
    person.sign_in("bob@example.com")
    cookie = person.client.get_cookie("session")
    assert cookie
    invited = olga.post(f"/users/{cast.carl}/invite").get_data(as_text=True)
    link = re.search(r"/link/([\w-]{30,})", invited)
    wrong = Person(marked)
    wrong.sign_in("bob@example.com", "wrong-secret-Us3")
    olga.post(f"/users/{cast.service}/password", {"password": "first-secret-Tr4"})
    return found | {
        "mail password": MAIL["mail_password"], "bot's address": "bot-secret-Yw8", "bot's secret": BOT["secret"], "hook's key": "hook-secret-Wu1",
        "hook's secret": HOOK["secret"], "a password": PASSWORD, "a session": cookie.value, "a wrong password": "wrong-secret-Us3",
        "a first password": "first-secret-Tr4", "an invitation": link[1] if link else onetime.make(cast.carl, onetime.INVITE),
        "a reset": onetime.make(cast.reader, onetime.RESET), "the key": key.secret().hex(),
        "a hash": str(store.value("SELECT password_hash FROM credential LIMIT 1")),
    }  # fmt: skip


def met(given: dict[str, str], content: bytes) -> list[str]:
    """The secrets that stand in some octets, also packed, as HTML or as part of an address."""
    parts = [content]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            parts = [bundle.read(name) for name in bundle.namelist() if not name.endswith(".key")]
    whole = b"\n".join(parts)
    spelt = {name: {text, html.escape(text), quote(text, safe="")} for name, text in given.items()}
    return [name for name, ways in spelt.items() if any(way.encode() in whole for way in ways)]


@pytest.mark.slow
def test_no_answer_holds_one(
    given: dict[str, str], world: World, marked: Web, caplog: pytest.LogCaptureFixture
) -> None:
    """Every page, file and API answer there is, as the owner, as somebody who reads all and as their own user; and what was logged of it."""
    caplog.set_level(logging.DEBUG)
    wrong, asked = [], 0
    for part in ("owner", "reader", "anna"):
        browser, api = marked.browser(part), marked.api(part)
        for route in routes(marked.app):
            if route.mutates or route.endpoint.startswith("static"):
                continue
            for url, _held in urls(marked.app, world, route):
                answer = api.get(url[7:]) if url.startswith("/api/v1") else browser.get(url)
                asked += 1
                headers = "\n".join(f"{name}: {value}" for name, value in answer.headers).encode()
                wrong += [f"{part} {url}: {name}" for name in met(given, answer.get_data() + b"\n" + headers)]
                if answer.get_data()[:2] == b"PK":
                    wrong += [f"{part} {url}: {name}" for name in met(given, answer.get_data())]
    for edited in outward.bots():
        wrong += [
            f"{edited.name}: {name}"
            for name in met(given, marked.browser("owner").get(f"/admin/bots?edit={edited.key}").get_data())
        ]
    for kind in ("users", "customers", "teams", "roles"):
        for ending in ("xlsx", "csv"):
            wrong += [
                f"{kind}.{ending}: {n}"
                for n in met(given, marked.browser("owner").get(f"/{kind}/export.{ending}?columns=all").data)
            ]
    wrong += [f"a log line: {name}" for name in met(given, caplog.text.encode())]
    assert asked > 400
    assert not wrong, "\n".join(wrong)


def test_what_is_kept_is_sealed_or_a_hash(given: dict[str, str]) -> None:
    """The database and its journal hold none of them as it was given; nor does a backup beside its key, nor its list."""
    wrong = []
    outbox.mail("anna@example.com", subject="x", text="y")
    for name in ("smallcrm.db", "smallcrm.db-wal"):
        held = {n: t for n, t in given.items() if n != "a hash"}
        wrong += [f"{name}: {found}" for found in met(held, (store.folder() / name).read_bytes())]
    made = routine.back_up(label="by hand").backup
    content = made.path.read_bytes()
    assert met({"a name": "Anna North"}, content), "it would be seen"
    wrong += [f"backup: {found}" for found in met({n: t for n, t in given.items() if n != "a hash"}, content)]
    for path in (store.folder() / "backups").iterdir():
        if path != made.path:
            wrong += [f"{path.name}: {found}" for found in met(given, path.read_bytes())]
    assert not wrong, "\n".join(wrong)


def test_no_error_tells_one(given: dict[str, str], marked: Web, caplog: pytest.LogCaptureFixture) -> None:
    """Forms that are refused give back what was typed, but no password and no secret."""
    caplog.set_level(logging.DEBUG)
    olga = marked.browser("owner")
    anna = Person(marked)
    answers = [
        olga.post("/admin/mail", {**MAIL, "mail_sender": ""}),
        olga.post("/admin/mail", {**MAIL, "mail_port": "x"}),
        olga.post("/admin/bots", {**BOT, "name": ""}),
        olga.post("/admin/bots", {**HOOK, "kind": "nonsense"}),
        olga.post(
            "/users/new", {"name": "", "email": "n@example.com", "way": "password", "password": "first-secret-Tr4"}
        ),
        olga.post("/settings/password", {"password_now": "wrong-secret-Us3", "new_password": PASSWORD}),
        anna.sign_in("anna@example.com", "wrong-secret-Us3"),
        anna.send("/link", {"new_password": "first-secret-Tr4"}, page="/login"),
        marked.app.test_client().get(
            "/api/v1/customers", headers={"Authorization": f"Bearer {given['an invitation']}"}
        ),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 422, 422, 401, 404, 401]
    typed = {name: text for name, text in given.items() if name != "a password"}
    for answer in answers:
        assert met(typed, answer.get_data()) == [], answer.request.path
    assert met(given, caplog.text.encode()) == []
    assert met(typed, str(store.rows("SELECT * FROM audit")).encode()) == []

"""Nobody rises: rights come from those who have them and with their password, whichever door; a name is never run as code."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from smallcrm import store
from smallcrm.areas.people import rules
from smallcrm.areas.people.records import Role
from smallcrm.areas.people.roles import role_id
from smallcrm.base import clock
from smallcrm.identity import passwords, throttle
from smallcrm.identity.actor import SYSTEM, VERBS
from smallcrm.records import change, custom
from smallcrm.records.record import by_key
from tests import works
from tests.areas.people.conftest import give_password
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web

STAFF = (
    'SELECT id, name, role, team, email, active, deleted_at FROM "user"', "SELECT id, name, rights, grants, field_rights, deleted_at FROM role",
    "SELECT id, name, parent, manager, deleted_at FROM team", "SELECT user, password_hash FROM credential", "SELECT user, name FROM api_token",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


def staff() -> list[Any]:
    """Everything that decides who may do what."""
    return [sorted(map(repr, store.rows(sql))) for sql in STAFF]


# ---------------------------------------------------------------- the password, whichever door


def doors(cast: Cast) -> list[tuple[str, str, dict[str, Any]]]:
    """Ways to write what somebody may do, as an owner's browser could be made to go them."""
    owner, sales, reader = int(role_id("owner") or 0), int(role_id("sales") or 0), int(role_id("reader") or 0)
    return [
        ("POST", "/users/bulk/edit", {"id": cast.anna, "field": "role", "role": owner}),
        ("POST", "/users/bulk/edit", {"id": cast.bob, "field": "email", "email": "mine@example.com"}),
        ("POST", "/users/bulk/edit", {"id": cast.bob, "field": "active", "active": ""}),
        ("POST", f"/users/{cast.anna}/cell/role", {"role": owner, "version": 1}),
        ("POST", f"/users/{cast.anna}/cell/team", {"team": cast.south, "version": 1}),
        ("POST", f"/users/{cast.anna}/edit", {"role": owner, "name": "Anna", "version": 1}),
        ("POST", "/users/new", {"name": "New", "role": owner, "email": "new@example.com"}),
        ("POST", f"/users/{cast.carl}/delete", {}),
        ("POST", "/users/bulk/delete", {"id": cast.bob}),
        ("POST", f"/roles/{sales}/edit", {"rights": "everything", "version": 1}),
        ("POST", f"/roles/{sales}/cell/rights", {"rights": "everything", "version": 1}),
        ("POST", "/roles/bulk/edit", {"id": sales, "field": "rights", "rights": "everything"}),
        ("POST", f"/roles/{reader}/delete", {}),
        ("PATCH", f"/api/v1/users/{cast.service}", {"role": owner, "version": 1}),
        ("PATCH", f"/api/v1/users/{cast.service}", {"email": "mine@example.com", "version": 1}),
        ("POST", "/api/v1/users", {"name": "New", "role": owner, "email": "new@example.com"}),
        ("PATCH", f"/api/v1/roles/{reader}", {"rights": ["everything"], "version": 1}),
        ("POST", "/api/v1/roles", {"name": "Mine", "rights": ["everything"]}),
        ("DELETE", f"/api/v1/users/{cast.reader}", {}),
        ("POST", f"/teams/{cast.south}/edit", {"name": "South", "manager": cast.anna, "version": 1}),
        ("POST", f"/teams/{cast.south}/cell/manager", {"manager": cast.anna, "version": 1}),
        ("POST", "/teams/bulk/edit", {"id": cast.south, "field": "parent", "parent": cast.sales}),
        ("POST", f"/teams/{cast.south}/delete", {}),
        ("PATCH", f"/api/v1/teams/{cast.south}", {"manager": cast.anna, "version": 1}),
    ]


@pytest.fixture
def olga(cast: Cast, web: Web) -> Browser:
    give_password(cast.owner)
    browser = web.browser("owner")
    browser.csrf()
    return browser


def go(browser: Browser, method: str, url: str, body: dict[str, Any], **more: Any) -> Any:
    """The request with the form's token, as a form or as JSON."""
    headers = {"X-CSRF-Token": browser.csrf(), **more.pop("headers", {})}
    sent = {"json": body} if url.startswith("/api/") else {"data": {**body, **more}}
    return browser.client.open(url, method=method, headers=headers, buffered=True, **sent)


def test_every_door_to_rights_asks_for_the_password(olga: Browser, cast: Cast) -> None:
    """Eleven minutes after it was given, a browser left alone changes nobody's rights: not in a list, in bulk or by the API."""
    before = staff()
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        for method, url, body in doors(cast):
            assert go(olga, method, url, body).status_code == 403, url
            assert go(olga, method, url, body, headers={"HX-Request": "true"}).status_code in (204, 403), url
            assert go(olga, method, url, body, confirm_password="wrong").status_code in (403, 429), url
            assert staff() == before, url
        sent = {"file": (io.BytesIO(b"Name,E-mail,Role\nNew,new@example.com,Owner\n"), "list.csv")}
        url = olga.post("/users/import", sent, content_type="multipart/form-data").headers["Location"]
        assert olga.post(f"{url}/run").status_code == 403
        assert staff() == before
        sent = {"file": (io.BytesIO(b"Name,Manager\nSouth,Anna\n"), "list.csv")}
        url = olga.post("/teams/import", sent, content_type="multipart/form-data").headers["Location"]
        assert olga.post(f"{url}/run").status_code == 403
        book = openpyxl.load_workbook(io.BytesIO(olga.get("/users/export.xlsx?columns=name,role").data))
        sheet = book.worksheets[0]
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 2).value = "Owner"
        book.save(changed := io.BytesIO())
        sent = {"file": (io.BytesIO(changed.getvalue()), "users.xlsx")}
        url = olga.post("/users/import", sent, content_type="multipart/form-data").headers["Location"]
        assert olga.post(f"{url}/differences").status_code == 403
        assert staff() == before
        throttle.forget()
        method, url, body = doors(cast)[0]
        assert go(olga, method, url, body, confirm_password=PASSWORD).status_code == 303
        assert store.value('SELECT role FROM "user" WHERE id = ?', [cast.anna]) == role_id("owner")


def test_other_things_do_not_ask(olga: Browser, cast: Cast) -> None:
    """A job title, a customer: no password; nor for programs, whose token it is."""
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        assert go(olga, "POST", f"/users/{cast.anna}/cell/title", {"title": "Head", "version": 1}).status_code == 200
        assert (
            go(olga, "POST", "/users/bulk/edit", {"id": cast.bob, "field": "title", "title": "Head"}).status_code == 303
        )
        assert go(olga, "POST", "/api/v1/customers", {"name": "Ridley"}).status_code == 201
        assert go(olga, "POST", "/customers/1/delete", {}).status_code == 303
    assert store.value('SELECT count(*) FROM "user" WHERE title = ?', ["Head"]) == 2


# ---------------------------------------------------------------- no more than one has


@pytest.fixture
def clerk(cast: Cast, web: Web) -> int:
    """Looks after users, sees her team's records, and may nothing else."""
    grants = [{"type": "*", **dict.fromkeys(VERBS, "team")}]
    mine = change.create(SYSTEM, Role, {"name": "Clerk", "grants": grants, "rights": ["people"]}, trusted=True)
    return int(rules.add_user(SYSTEM, name="Cleo", email="cleo@example.com", role=int(mine.id), team=cast.north).id)


def test_a_clerk_hands_out_no_more_than_her_own(clerk: int, cast: Cast, web: Web) -> None:
    """Roles, users, passwords, links, tokens, teams, imports, whichever way they are sent: nothing changes."""
    passwords.keep(cast.owner, "x")
    before = staff()
    browser, api = web.browser(clerk), web.api(clerk)
    before[-1] = staff()[-1]
    owner, own = (int(role_id(key) or 0) for key in ("owner", "Clerk"))
    for body in (
        {"role": owner},
        {"role": int(role_id("manager") or 0)},
        {"role": int(role_id("reader") or 0)},
        {"team": cast.sales},
    ):
        for user in (clerk,) if "team" in body else (clerk, cast.bob):  # in another team Bob reaches his own, as before
            assert api.patch(f"/users/{user}", body, 1).status_code in (403, 422), body
            ((name, value),) = body.items()
            browser.post(f"/users/{user}/edit", {"name": "Cleo", name: value, "version": "1"})
            browser.post("/users/bulk/edit", {"id": user, "field": name, name: value})
        assert api.post("/users", {"name": "F", "email": "f@example.com", "role": own, **body}).status_code in (
            403,
            422,
        )
        browser.post("/users/new", {"name": "F", "email": "f@example.com", "role": own, "way": "", **body})
    for role in (
        {"rights": ["everything"]},
        {"rights": ["settings"]},
        {"grants": [{"type": "*", "view": "all"}]},
        {"grants": [{"type": "customer", "export": "all"}]},
    ):
        assert api.post("/roles", {"name": "R", **role}).status_code in (403, 422), role
        assert api.patch(f"/roles/{own}", role, 1).status_code in (403, 422), role
    browser.post(
        f"/roles/{own}", {"name": "Clerk", "*-view": "all", "rights": ["everything", "settings"], "version": "1"}
    )
    browser.post("/roles/new", {"name": "Copy", "from": str(owner)})
    browser.post("/roles/ready/owner")
    for user in (cast.owner, cast.manager, cast.reader):
        for act in ("password", "totp/off", "sessions/end", "invite", "switch-off", "delete", "tokens/1/revoke"):
            answer = browser.post(f"/users/{user}/{act}", {"password": "correct horse battery", "way": "keep"})
            assert answer.status_code in (303, 403, 404, 409, 422), (user, act)
        assert api.delete(f"/users/{user}").status_code in (403, 422)
    sent = {
        "file": (io.BytesIO(b"Name,E-mail,Role\nFriend,f@example.com,Owner\nCleo,cleo@example.com,Owner\n"), "list.csv")
    }
    made = browser.post("/users/import", sent, content_type="multipart/form-data")
    if made.status_code == 303:
        browser.post(f"{made.headers['Location']}/run")
    works.wait()
    now = staff()
    assert now[0] == before[0]
    assert now[1:] == before[1:]


# ---------------------------------------------------------------- a name is a name

CODE = ("{{7*7}}", "{{config}}", "${7*7}", "{0.__class__}", "{name!r:>9999999}", "%(name)s %(n)s", "%s%n%d", "__class__", "1;drop table customer", "id",
        "password_hash", "{% for x in range(10**9) %}", "#{7*7}", "<%= 7*7 %>", "=7*7", "') or 1=1 --")  # fmt: skip


@pytest.mark.parametrize("text", CODE)
def test_names_of_fields_and_terms_are_texts(text: str, web: Web, cast: Cast) -> None:
    """A label, a choice, a help text, a term, a view, a team, a company called like code: shown as it is, key our own, nothing worked out."""
    olga, api = web.browser("owner"), web.api("owner")
    tables = {n for (n,) in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    form = {
        "kind": "choice",
        "label-en": text,
        "help": text,
        "flags": ["column", "filter", "search"],
        "options-a-en": text,
        "key": text,
        "name": text,
    }
    assert olga.post("/admin/fields/customers/new", form).status_code == 303
    (made,) = custom.definitions(by_key("customer"))
    assert re.fullmatch(r"c\d+", str(made["key"]))
    choice = made["options"]["options"][0]["key"]
    assert re.fullmatch(r"[a-z0-9_]{1,40}", choice), choice
    terms = {"type": "customers", "one-en-": text[:60], "many-en-": f"{text}s"[:60], "one-en-city": text[:60]}
    assert olga.post("/admin/terms", terms).status_code in (303, 422)
    olga.post("/admin/company", {"company_name": text})
    olga.post("/customers/views/save", {"name": text, "scope": "all"})
    held = api.post("/customers", {"name": text, "notes": text, "tags": [text], "custom": {made["key"]: choice}})
    assert held.status_code == 201
    number = held.get_json()["id"]
    for url in ("/customers?view=all", f"/customers/{number}", f"/customers/{number}/edit", "/customers/new", "/", "/search?q=7", "/settings",
                "/admin/fields", f"/admin/fields/customers/{made['key']}", "/admin/terms", "/openapi.json", "/customers/import", "/pool"):  # fmt: skip
        answer = olga.get(url)
        body = re.sub(r"<script.*?</script>", "", answer.get_data(as_text=True), flags=re.S)
        assert answer.status_code in (200, 302), (url, answer.status_code)
        assert not re.search(r">\s*49\s*<|Undefined|&lt;class &#39;|0x[0-9a-f]{8}", body), url
        assert len(body) < 2_000_000, url
    assert api.get(f"/customers/{number}").get_json()["name"] == text
    assert olga.get("/customers/export.xlsx?columns=all").status_code == 200
    assert {n for (n,) in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")} == tables

"""What guards every request, over every address the app has: host, headers, who, forms, methods, where one is led."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule

from smallcrm import app, store
from smallcrm.areas.customers.records import Customer
from smallcrm.config import Config
from smallcrm.identity import passwords, sessions, throttle, tokens
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, settings
from smallcrm.records.record import values
from smallcrm.web.security import CSP, local_path
from tests import samples
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


# Filled with these, an address leads to something that is there.
_WORDS = {
    "name": "customers",
    "type": "customers",
    "plural": "customers",
    "ending": "csv",
    "key": "sales",
    "field": "name",
}
_QUIET = {"session", "reset_request"}  # when somebody was last seen


def address_of(rule: Rule, number: int) -> str:
    filled: dict[str, Any] = {}
    for name, converter in rule._converters.items():
        if type(converter).__name__ == "TypeConverter":
            filled[name] = Customer
        elif type(converter).__name__ == "AnyConverter":
            filled[name] = min(converter.items)  # type: ignore[attr-defined]
        else:
            whole = type(converter).__name__ == "IntegerConverter"
            filled[name] = number if whole else _WORDS.get(name, "x")
    return str(rule.build(filled, append_unknown=False)[1])  # type: ignore[index]


def rules_of(web: Web, *methods: str) -> list[tuple[Rule, str]]:
    return [
        (rule, method) for rule in web.app.url_map.iter_rules() for method in methods if method in (rule.methods or ())
    ]


def fingerprint() -> dict[str, list[Any]]:
    """Every row of every table, but for what reading may touch."""
    tables = [name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: sorted(map(repr, store.rows(f'SELECT * FROM "{name}"')))
        for name in tables
        if not name.startswith("sqlite_") and name not in _QUIET
    }


def differing(before: dict[str, list[Any]]) -> list[str]:
    now = fingerprint()
    return [name for name in before if before[name] != now.get(name)]


# ---------------------------------------------------------------- who


def test_every_address_asks_who_one_is_unless_it_says_otherwise(web: Web) -> None:
    """The list of what strangers reach stands here: whoever adds to it changes this test."""
    open_ones = {
        rule.rule for rule, _m in rules_of(web, "GET", "POST")
        if getattr(web.app.view_functions[rule.endpoint], "open_to_all", False)
    }  # fmt: skip
    known = {
        "/login", "/login/code", "/forgot", "/forgot/owner", "/link", "/link/<token>", "/setup", "/setup/guess",
        STRANGERS,
    }  # fmt: skip
    for path in open_ones - known:
        assert re.match(
            r"/(static|health|sw|manifest|favicon|robots|\.well-known|feeds?|calendar|api/v1/openapi)", path
        ), path
    assert known <= open_ones
    before = fingerprint()
    visitor = web.visitor()
    for rule, method in rules_of(web, "GET", "POST", "PUT", "PATCH", "DELETE"):
        if rule.rule in open_ones:
            continue
        answer = visitor.client.open(address_of(rule, 1), method=method)
        assert answer.status_code in (302, 401, 403), (method, rule.rule, answer.status_code)
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login"), rule.rule
    assert not differing(before)


# ---------------------------------------------------------------- forms


STRANGERS = "/f/<address>"  # a web form: it stands in other people's pages, and asks nobody who they are


def changing(web: Web) -> list[tuple[Rule, str]]:
    every = rules_of(web, "POST", "PUT", "PATCH", "DELETE")
    return [each for each in every if each[0].endpoint != "static" and each[0].rule != STRANGERS]


@pytest.mark.parametrize(
    "how", ["nothing", "another's", "another site", "a stranger's origin", "json as text", "by address"]
)
def test_nothing_is_changed_by_another_site(how: str, web: Web, cast: Cast) -> None:
    customer = samples.make(cast.actor("owner"), Customer, cast, minimal=True)
    olga = web.browser("owner")
    mine, bobs = olga.csrf(), web.browser("bob").csrf()
    options: dict[str, dict[str, Any]] = {
        "nothing": {"data": {"name": "x"}},
        "another's": {"data": {"name": "x", "csrf_token": bobs}},
        "another site": {"data": {"csrf_token": mine}, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "a stranger's origin": {"data": {"csrf_token": mine}, "headers": {"Origin": "http://evil.example"}},
        "json as text": {"data": '{"name": "x"}', "content_type": "text/plain"},
        "by address": {"query_string": {"csrf_token": mine, "_method": "DELETE"}},
    }
    before = fingerprint()
    for rule, method in changing(web):
        answer = olga.client.open(address_of(rule, int(customer.id)), method=method, **options[how])
        assert answer.status_code == 403, (method, rule.rule, answer.status_code)
    assert not differing(before)


def test_the_token_dies_with_the_session(web: Web, cast: Cast) -> None:
    first = web.browser("anna")
    token = first.csrf()
    second = web.browser("anna")
    form = {"csrf_token": token, "theme": "dark"}
    assert second.client.post("/settings/theme", data=form).status_code == 403
    assert first.client.post("/settings/theme", data=form).status_code == 303


def test_the_browsers_cookie_is_not_a_token(web: Web, cast: Cast) -> None:
    """The API takes a session for reading pages' data; what changes takes the form token too."""
    olga = web.browser("owner")
    assert olga.get("/api/v1/customers").status_code == 200
    assert olga.client.post("/api/v1/customers", json={"name": "X"}).status_code == 403
    headers = {"X-CSRF-Token": olga.csrf()}
    assert olga.client.post("/api/v1/customers", json={"name": "X"}, headers=headers).status_code == 201


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(method: str, web: Web, cast: Cast) -> None:
    customer = samples.make(cast.actor("owner"), Customer, cast, minimal=True)
    browser = web.browser("owner")
    for rule, _method in rules_of(web, "GET"):  # the first look may keep what it works out
        browser.client.open(address_of(rule, int(customer.id)), method=method)
    before = fingerprint()
    for rule, _method in rules_of(web, "GET"):
        answer = browser.client.open(address_of(rule, int(customer.id)), method=method)
        assert answer.status_code < 500, (rule.rule, answer.status_code)
    # that somebody took data away is written down
    assert set(differing(before)) <= {"audit", "sqlite_sequence"}


# ---------------------------------------------------------------- hosts


@pytest.mark.parametrize(
    "host",
    ["evil.example", "crm.example.com.evil.example", "evil.example:8070", "8.8.8.8", "[2001:4860:4860::8888]", "",
     "a b", "localhost@evil.example", "localhost, evil.example", "evil.example#localhost", "localhost:80x", "[::1"],
)  # fmt: skip
def test_another_hosts_name_is_refused(host: str, web: Web, cast: Cast) -> None:
    answer = web.app.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "<script" not in answer.get_data(as_text=True).replace("<script src=", "")


@pytest.mark.parametrize(
    "host", ["localhost", "nas", "nas:8070", "nas.local", "192.168.1.9:8070", "10.0.0.2", "[fd00::1]:8070", "127.0.0.1"]
)
def test_ones_own_names_are_taken(host: str, web: Web, cast: Cast) -> None:
    assert web.app.test_client().get("/login", headers={"Host": host}).status_code == 200


def test_configured_names_are_taken(cast: Cast) -> None:
    made = app.build_app(Config(server_allowed_hosts=("crm.example.org",)))
    assert made.test_client().get("/login", headers={"Host": "crm.example.org"}).status_code == 200
    assert made.test_client().get("/login", headers={"Host": "crm.example.com"}).status_code == 400
    settings.put(SYSTEM, {"company.address": "https://crm.example.com"})
    assert made.test_client().get("/login", headers={"Host": "crm.example.com"}).status_code == 200


def test_forwarded_headers_are_not_believed(web: Web, cast: Cast) -> None:
    headers = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "9.9.9.9",
        "Forwarded": "host=evil.example;proto=https", "X-Forwarded-User": "olga@example.com",
        "Remote-User": "olga@example.com", "X-Remote-User": "olga@example.com", "X-Original-URL": "/users",
    }  # fmt: skip
    answer = web.app.test_client().get("/customers", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/customers")
    page = web.app.test_client().get("/setup", headers=headers)
    assert "evil" not in page.get_data(as_text=True)
    assert not any("__Host-" in each for each in answer.headers.getlist("Set-Cookie")), "it came over http"


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/login", "/customers", "/nothing-here", "/api/v1/customers", "/users", "/settings"])
@pytest.mark.parametrize("part", ["", "anna"])
def test_headers(path: str, part: str, web: Web, cast: Cast) -> None:
    browser = web.browser(part) if part else web.visitor()
    headers = browser.get(path).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert "charset=utf-8" in headers["Content-Type"] or "json" in headers["Content-Type"]
    assert "unsafe" not in CSP


# ---------------------------------------------------------------- where one is led

STRANGE = (
    "//evil", "///evil", "/\\evil", "\\\\evil", "https:evil", "https://evil", "http://us@evil", "javascript:alert(1)",
    "/\t/evil", "/%09/evil\n", "\t//evil", " //evil", "/\r\nLocation: //evil", "evil", "./evil", "data:text/html,x",
)  # fmt: skip


HOME = re.compile(r"/(customers/\d+)?")


def test_no_page_leads_elsewhere(web: Web, cast: Cast) -> None:
    passwords.keep(cast.anna, passwords.hashed(PASSWORD))
    anna = web.browser("anna")
    for target in STRANGE:
        assert HOME.fullmatch(place(anna.get("/login", query_string={"next": target})))
        assert HOME.fullmatch(place(anna.post("/customers/new", {"name": "New", "next": target})))
    for target in STRANGE[:4]:  # checking a password is slow on purpose
        assert HOME.fullmatch(place(anna.post("/confirm", {"confirm_password": PASSWORD, "next": target})))
        visitor = web.visitor()
        page = visitor.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]
        form = {"csrf_token": token, "email": "anna@example.com", "password": PASSWORD, "next": target}
        assert HOME.fullmatch(place(visitor.client.post("/login", data=form)))


def place(answer: Any) -> str:
    """Where it goes on to."""
    assert answer.status_code in (302, 303), answer.status_code
    return str(answer.headers["Location"])


@given(st.text(alphabet="/\\\t\n\r:@.?#%evil \x00", max_size=12))
def test_a_path_of_ours_is_one(text: str) -> None:
    found = local_path(text)
    assert found.startswith("/")
    # as browsers read it: tabs and line ends dropped, a backslash as a slash
    read = re.sub(r"[\x00-\x20]", "", found.replace("\\", "/"))
    assert not read.startswith("//") or " " in found


# ---------------------------------------------------------------- what is taken along

TAKEN = (
    "id", "owner", "team", "role", "active", "email", "created_at", "deleted_at", "version", "password_hash", "hash",
    "totp_secret", "api_key", "is_admin", "rights", "grants", "must_change", "custom", "key", "email_key",
)  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_nobody_rises_by_a_field_too_many(name: str, web: Web, cast: Cast) -> None:
    anna, api = web.browser("anna"), web.api("anna")
    before = kept(cast)
    evil = {"role": "1", "id": "1", "active": "", "team": str(cast.south)}.get(name, "evil@example.com")
    anna.post("/settings/profile", {name: evil})
    anna.post("/settings/notifications", {name: evil})
    anna.post(f"/users/{cast.anna}/edit", {"name": "Anna North", name: evil})
    anna.post(f"/users/{cast.anna}/cell/{name}", {name: evil})
    anna.post("/users/bulk/edit", {"id": str(cast.anna), "field": name, name: evil})
    assert api.patch(f"/users/{cast.anna}", {name: evil}, 1).status_code in (403, 422)
    assert kept(cast) == before
    assert passwords.has_one(cast.anna) is False


def kept(cast: Cast) -> dict[str, Any]:
    """Anna's record, but for what a form of hers may set."""
    free = {"notify", "digest_at", "chat_name", "version", "updated_at"}
    return {name: value for name, value in values(change_target(cast.anna)).items() if name not in free}


def change_target(number: int) -> Any:
    from smallcrm.areas.people.records import User
    from smallcrm.records import access

    return access.find(SYSTEM, User, number)


SECRET = re.compile(r"argon2|password_hash|totp|token_hash|secret")


@pytest.mark.parametrize("part", ["owner", "anna"])
def test_no_answer_holds_a_secret(part: str, web: Web, cast: Cast) -> None:
    passwords.keep(cast.anna, passwords.hashed(PASSWORD))
    cookie = sessions.begin(cast.anna, address="x", agent="x")
    token = tokens.make(cast.anna, name="t")
    browser, api = web.browser(part), web.api(part)
    for answer in (
        api.get(f"/users/{cast.anna}"), api.get("/users"), browser.get(f"/users/{cast.anna}"), browser.get("/users"),
        browser.get(f"/users/{cast.anna}/history"), browser.get(f"/users/{cast.anna}/account"),
    ):  # fmt: skip
        body = answer.get_data(as_text=True)
        assert "$argon2" not in body
        assert cookie not in body
        assert token not in body
    for name in ("password_hash", "hash", "totp_secret", "token", "email_key"):
        for query in (f"sort={name}", f"filter[{name}][like]=$argon2", f"group_by={name}", f"fields={name}"):
            body = api.get(f"/users?{query}").get_data(as_text=True)
            assert not SECRET.search(body.replace(name, "")), query


# ---------------------------------------------------------------- out at once


def test_out_everywhere_at_once(web: Web, cast: Cast) -> None:
    """Whoever is switched off is out at the very next request, in every browser and program."""
    browser, api = web.browser("anna"), web.api("anna")
    browser.csrf()
    assert browser.get("/customers").status_code == 200
    assert api.get("/customers").status_code == 200
    change.update(cast.actor("owner"), change_target(cast.anna), {"active": False})
    assert browser.get("/customers").status_code == 302
    assert browser.get("/customers", headers={"HX-Request": "true"}).status_code == 401
    assert browser.post("/customers/new", {"name": "X"}).status_code in (302, 403)
    assert api.get("/customers").status_code == 401
    assert api.post("/customers", {"name": "X"}).status_code == 401
    assert not store.rows("SELECT 1 FROM customer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "Token", ""])
def test_strange_tokens(scheme: str, web: Web, cast: Cast) -> None:
    tokens.make(cast.anna, name="t")
    for value in ("", "null", "0", "true", "[]", "scrm_", "x" * 5000, "é", "../.."):
        headers = {"Authorization": f"{scheme} {value}".encode().decode("latin-1")}
        assert web.app.test_client().get("/api/v1/customers", headers=headers).status_code == 401, value


def test_a_token_opens_no_page(web: Web, cast: Cast) -> None:
    api = web.api("owner")
    for path in ("/customers", "/users", "/settings", "/admin/audit"):
        assert api.client.get(path, headers=api.headers).status_code == 302, path
    assert isinstance(web.browser("owner"), Browser)

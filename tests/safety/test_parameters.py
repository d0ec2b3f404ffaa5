"""What comes in beside the address: whatever a page or form reads gets what nobody types. Refused or answered, never an error of ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from smallcrm.records import change
from smallcrm.records.custom import fields_of
from smallcrm.records.record import by_key
from tests import samples
from tests.cast import Cast
from tests.client import Web
from tests.safety.asking import Company
from tests.safety.expectations import BODIES
from tests.safety.routes import Route, routes, urls
from tests.safety.test_api_schema import TALK
from tests.safety.world import World

VALUES = (
    "\x00", "\r\nX-Evil: 1", "9" * 5000, "/customers\r\nX-Evil: 1", "//evil", "/\t/evil", "/\\evil", "/customers/张", "../../etc/passwd", "evil/5",
    "--5", "-1", "0", "9" * 25, "²", "", "null", "[]", "{}", "[[]]", '{"field":["name"],"op":"eq"}', "' OR 1=1--", "id desc;--", "a" * 9000,
    "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01T00:00", "1e400", "NaN", "Infinity", "{{7*7}}", "customers,x", "\ud800",
)  # fmt: skip
KNOWN = {"csrf_token", "confirm_password", "language"}
AT_A_TIME = 3  # values for each parameter of each route
# works for a second and more; the pages of one's own say the rest
SLOW = {"admin.save_terms", "admin.make_backup", "people.logout"}


class Noted(ImmutableMultiDict[str, str]):
    """Parameters that note what was asked for."""

    asked: set[str] = set()

    def get(self, key: str, *rest: Any, **more: Any) -> Any:
        self.asked.add(key)
        return super().get(key, *rest, **more)

    def getlist(self, key: str, *rest: Any, **more: Any) -> Any:
        self.asked.add(key)
        return super().getlist(key, *rest, **more)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


class NotingRequest(Request):
    """A request whose parameters note what was asked for."""

    parameter_storage_class = Noted


@pytest.fixture
def company(world: World, marked: Web, tmp_path: Path) -> Company:
    marked.app.request_class = NotingRequest
    return Company(world, marked, tmp_path / "spare.db")


def asked_by(company: Company, route: Route, url: str, body: dict[str, Any]) -> list[str]:
    """The names of what the view looks for."""
    Noted.asked.clear()
    company.ask(route, url, "owner", body)
    company.put_back()
    return sorted(Noted.asked - KNOWN)


def leads_away(answer: Any) -> bool:
    """Whether a browser that follows leaves us: it drops tabs and reads a backslash as a slash."""
    target = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "/"
    return bool(re.match(r"//|[a-z]+:", re.sub(r"[\t\r\n]", "", target).replace("\\", "/")))


@pytest.mark.slow
def test_every_parameter_of_every_page(company: Company) -> None:
    """Each name that a view asks for, found out by listening, with a few of the values each; forms and addresses alike."""
    wrong, turn = [], 0
    owner = company.browsers["owner"]
    for route in routes(company.web.app):
        if route.endpoint.startswith(("api.", "static")) or route.endpoint in SLOW:
            continue
        url, held = next(urls(company.web.app, company.world, route))
        body = {"id": str(held.get("number", 1)), **BODIES.get(route.endpoint, lambda _world: {})(company.world)}
        for name in asked_by(company, route, url, body):
            for _ in range(AT_A_TIME):
                turn += 1
                value = VALUES[turn % len(VALUES)]
                at, sent = company.writes(), {**body, name: value.encode("utf-8", "surrogatepass")}
                answer = owner.post(url, sent) if route.mutates else owner.get(url, query_string=sent)
                text = answer.get_data().decode("utf-8", "replace")
                if answer.status_code >= 500 or (answer.status_code >= 400 and TALK.search(text)):
                    wrong.append(f"{route!r} {name}={value[:40]!r}: {answer.status_code}")
                if "X-Evil" in answer.headers or leads_away(answer):
                    wrong.append(f"{route!r} {name}={value[:40]!r}: leads to {answer.headers.get('Location')}")
                if company.writes() != at:
                    company.put_back()
    assert turn > 2000, turn
    assert not wrong, "\n".join(wrong)


WAYS_BACK = [  # (address, name): forms that lead back to where they say they came from
    ("/today/move-all", "next"), ("/admin/jobs/outbox/run", "next"), ("/customers/{customer}/delete", "next"), ("/customers/bulk/tags", "back"),
    ("/activities/{activity}/remove", "next"), ("/pool/claim", "back"), ("/customers/new", "next"), ("/confirm", "next"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "name"), WAYS_BACK)
@pytest.mark.parametrize(
    "target",
    ["//evil", "/\t/evil", "/\\evil", "\t//evil", "https:evil", "https://evil", "/\r\nX-Evil: 1", "/customers/张"],
)
def test_a_form_leads_back_to_us(url: str, name: str, target: str, web: Web, cast: Cast) -> None:
    """With and without scripts, for every form that says where it came from."""
    made = {
        key: samples.make(cast.actor("owner"), by_key(key), cast, minimal=True).id for key in ("customer", "activity")
    }
    form = {"id": str(made["customer"]), "add": "x", "name": "X", name: target}
    for headers in ({}, {"HX-Request": "true"}):
        answer = web.browser("owner").post(url.format(**made), form, headers=headers)
        assert answer.status_code < 500
        assert not leads_away(answer), answer.headers
        assert "X-Evil" not in answer.headers


# ---------------------------------------------------------------- SQL in what lists are asked by

SORTS = ("id desc;--", "(case when 1=1 then id else name end)", "name' or '1'='1", "randomblob(200000000)", "id,(select password_hash from credential)",
         'name" desc; drop table customer;--', "name collate nocase", "1", "name,name", "t.name", "rowid", "custom", "owner.email", "deleted_at",
         "password_hash", "merged_into", "via_owner", "name\x00", "name/**/desc")  # fmt: skip
WORDS = (
    "' or '1'='1",
    '" OR name:*',
    "name:*",
    "*",
    'a" NEAR "b',
    "%",
    "_",
    "(a+)+$",
    "\\",
    "'; drop table customer;--",
    "NOT x",
    "^a",
    "{a} : b",
    "cnry OR 1",
)


@pytest.fixture
def few(web: Web, cast: Cast) -> list[int]:
    """Three customers of Anna's and one of Carl's."""
    return [
        int(change.create(cast.actor(part), by_key("customer"), {"name": name}).id)
        for part, name in (("anna", "Beta"), ("anna", "Alpha"), ("anna", "Gamma"), ("carl", "Delta"))
    ]


@pytest.mark.parametrize("sort", SORTS)
def test_sorting_takes_names_only(sort: str, web: Web, few: list[int]) -> None:
    api, browser = web.api("anna"), web.browser("anna")
    for prefix in ("", "-"):
        answer = api.get(f"/customers?sort={quote(prefix + sort)}")
        assert answer.status_code == 400
        assert not re.search(
            r"(?i)select |from \"|sqlite|syntax",
            answer.get_data(as_text=True).replace(sort.partition(",")[2] or sort, ""),
        )
        assert browser.get(f"/customers?view=all&sort={quote(prefix + sort)}").status_code == 400
        assert browser.get(f"/customers/export.csv?sort={quote(prefix + sort)}").status_code == 400


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_a_word(word: str, web: Web, few: list[int]) -> None:
    """Search and filters find what holds the text, not what an expression would."""
    api, browser = web.api("anna"), web.browser("anna")
    carls = str(few[-1])
    for url in (f"/customers?q={quote(word)}", f"/search?q={quote(word)}"):
        answer = api.get(url)
        assert answer.status_code == 200
        assert "Delta" not in answer.get_data(as_text=True)
    assert "Delta" not in browser.get(f"/search?q={quote(word)}").get_data(as_text=True)
    for op in ("eq", "contains", "starts_with", "in"):
        value: Any = [word] if op == "in" else word
        asked = quote(json.dumps({"field": "name", "op": op, "value": value}))
        answer = api.get(f"/customers?filter={asked}&count=1")
        assert (answer.status_code, answer.get_json()["total"]) == (200, 0), op
        assert carls not in [str(each["id"]) for each in answer.get_json()["items"]]


STRANGE = (
    "name,password_hash",
    "*",
    "null;",
    "[1",
    "{",
    '{"field":"password_hash","op":"not_empty"}',
    "eyJhIjoxfQ",
    "0,0,0",
    *SORTS[:6],
)


@pytest.mark.parametrize("name", ["fields", "cursor", "filter", "limit", "group_by", "columns", "where", "having"])
def test_other_parameters_of_the_api(name: str, web: Web, few: list[int]) -> None:
    for value in STRANGE:
        assert web.api("anna").get(f"/customers?{name}={quote(value)}").status_code == 400, value


def test_a_cursor_reads_no_further(web: Web, few: list[int]) -> None:
    """The cursor of one who sees more, or of another order, shows nothing that one does not see."""
    owners = web.api("owner").get("/customers?limit=1&sort=name").get_json()["next"]
    anna = web.api("anna")
    seen = anna.get(f"/customers?limit=200&sort=name&cursor={quote(owners)}").get_data(as_text=True)
    assert "Delta" not in seen
    assert anna.get(f"/customers?sort=-updated_at&cursor={quote(owners)}").status_code == 400
    for spoilt in (owners[:-2], owners + "x", owners[::-1], owners.swapcase()):
        answer = anna.get(f"/customers?limit=200&sort=name&cursor={quote(spoilt)}")
        assert answer.status_code in (200, 400)
        assert "Delta" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("key", ["customer", "contact", "activity", "relation", "user", "pool"])
def test_an_empty_list_of_values(key: str, web: Web, cast: Cast) -> None:
    """“in” of nothing is nothing, “not in” of nothing is everything: for every field, by page and API."""
    kind = by_key(key)
    samples.make(cast.actor("owner"), kind, cast, minimal=True, trusted=True)
    api, browser = web.api("owner"), web.browser("owner")
    every = api.get(f"/{kind.card.name}?count=1").get_json()["total"]
    for name, each in fields_of(kind).items():
        for op, n in (("in", 0), ("not_in", every)):
            if op in each.operators and not each.hidden_always:
                asked = quote(json.dumps({"field": name, "op": op, "value": []}))
                assert api.get(f"/{kind.card.name}?filter={asked}&count=1").get_json()["total"] == n, (name, op)
                page = browser.get(f"/{kind.card.name}?view=all&filter={asked}")
                assert page.status_code == (200 if kind.card.pages else 404), (name, op)


@pytest.mark.parametrize("value", [[[1]], {"type": ["x"], "id": [1]}, ["evil/5"], "--5", [None], "9" * 5000])
def test_the_editor_of_a_condition(value: Any, web: Web, cast: Cast) -> None:
    """A condition in the address that makes no sense is refused, not drawn."""
    for name, field, op in (("customers", "owner", "in"), ("customers", "parent", "not_in"), ("pools", "members", "contains"),
                            ("customers", "updated_at", "within_days"), ("customers", "name", "eq")):  # fmt: skip
        asked = quote(json.dumps({"all": [{"field": field, "op": op, "value": value}]}))
        for page in ("chip?index=0&", "?", "count?"):
            assert web.browser("owner").get(
                f"/{name}/{page}view=all&filter={asked}".replace("/?", "?")
            ).status_code in (200, 400)
        form = {"field": field, "op": op, "value": str(value)}
        assert web.browser("owner").post(f"/{name}/chip?view=all", form).status_code in (200, 204, 302, 303, 400, 422)

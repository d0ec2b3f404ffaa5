"""The canary crawl: every address that is read, as everybody, and nothing of somebody else's in any answer."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from smallcrm.base import clock
from smallcrm.records.custom import fields_of
from smallcrm.records.record import all_types, by_key, by_name
from tests.client import Web
from tests.safety.routes import Route, routes, urls
from tests.safety.world import KINDS, SEES, World, kept_for, said_of, secrets

pytestmark = pytest.mark.slow
# whose records a part asks for: some it may see, some it may not
WHOSE = {
    "owner": ("anna", "pool"), "reader": ("anna", "pool"), "manager": ("carl", "service", "pool"),
    "anna": ("anna", "carl", "crossed", "pool"), "bob": ("carl", "shared", "pool", "said", "let in"), "carl": ("anna", "crossed", "team"),
    "service": ("service", "carl", "pool"), "nobody": ("anna",), "visitor": ("anna",),
}  # fmt: skip
LISTS = (
    "?view=all",
    "?view=all&bin=1",
    "?view=all&sort=-updated_at",
    "?q=cnry",
    "?q=11349",
    "?view=all&as_of={yesterday}",
)


def _asks(endpoint: str, world: World) -> list[str]:
    """Further questions that an address takes."""
    seen = [world.records["customer", whose] for whose in ("anna", "carl", "pool")]
    known: dict[str, list[str]] = {
        "pages.listing": [*LISTS, f"?view=all&filter={quote(json.dumps({'field': 'owner', 'op': 'not_empty'}))}"],
        "pages.exact_count": ["?view=all", "?q=cnry"],
        "pages.totals": ["?view=all"],
        "pages.options": ["?q=", "?q=cnry", "?q=11349", *(f"?id={n}" for n in seen)],
        "pages.options_of_several": ["?types=customers,contacts&q=cnry", "?type=customers&q=cnry"],
        "pages.search_page": ["?q=cnry", "?q=11349", "?q=example.com"],
        "pages.palette": ["?q=cnry", "?q=11349"],
        "pages.bin_page": [f"?type={kind.card.name}" for kind in KINDS],
        "pages.likely_duplicates": [f"?{n}={quote(v)}" for n, v in _typed(world)],
        "pages.merge_page": [f"?id={a}&id={b}" for a in seen for b in seen if a < b],
        "pages.record_page": ["?as_of={yesterday}", "?as_of={now}"],
        "pages.history": ["?as_of={yesterday}"],
        "pages.words": ["?q=cnry", "?q="],
        "api.listing": ["?q=cnry&count=1", "?q=11349", "?limit=200", "?sort=-updated_at&count=1"],
        "api.searching": ["?q=cnry", "?q=11349", "?q=example.com"],
    }
    times = {"yesterday": (clock.today() - dt.timedelta(days=1)).isoformat(), "now": clock.stamp()}
    return [
        "",
        *(each.format(**times) if "{yest" in each or "{now" in each else each for each in known.get(endpoint, [])),
    ]


def _typed(world: World) -> Iterator[tuple[str, str]]:
    """What somebody would type to learn of others': their names, phones, addresses."""
    latest = {(m.kind, m.whose, m.field): (t, m) for t, m in world.marks.items()}
    for token, mark in latest.values():
        if (
            mark.kind in ("customer", "contact")
            and mark.whose in ("carl", "pool")
            and mark.field in ("name", "phone", "email")
        ):
            yield (
                mark.field,
                f"+44{token}" if token.isdigit() else f"{token}@example.com" if mark.field == "email" else token,
            )


def _addresses(web: Web, world: World, route: Route, part: str) -> Iterator[str]:
    """Every address of a route with every whose, the bin's and the merged."""
    seen = set()
    for whose in WHOSE[part]:
        for url, held in urls(web.app, world, route, whose=whose, all=True):
            found = [url]
            kind = by_name(str(held.get("kind") or held.get("name") or ""))
            if kind is not None and "number" in held and f"/{held['number']}" in url:
                others = [n for (key, _), n in world.binned.items() if key == kind.card.key]
                others += world.merged.get(kind.card.key, ())
                found += [url.replace(f"/{held['number']}", f"/{n}", 1) for n in others]
            for address in found:
                if address not in seen:
                    seen.add(address)
                    yield address


def _read(answer: TestResponse) -> str:
    return (
        "\n".join(f"{name}: {value}" for name, value in answer.headers)
        + "\n"
        + answer.get_data().decode("utf-8", "replace")
    )


@pytest.mark.parametrize("part", [*SEES])
def test_pages_and_api(part: str, world: World, marked: Web) -> None:
    """Every GET of the address map, by session and (API) by token that only reads."""
    browser = marked.visitor() if part == "visitor" else marked.browser(part)
    api = None if part == "visitor" else marked.api(part, read_only=True)
    secret = list(secrets())
    wrong: list[str] = []
    asked = 0
    for route in routes(marked.app):
        if route.mutates:
            continue
        for url in _addresses(marked, world, route, part):
            for more in _asks(route.endpoint, world) if part not in ("visitor", "nobody") else [""]:
                answer = api.get(url[7:] + more) if api and url.startswith("/api/v1") else browser.get(url + more)
                asked += 1
                text = _read(answer)
                if answer.status_code >= 500:
                    wrong.append(f"{url}{more}: {answer.status_code}")
                if leaks := world.leaks(part, text, asked=url + more):
                    wrong.append(f"{url}{more} ({answer.status_code}): {'; '.join(leaks[:4])}")
                wrong += [f"{url}{more}: a secret" for each in secret if each in text]
    assert asked > 300
    assert not wrong, f"{len(wrong)} of {asked}\n" + "\n".join(wrong[:60])


@pytest.mark.parametrize("part", ["anna", "bob", "service", "manager"])
def test_no_oracle(part: str, world: World, marked: Web) -> None:
    """No figure differs by what is out of reach: asked with a piece of a foreign mark, everything counts nothing."""
    browser, api = marked.browser(part), marked.api(part)
    for kind in KINDS:
        name = kind.card.name
        foreign = [
            t for t, m in world.marks.items() if m.kind == kind.card.key and m.field and not world.may_meet(part, t)
        ]
        for token in foreign:
            mark = world.marks[token]
            asked = api.get(f"/{name}?q={token}&count=1").get_json()
            assert (asked["total"], asked["items"]) == (0, []), mark
            if kind.card.pages:
                assert browser.get(f"/{name}/count?q={token}").get_data(as_text=True).strip() == "0", mark
        for token in foreign[:60]:
            mark = world.marks[token]
            each = fields_of(kind).get(mark.field)
            if (
                each is None
                or "contains" not in each.operators
                or (part == "service" and mark.field in world.hidden[kind.card.key])
            ):
                continue
            condition = quote(json.dumps({"field": mark.field, "op": "contains", "value": token}))
            answer = api.get(f"/{name}?filter={condition}&count=1")
            assert answer.status_code in (200, 400), mark
            if answer.status_code == 200:
                assert answer.get_json()["total"] == 0, mark


def test_kept_for_others(world: World, marked: Web) -> None:
    """What is kept for a team or everyone, said of somebody or shared, is read by those and nobody else; what is kept, not changed."""
    wrong = []
    kinds = [kind for kind in KINDS if kept_for(kind) or said_of(kind) or kind.card.shared]
    assert {kind.card.key for kind in kinds} >= {
        "dashboard",
        "figure",
        "segment",
        "target_review",
        "target_action",
        "opportunity",
    }
    for part in ("owner", "reader", "manager", "anna", "bob", "carl", "service"):
        api = marked.api(part)
        for kind in kinds:
            for whose in ("anna", "bob", "carl", "service", "team", "all", "said", "let in"):
                number = world.records.get((kind.card.key, whose))
                if number is None:
                    continue
                answer = api.get(f"/{kind.card.name}/{number}")
                if (answer.status_code == 200) != (whose in SEES[part]):
                    wrong.append(f"{part}: {kind.card.key} of {whose}: {answer.status_code}")
                if part in ("anna", "service") and whose in ("team", "all"):
                    answer = api.patch(f"/{kind.card.name}/{number}", {"name": "Mine now"}, 2)
                    if answer.status_code != (403 if whose in SEES[part] else 404):
                        wrong.append(f"{part} changes {kind.card.key} of {whose}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_hidden_fields_by_side_channels(world: World, marked: Web) -> None:
    """Sam's hidden fields: no sort, filter, column, bulk edit, cell, write; through links neither."""
    api, browser = marked.api("service"), marked.browser("service")
    for key, hidden in world.hidden.items():
        kind = by_key(key)
        number = world.records[key, "service"]
        for name in hidden:
            field = fields_of(kind)[name]
            for op in field.operators:
                value = {} if op in ("is_empty", "not_empty") else {"value": "cnry"}
                condition = quote(json.dumps({"field": name, "op": op, **value}))
                assert api.get(f"/{kind.card.name}?filter={condition}").status_code == 400, (key, name, op)
            for sort in (name, f"-{name}", f"name,{name}"):
                assert api.get(f"/{kind.card.name}?sort={sort}").status_code == 400, (key, name)
            assert api.get(f"/{kind.card.name}?fields={name}").status_code == 400
            body: dict[str, Any] = {"custom": {name: "x"}} if field.custom else {name: "x"}
            assert api.patch(f"/{kind.card.name}/{number}", body, 1).status_code in (412, 422)
            made = api.post(f"/{kind.card.name}", body)
            assert made.status_code == 422, (key, name, made.get_json())
            if kind.card.pages:
                assert browser.get(f"/{kind.card.name}/{number}/cell/{name}").status_code == 404, (key, name)
                assert (
                    browser.post(f"/{kind.card.name}/bulk/edit", {"id": number, "field": name, name: "x"}).status_code
                    == 400
                )
                assert browser.get(f"/{kind.card.name}?sort={name}").status_code == 400
        for other in all_types():
            for link, each in fields_of(other).items():
                if getattr(each, "to", "") == key and other.card.api:
                    through = quote(json.dumps({"field": f"{link}.{min(hidden)}", "op": "not_empty"}))
                    assert api.get(f"/{other.card.name}?filter={through}").status_code == 400, (other, link)


def test_masked_fields_by_side_channels(world: World, marked: Web) -> None:
    """Bob's pool hides phone and mail: no filter finds them, no sort tells their order, no search meets them."""
    api = marked.api("bob")
    for kind in KINDS:
        number = world.records.get((kind.card.key, "pool"))
        if number is None or not world.masked[kind.card.key]:
            continue
        for token, mark in world.marks.items():
            if mark.kind != kind.card.key or mark.whose != "pool" or mark.field not in world.masked[kind.card.key]:
                continue
            for op in ("contains", "eq", "starts_with", "in"):
                if op not in fields_of(kind)[mark.field].operators:
                    continue
                value: Any = [token] if op == "in" else token
                condition = quote(json.dumps({"field": mark.field, "op": op, "value": value}))
                answer = api.get(f"/{kind.card.name}?filter={condition}")
                found = [] if answer.status_code == 400 else [each["id"] for each in answer.get_json()["items"]]
                assert number not in found, (mark, op)
        condition = quote(json.dumps({"field": "id", "op": "eq", "value": number}))
        assert f'"id":{number}' in api.get(f"/{kind.card.name}?limit=200").get_data(as_text=True).replace(" ", "")

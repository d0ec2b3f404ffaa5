"""The API against its own description: what it says it takes and gives, asked with made-up values; and no 5xx, whatever is sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS  # noqa: F401
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from smallcrm.identity import tokens
from smallcrm.records.custom import fields_of
from smallcrm.records.record import all_types
from tests.client import Web
from tests.safety.world import World

pytestmark = pytest.mark.slow
FEW = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
TALK = re.compile(r"Traceback \(most|apsw\.|SQLError|no such column|no query solution|peewee\.|File \"/")
TYPES = [kind for kind in all_types() if kind.card.api]


def _unhurt(status: int, text: str, where: object) -> None:
    assert status < 500, (where, status, text[:300])
    assert status < 400 or not TALK.search(text), (where, text[:300])


@pytest.mark.parametrize("part", ["owner", "anna"])
def test_answers_conform(part: str, world: World, marked: Web) -> None:
    """Every operation of the document, made-up parameters and bodies: status, kind of content and shape as described."""
    token = tokens.make(getattr(world.cast, part), name="schema")
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", marked.app, headers=headers)
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    wrong: dict[str, str] = {}
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label == "POST /files":  # a form: schemathesis cannot make one up; tests/areas/files does
            continue

        @FEW
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.headers = {**(case.headers or {}), **headers}
            answer = case.call()
            _unhurt(answer.status_code, answer.content.decode("utf-8", "replace"), case)
            case.validate_response(answer, checks=checks)

        try:
            ask()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            wrong[operation.label] = f"{type(error).__name__}: {str(error)[:600]}"
    assert asked > 100
    assert not wrong, "\n".join(f"{label}: {said}" for label, said in wrong.items())


# what people and programs send that no schema names
WILD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.integers(), max_size=3),
    st.sampled_from([
        "NaN", "1e308", "-0", "1,5", str(2**63), "9" * 400, "0001-01-01", "9999-12-31", "2026-02-30", "\ud800", "\x00", "\ufeff",
        "a\u0308" * 200, "\u202eabc", "'; DROP TABLE customer;--", "%", "_" * 500, "(a+)+$", "²", "٣", "../../etc/passwd",
        {}, {"id": 2**70}, {"id": "1"}, {"id": None}, [[]], [{}], {"type": "customers", "id": -1}, -(2**63) - 1, 2**64, 1e300,
    ]),
)  # fmt: skip
MANY = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def test_wild_bodies(world: World, marked: Web) -> None:
    """Any value in any field of any type: kept, or 422 by name; never an error of ours."""
    api = marked.api("owner")
    for kind in TYPES:
        names = [n for n, f in fields_of(kind).items() if not f.hidden_always]

        def send(body: dict[str, Any], kind: Any = kind) -> None:
            raw = json.dumps(body).encode()
            answer = api.client.post(
                f"/api/v1/{kind.card.name}",
                data=raw,
                headers=api.headers,
                content_type="application/json",
                buffered=True,
            )
            _unhurt(answer.status_code, answer.get_data(as_text=True), (kind.card.name, body))
            assert answer.status_code in (201, 400, 403, 409, 413, 422), (kind.card.name, body, answer.status_code)

        @MANY
        @given(
            body=st.dictionaries(st.sampled_from([*names, "id", "custom", "version", "nonsense", ""]), WILD, max_size=3)
        )
        def fuzz(body: dict[str, Any]) -> None:
            send(body)

        fuzz()


PARAMETERS = (
    "q",
    "filter",
    "sort",
    "limit",
    "cursor",
    "fields",
    "count",
    "view",
    "as_of",
    "id",
    "types",
    "field",
    "index",
    "page",
    "bin",
    "lang",
    "type",
)
VALUES = (
    "id desc;--", "(case when 1=1 then id else name end)", "name' or '1'='1", "randomblob(200000000)", "id,(select password_hash from credential)",
    "password_hash", "owner.password_hash", "owner.email", "custom", "(a+)+$", "%" * 3000, "\x00", "\ud800", "²", "٣", "-1", "0", "1e9", "99999999999999999999",
    "null", "{}", "[]", '{"field":"id","op":"in","value":[' + ",".join(["1"] * 5000) + "]}", '{"all":' * 60 + "1" + "}" * 60,
    '{"field":"name","op":"like","value":"%"}', '{"field":"name","op":"eq","value":{"a":1}}', '{"field":["name"],"op":"eq"}', '{"any":[]}',
    '{"field":"id","op":"gt","value":1e400}', '{"field":"id","op":"eq","value":123456789012345678901234567890}', '{"field":"owner","op":"eq","value":"x"}',
    "\u202e", "\ufeff", "a" * 9000, "../../etc/passwd", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01T00:00", "2026-01-01T25:61", "true", "\r\nX-Evil: 1",
)  # fmt: skip


@pytest.mark.parametrize("part", ["owner", "anna"])
def test_wild_parameters(part: str, world: World, marked: Web) -> None:
    """Every parameter with every nasty value, at every address that is read: a clear refusal or an answer."""
    from tests.safety.routes import routes, urls

    browser, api = marked.browser(part), marked.api(part)
    wrong = []
    seen: set[str] = set()
    for route in routes(marked.app):
        if route.mutates or (route.endpoint in seen):
            continue
        seen.add(route.endpoint)
        url, _held = next(urls(marked.app, world, route))
        asks = [(name, value) for name in PARAMETERS for value in VALUES]
        # each address gets its own share of the pairs, lists every one
        if route.endpoint not in ("pages.listing", "api.listing") or part != "owner":
            step = 31 if part == "owner" else 47
            asks = asks[sum(map(ord, route.endpoint)) % step :: step]
        for name, value in asks:
            ask = {name: value.encode("utf-8", "surrogatepass")}
            answer = (
                api.client.get(url, query_string=ask, headers=api.headers, buffered=True)
                if url.startswith("/api/")
                else browser.get(url, query_string=ask)
            )
            text = answer.get_data().decode("utf-8", "replace")
            if answer.status_code >= 500 or (answer.status_code >= 400 and TALK.search(text)):
                wrong.append(f"{url} {name}={value[:60]!r}: {answer.status_code}")
            if "X-Evil" in answer.headers:
                wrong.append(f"{url} {name}: a header was put in")
    assert not wrong, "\n".join(wrong[:60])

"""Forms that are not ours, methods nobody offers, and what a stranger learns from an answer: nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smallcrm.base import ids
from tests.client import Web
from tests.safety.asking import Company
from tests.safety.expectations import BODIES
from tests.safety.routes import Route, routes, urls
from tests.safety.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STRANGERS = "leads.answer_form"  # a web form stands in other people's pages
WRITTEN_DOWN = ("/admin/audit", "/export.", "/excel", ".xlsx", "/positions.json")  # who took it out, also by HEAD
# Users, pipelines with their stages and web forms are no secret: everybody sees them, and not everybody may do this.
KNOWN_TO_BE_THERE = {
    "forecast.take_over", "leads.mail_page", "pipeline.empty_form", "pipeline.empty_one", "pipeline.reorder",
    "visits.erase_positions_of", "visits.positions_file_of", "visits.positions_of",
}  # fmt: skip


@pytest.fixture
def company(world: World, marked: Web, tmp_path: Path) -> Company:
    return Company(world, marked, tmp_path / "spare.db")


def _first(company: Company, route: Route, **known: Any) -> tuple[str, dict[str, Any]]:
    return next(urls(company.web.app, company.world, route, **known))


def _body(company: Company, route: Route, held: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(held.get("number", 1)),
        **(BODIES[route.endpoint](company.world) if route.endpoint in BODIES else {}),
    }


@pytest.mark.slow
def test_forms_from_elsewhere(company: Company) -> None:
    """Without a token, with somebody else's, from another site, as text: the owner's browser is not made to do anything."""
    anna = company.browsers["anna"].csrf()
    owner = company.browsers["owner"]
    good = {"csrf_token": owner.csrf()}
    tries: dict[str, dict[str, Any]] = {
        "no token": {"data": {}},
        "another's token": {"data": {"csrf_token": anna}},
        "a made-up token": {"data": {"csrf_token": ids.token()}},
        "another origin": {"data": good, "headers": {"Origin": "http://evil.example"}},
        "another port": {"data": good, "headers": {"Origin": "http://localhost:9"}},
        "another site": {"data": good, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "a sister site": {"data": good, "headers": {"Sec-Fetch-Site": "same-site"}},
    }
    wrong = []
    for route in routes(company.web.app):
        if not route.mutates or route.endpoint.startswith("api.") or route.endpoint == STRANGERS:
            continue
        url, held = _first(company, route)
        for name, options in tries.items():
            at = company.writes()
            sent = {**_body(company, route, held), **options["data"]}
            answer = owner.client.post(url, data=sent, headers=options.get("headers"), buffered=True)
            if answer.status_code != 403:
                wrong.append(f"{route!r} {url}: {name}: {answer.status_code}")
            if company.writes() != at:
                wrong.append(f"{route!r} {url}: {name}: wrote")
                company.put_back()
        text = owner.client.post(url, data="{}", content_type="text/plain", buffered=True)
        if text.status_code != 403:
            wrong.append(f"{route!r} {url}: text: {text.status_code}")
    assert not wrong, "\n".join(wrong)


def test_api_by_cookie_needs_the_token_too(company: Company) -> None:
    """The session's cookie alone changes nothing through the API, whatever the kind of content."""
    owner = company.browsers["owner"]
    number = company.world.records["customer", "anna"]
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/api/v1/customers", {"name": "Evil"}),
        ("PATCH", f"/api/v1/customers/{number}", {"name": "Evil", "version": 1}),
        ("DELETE", f"/api/v1/customers/{number}", None),
        ("POST", f"/api/v1/customers/{number}/assign", {"owner": company.world.cast.carl}),
    ]
    at = company.writes()
    for method, url, body in calls:
        for kind in (
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ):
            answer = owner.client.open(url, method=method, json=body, headers={"Content-Type": kind}, buffered=True)
            assert answer.status_code == 403, (method, url, kind, answer.status_code)
    assert company.writes() == at
    answer = owner.client.post("/api/v1/customers", json={"name": "Fine"}, headers={"X-CSRF-Token": owner.csrf()})
    assert answer.status_code == 201


@pytest.mark.slow
def test_methods_nobody_offers(company: Company) -> None:
    """What a route does not name is 405, and HEAD is GET without a body; ``_method`` overrides nothing."""
    app = company.web.app
    offered = {_first(company, route)[0] for route in routes(app)}
    adapter = app.url_map.bind("localhost")
    wrong = []
    for url in sorted(offered):
        methods = adapter.allowed_methods(url.partition("?")[0])
        client = company.apis["owner"].client if url.startswith("/api/") else company.browsers["owner"].client
        headers = (
            company.apis["owner"].headers
            if url.startswith("/api/")
            else {"X-CSRF-Token": company.browsers["owner"].csrf()}
        )
        for method in METHODS:
            if method in methods:
                continue
            at = company.writes()
            answer = client.open(f"{url}?_method=DELETE", method=method, headers=headers, buffered=True)
            if answer.status_code not in (404, 405) or company.writes() != at:
                wrong.append(f"{method} {url}: {answer.status_code}")
        if "GET" in methods and not any(word in url for word in WRITTEN_DOWN):
            at = company.writes()
            head = client.head(url, headers=headers, buffered=True)
            if head.get_data() or head.status_code >= 500:
                wrong.append(f"HEAD {url}: {head.status_code}")
            if company.writes() != at and url != "/notices":
                wrong.append(f"HEAD {url} wrote")
            company.put_back()
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_foreign_is_like_never(company: Company) -> None:
    """What is somebody else's answers as what never was: same status, same bytes but for the number asked for."""
    wrong = []
    for route in routes(company.web.app):
        if "number" not in route.rule.arguments or route.endpoint.startswith(("people.", "admin.", "pool.")):
            continue
        for url, held in urls(company.web.app, company.world, route):
            number = str(held["number"])
            never = url.replace(f"/{number}", "/987654", 1) if f"/{number}" in url else ""
            if not never:
                continue
            answers = []
            for address in (url, never):
                answer = company.ask(route, address, "carl", _body(company, route, held))
                text = answer.get_data(as_text=True).replace(f"/{number}", "/#").replace("/987654", "/#")
                answers.append((answer.status_code, text))
            if answers[0] != answers[1] and route.endpoint not in KNOWN_TO_BE_THERE:
                wrong.append(f"{route!r} {url}: {answers[0][0]} and {answers[1][0]}")
    assert not wrong, "\n".join(wrong)

"""Route × role × method: every route of the address map asked as everybody. What is refused changes nothing.

The expectations stand in ``expectations.py``; a route that is not there fails here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from smallcrm.records.record import by_name
from tests.client import Web
from tests.safety.asking import MAY_NOT_CHANGE, Company
from tests.safety.expectations import BODIES, EXPECTED, PARTS, READING_NOTES, expected, fits
from tests.safety.routes import Route, routes, urls
from tests.safety.world import World


@pytest.fixture
def company(world: World, marked: Web, tmp_path: Path) -> Company:
    return Company(world, marked, tmp_path / "spare.db")


def test_every_route_is_expected(marked: Web) -> None:
    """A new route gets a line in tests/safety/expectations.py; one that is gone loses it."""
    known = {route.key for route in routes(marked.app)}
    missing = sorted(known - EXPECTED.keys())
    assert not missing, f"say in tests/safety/expectations.py (EXPECTED) who may ask for: {missing}"
    assert not EXPECTED.keys() - known, f"no such routes any more: {sorted(EXPECTED.keys() - known)}"


@pytest.mark.slow
def test_matrix(company: Company) -> None:
    """Each route as each of the cast: the status that the table says; refused requests and reading ones write nothing."""
    wrong: list[str] = []
    app = company.web.app
    for route in routes(app):
        if route.key not in EXPECTED:
            continue
        for url, held in urls(app, company.world, route):
            wrong += _ask_all(company, route, url, held)
    assert not wrong, "\n".join(wrong)


def _ask_all(company: Company, route: Route, url: str, held: dict[str, object]) -> list[str]:
    kind = by_name(str(held.get("kind", "")))
    accepted = expected(EXPECTED[route.key], kind)
    body = {"id": str(held.get("number", 1))} if not url.startswith("/api/") else {}
    for place in (route.endpoint, f"{route.endpoint} {held.get('verb')}"):
        body |= BODIES[place](company.world) if place in BODIES else {}
    wrong = []
    answers = []
    for part in PARTS:
        at = company.writes()
        answer = company.ask(route, url, part, body)
        answers.append(answer)
        if company.writes() == at:
            continue
        if part in MAY_NOT_CHANGE and company.others(part) != company.kept[part]:
            wrong.append(f"{route!r} {url}: {part} changed what {part} may not change ({answer.status_code})")
        if not route.mutates or answer.status_code in (401, 403, 404):
            after = company.prints()
            changed = {t for t in after if after[t] != company.whole[t]} - READING_NOTES.get(
                route.endpoint, frozenset()
            )
            changed -= {"audit"} if route.mutates else set()  # a refusal may be written down
            if changed:
                wrong.append(f"{route!r} {url}: {answer.status_code} to {part}, yet it wrote {sorted(changed)}")
        company.put_back()
    if not any(all(fits(a, want) for a, want in zip(answers, wants, strict=True)) for wants in accepted):
        row = " ".join(f"{part}={answer.status_code}" for part, answer in zip(PARTS, answers, strict=True))
        wrong.append(f"{route!r} {url}: expected “{EXPECTED[route.key]}”, found {row}")
    return wrong

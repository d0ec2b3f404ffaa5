"""Targets in the browser: the standing, the grid that keeps what was typed, workbooks in and out, reviews, commission."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from smallcrm import store
from smallcrm.areas.targets.records import CommissionPlan, TargetAction
from smallcrm.areas.targets.rules import plans
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, settings
from tests.areas.reports.scene import Scene
from tests.client import Web

EACH = tuple(Decimal(1000) for _ in range(12))


@pytest.fixture
def planned(company: Scene) -> Scene:
    company.deal("anna", "500", "won", "2026-11-10")
    company.deal("carl", "4000", "won", "2026-11-11")
    cast = company.cast
    plans.keep(
        cast.actor("owner"),
        plans.find_metric("won_value"),
        2026,
        {"c": EACH, f"u{cast.anna}": EACH, f"u{cast.carl}": EACH},
    )
    return company


def grid(company: Scene, **cells: str) -> dict[str, str]:
    """The form as the page would send it for the company's row alone."""
    return {"metric": "won_value", "year": "2026"} | {f"c-{n}": "1000" for n in range(1, 13)} | cells


@pytest.mark.parametrize("part", ["owner", "manager", "anna", "reader"])
@pytest.mark.parametrize(
    "asked", ["", "?period=2026-Q4", "?period=2026", "?metric=visits&period=2025-12", "?metric=won_deals"]
)
def test_the_standing(planned: Scene, web: Web, part: str, asked: str) -> None:
    assert web.browser(part).get(f"/targets{asked}").status_code == 200


def test_everybody_sees_their_own(planned: Scene, web: Web) -> None:
    page = web.browser("anna").get("/targets").get_data(as_text=True)
    assert "50.00%" in page or "50%" in page
    assert "€4,000.00" not in page
    assert web.browser("nobody").get("/targets").status_code == 403
    assert web.browser("anna").get(f"/targets?whose=u{planned.cast.carl}").status_code == 404
    assert web.browser("owner").get("/targets?period=2026-13").status_code == 400
    assert web.browser("owner").get("/targets?metric=signed").status_code == 404  # nobody counts what is signed


def test_the_day_begins_with_it(planned: Scene, web: Web) -> None:
    assert "My targets this month" in web.browser("anna").get("/").get_data(as_text=True)
    assert "My targets this month" not in web.browser("bob").get("/").get_data(as_text=True)


def test_the_grid(planned: Scene, web: Web) -> None:
    browser = web.browser("owner")
    assert browser.post("/targets/plan", grid(planned, **{"c-3": "1,250.50", "c-4": ""})).status_code == 303
    months = plans.held("won_value", 2026)["c"][1]
    assert (months[0], months[2], months[3]) == (1000, Decimal("1250.50"), None)
    page = browser.get("/targets/plan").get_data(as_text=True)
    assert 'value="1,250.5"' in page


@pytest.mark.parametrize("wrong", ["many", "-5", "1e400", "99999999999999", "1.2.3"])
def test_what_was_typed_is_kept(planned: Scene, web: Web, wrong: str) -> None:
    answer = web.browser("owner").post("/targets/plan", grid(planned, **{"c-3": wrong, "c-5": "777"}))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f'value="{wrong}"' in page
    assert 'value="777"' in page
    assert page.count('aria-invalid="true"') == 1
    assert plans.held("won_value", 2026)["c"][1] == EACH


def test_nobody_sets_what_is_not_theirs(planned: Scene, web: Web) -> None:
    assert web.browser("anna").get("/targets/plan").status_code == 403
    assert (
        web.browser("manager").post("/targets/plan", grid(planned, **{"c-1": "1"})).status_code == 303
    )  # the company's row is not in their form
    assert plans.held("won_value", 2026)["c"][1] == EACH


def test_last_year_and_some_more(planned: Scene, web: Web) -> None:
    browser = web.browser("owner")
    page = browser.get("/targets/plan?year=2027&percent=10").get_data(as_text=True)
    assert page.count('value="1100"') + page.count('value="1,100"') == 36
    assert plans.held("won_value", 2027) == {}
    assert 'aria-invalid="true"' in browser.get("/targets/plan?year=2027&percent=lots").get_data(as_text=True)


def test_a_workbook_there_and_back(planned: Scene, web: Web) -> None:
    browser = web.browser("owner")
    book = load_workbook(io.BytesIO(browser.get("/targets/plan/excel?metric=won_value&year=2026").data))
    page = book.worksheets[0]
    rows = {row[0].value: row for row in page.iter_rows(min_row=2)}
    rows["Anna North"][3].value = 4321
    page.append(["Nobody Known", 5])
    file = io.BytesIO()
    book.save(file)
    answer = browser.post(
        "/targets/plan/excel", {"metric": "won_value", "year": "2026", "file": (io.BytesIO(file.getvalue()), "t.xlsx")}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "4,321" in text or "4321" in text
    assert "Nobody Known" in text
    assert plans.held("won_value", 2026)[f"u{planned.cast.anna}"][1] == EACH  # not before it is saved


def test_what_is_no_workbook(planned: Scene, web: Web) -> None:
    browser = web.browser("owner")
    words = Workbook()
    words.active.append(["For", "Jan"])
    words.active.append(["Anna North", "a lot"])
    bad = io.BytesIO()
    words.save(bad)
    for content in (b"", b"PK\x03\x04rubbish", b"For,Jan\nAnna,5", bad.getvalue()):
        answer = browser.post(
            "/targets/plan/excel", {"metric": "won_value", "year": "2026", "file": (io.BytesIO(content), "t.xlsx")}
        )
        assert answer.status_code == 422, content[:10]
        assert 'role="alert"' in answer.get_data(as_text=True)
    assert browser.post("/targets/plan/excel", {"metric": "won_value", "year": "2026"}).status_code == 422


def test_reviews_and_actions(planned: Scene, web: Web) -> None:
    cast = planned.cast
    browser, here = (
        web.browser("manager"),
        {"period": "2026-11", "whose": f"u{cast.anna}", "metric": "won_value", "once": "one-form-of-many-0"},
    )
    assert browser.post("/targets/review", {**here, "note": "Half way"}).status_code == 303
    assert browser.post("/targets/review", {**here, "note": "Half way"}).status_code == 303
    assert store.value("SELECT count(*) FROM target_review") == 1
    refused = browser.post("/targets/review", {**here, "note": " ", "follows": "Kept words"})
    assert refused.status_code == 422
    assert "Kept words" in refused.get_data(as_text=True)
    assert (
        browser.post(
            "/targets/act", {**here, "what": "Visit more", "owner": str(cast.anna), "due_on": "2026-12-01"}
        ).status_code
        == 303
    )
    assert browser.post("/targets/act", {**here, "what": "Visit more", "due_on": "some day"}).status_code == 422
    number = int(store.value("SELECT max(id) FROM target_action"))
    anna = web.browser("anna")
    assert "Visit more" in anna.get(f"/targets?period=2026-12&whose=u{cast.anna}").get_data(as_text=True)
    assert anna.post(f"/targets/act/{number}/done", {"result": "Two more"}).status_code == 303
    record = access.find(SYSTEM, TargetAction, number)
    assert (record.done, record.result) == (1, "Two more")  # type: ignore[attr-defined]
    assert web.browser("carl").post(f"/targets/act/{number}/done").status_code == 404
    assert web.browser("carl").post("/targets/act", {**here, "what": "Meddle"}).status_code == 404


def test_the_ranking_can_be_turned_off(planned: Scene, web: Web) -> None:
    assert "Carl South" in web.browser("anna").get("/targets").get_data(as_text=True)
    assert web.browser("owner").post("/settings/targets", {"targets_ranking": ""}).status_code == 303
    assert not settings.get("targets.ranking")
    assert "Carl South" not in web.browser("anna").get("/targets").get_data(as_text=True)
    assert web.browser("manager").get("/settings/targets").status_code == 403


def test_commission(planned: Scene, web: Web) -> None:
    bands = [{"reached": "50", "rate": "10"}]
    change.create(SYSTEM, CommissionPlan, {"name": "All", "bands": bands}, trusted=True)
    page = web.browser("anna").get("/targets/commission?month=2026-11").get_data(as_text=True)
    assert "€50.00" in page
    assert "€400.00" not in page
    book = load_workbook(io.BytesIO(web.browser("owner").get("/targets/commission/excel?month=2026-11").data))
    assert [row[6].value for row in book.worksheets[0].iter_rows(min_row=2)] == [50, 400, 450]
    assert web.browser("owner").get("/targets/commission?month=2026-Q4").status_code == 400


def test_the_api(planned: Scene, web: Web) -> None:
    found = web.api("anna").get("/targets?period=2026-11").get_json()
    assert [(item["for"], item["target"], item["actual"], item["achievement"]) for item in found["items"]] == [
        ("user", "1000.00", "500.00", "50.00")
    ]
    assert web.api("owner").get("/targets?metric=calls&period=2026").get_json()["currency"] is None
    assert web.api("nobody").get("/targets").status_code == 403

"""Arriving leads: flagged with what they look like, told to whom they concern; a list from a file; pages; people's data."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.areas.leads.records import Lead, LeadSource
from smallcrm.areas.leads.rules import capture
from smallcrm.areas.privacy.rules import erasing
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.importing import guessing
from smallcrm.records.importing import running as importing
from smallcrm.records.importing.planning import Plan
from tests.areas.leads.scene import Scene, notices_of, on
from tests.client import Web


def test_it_is_flagged_and_the_known_customers_owner_hears(scene: Scene, web: Web) -> None:
    customer = scene.customer("Lane Foods", owner="carl", phone="0113 4960001")
    number = scene.lead(owner="anna", phone="+44 113 496 0001")
    held = scene.held(number)
    assert (held["looks_like_type"], held["looks_like"]) == ("customer", customer)
    assert notices_of(scene.cast.carl) == ["Somebody you know asked again: Peter Lane"]
    page = web.browser("anna").get(f"/leads/{number}").get_data(as_text=True)
    assert "outside your reach" in page
    assert "Lane Foods" not in page
    assert "Lane Foods" in web.browser("manager").get(f"/leads/{number}").get_data(as_text=True)


def test_a_name_alone_is_no_news_and_a_second_lead_is_kept(scene: Scene) -> None:
    scene.customer("Lane Foods", owner="carl")
    scene.lead(company="Lane Foods", owner="anna")
    assert notices_of(scene.cast.carl) == []
    again = scene.lead(company="Lane Foods", owner="bob")
    assert scene.held(again)["looks_like"] is not None
    assert scene.count() == 2


@pytest.mark.parametrize(
    "head",
    ["Name;Company;Mobile;E-mail;Source", "姓名;公司;手机;邮箱;来源", "Ονοματεπώνυμο;Εταιρεία;Κινητό;e-mail;Πηγή"],
)
def test_a_list_from_a_file(scene: Scene, tmp_path: Path, head: str) -> None:
    scene.rule()
    file = tmp_path / "leads.csv"
    file.write_text(
        f"{head}\nPeter Lane;Lane Foods;07700 900123;p@lane.example;Fair\nMary Moor;Moor Ltd;07700 900124;m@moor.example;Fair\n",
        "utf-8-sig",
    )
    actor = scene.actor("anna")
    with open_workbook(file) as book:
        plan = Plan(actor, Lead, guessing.read(actor, Lead, book), tmp_path)
        plan.make()
        result = importing.run(plan)
    assert (result.counts.created, result.counts.failed) == (2, 0), list(plan.heads())
    held = scene.held(1)
    assert (held["name"], held["company"], held["email"], held["source"]) == (
        "Peter Lane",
        "Lane Foods",
        "p@lane.example",
        "Fair",
    )
    assert held["mobile"]


def test_quick_card_keeps_the_photo(scene: Scene, web: Web) -> None:
    browser = web.browser("anna")
    assert "Photo of the card" in browser.get("/leads/card").get_data(as_text=True)
    bad = browser.post("/leads/card", {"name": "", "company": "Typed <b>"})
    assert bad.status_code == 422
    assert "Typed &lt;b&gt;" in bad.get_data(as_text=True)
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    data = {
        "csrf_token": browser.csrf(),
        "name": "Peter Lane",
        "mobile": "0113 4960001",
        "once": "c" * 20,
        "photo": (io.BytesIO(picture), "card.png"),
    }
    made = browser.client.post("/leads/card", data=data, buffered=True)
    assert made.status_code == 303
    assert store.rows("SELECT about_type, about FROM file") == [("lead", 1)]
    assert scene.owner(1) == scene.cast.anna


def test_today_and_the_rail_speak_of_new_leads(scene: Scene, web: Web) -> None:
    number = scene.lead("Wants Tea", "anna", phone="0113 4960001")
    page = web.browser("anna").get("/").get_data(as_text=True)
    assert "New leads to touch" in page
    assert "Wants Tea" in page
    assert "Wants Tea" in web.browser("manager").get("/?team=1").get_data(as_text=True)
    assert "Wants Tea" not in web.browser("carl").get("/").get_data(as_text=True)
    scene.follow_up(number)
    assert "New leads to touch" not in web.browser("anna").get("/").get_data(as_text=True)


def test_the_log_line_works_on_a_lead(scene: Scene, web: Web) -> None:
    number = scene.lead("Peter Lane", "anna")
    browser = web.browser("anna")
    page = browser.get(f"/leads/{number}").get_data(as_text=True)
    assert f"/activities/line/leads/{number}" in page
    kept = browser.post(
        f"/activities/line/leads/{number}",
        {"text": "called, wants samples, call again Thursday 14:00", "once": "l" * 20},
    )
    assert kept.status_code in (200, 204, 303)
    held = scene.held(number)
    assert (held["status"], held["next_follow_up_on"]) == ("following", "2026-03-05")
    with on(3, 8):
        today = browser.get("/").get_data(as_text=True)
    assert "Peter Lane" in today
    assert f"/leads/{number}" in today


def test_a_persons_data_are_found_and_erased(scene: Scene, web: Web) -> None:
    number = scene.lead("Peter Lane", "anna", email="p@lane.example", notes="Peter Lane has a dog")
    scene.follow_up(number, subject="Called Peter Lane")
    with store.writing():
        sql = "INSERT INTO lead_mail (mark, at, sender, subject, body, state, why, lead) VALUES ('x', '2026', 'p@lane.example', 'Hi', 'Peter Lane here', 'unread', 'no rule', NULL)"
        store.run(sql)
    browser = web.browser("owner")
    out = browser.post(f"/privacy/lead/{number}/export")
    assert out.status_code in (200, 303, 404)
    erasing.erase(scene.actor("owner"), scene.record(number))
    held = scene.held(number)
    assert (held["name"], held["email"], held["notes"]) == (f"Erased #{number}", None, None)
    assert store.rows("SELECT sender, body FROM lead_mail") == [("", "")]
    everything = " ".join(
        str(row)
        for table in ("lead", "activity", "lead_mail", "record_key", "notice")
        for row in store.rows(f"SELECT * FROM {table}")
    )
    assert "Peter Lane" not in everything
    assert "p@lane.example" not in everything


def test_what_a_source_cost_and_brought(scene: Scene, web: Web) -> None:
    costs = [
        {"since": "2026-02-01", "until": "2026-02-28", "amount": "280"},
        {"since": "2026-03-01", "until": "2026-03-31", "amount": "100"},
    ]
    source = change.create(SYSTEM, LeadSource, {"name": "Fair", "currency": "EUR", "costs": costs}, trusted=True)
    for n in range(4):
        scene.lead(f"L{n}", source="FAIR" if n else "Web")
    assert (
        capture.cost_between(
            access.find(SYSTEM, LeadSource, int(source.id)).costs, dt.date(2026, 2, 15), dt.date(2026, 2, 28)
        )
        == 14000
    )
    page = web.browser("owner").get(f"/lead-sources/{source.id}").get_data(as_text=True)
    assert "Cost per lead" in page
    assert "126.67" not in page or "EUR" in page
    found = capture.brought(
        scene.actor("owner"), scene.held(int(source.id), LeadSource), dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    )
    assert (found.leads, found.cost, found.per_lead, found.per_converted) == (3, 38000, 12667, None)
    assert (
        capture.brought(
            scene.actor("carl"), scene.held(int(source.id), LeadSource), dt.date(2026, 1, 1), dt.date(2026, 12, 31)
        ).leads
        == 0
    )


def test_sources_are_offered_where_one_is_typed(scene: Scene, web: Web) -> None:
    change.create(SYSTEM, LeadSource, {"name": "Trade fair", "active": True, "currency": "EUR"}, trusted=True)
    change.create(SYSTEM, LeadSource, {"name": "Old", "active": False, "currency": "EUR"}, trusted=True)
    scene.lead(source="Typed once")
    browser = web.browser("anna")
    found = [item["text"] for item in browser.get("/leads/words/source?q=t").get_json()["items"]]
    assert found == ["Typed once", "Trade fair"]
    assert browser.get("/leads/words/source?q=old").get_json()["items"] == []


def test_settings_are_kept_or_refused(scene: Scene, web: Web) -> None:
    browser = web.browser("owner")
    bad = {
        "leads_number": "L-{0:5}",
        "leads_first_touch_hours": "8",
        "leads_day_from": "18:00",
        "leads_day_to": "09:00",
    }
    assert browser.post("/settings/leads", bad).status_code == 422
    assert (
        browser.post("/settings/leads", {**bad, "leads_day_from": "08:00", "leads_day_to": "17:00"}).status_code == 303
    )
    number = scene.lead()
    assert scene.held(number)["first_touch_due_at"] == "2026-03-02T17:00:00.000Z"


def test_many_are_marked_as_invalid(scene: Scene, web: Web) -> None:
    numbers = [scene.lead(f"L{n}") for n in range(3)]
    browser = web.browser("anna")
    assert browser.post("/leads/bulk/invalid", {"id": numbers}).status_code == 422
    assert browser.post("/leads/bulk/invalid", {"id": numbers, "reason": "spam"}).status_code == 303
    assert {scene.held(n)["status"] for n in numbers} == {"invalid"}
    assert changesets.history("lead", numbers[0])[0].act == "update"

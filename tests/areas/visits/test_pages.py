"""The visits' pages and API, asked as the cast."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.visits.rules import checking
from smallcrm.base.ids import token
from smallcrm.records import settings
from tests.areas.pool.test_pages import text
from tests.areas.visits.scene import ACROPOLIS, SYNTAGMA, Outside, at, here
from tests.client import Web

HERE = {"latitude": ACROPOLIS[0], "longitude": ACROPOLIS[1], "accuracy": 15}
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"


def test_the_day(outside: Outside, web: Web) -> None:
    visit = outside.plan(outside.customer("Kafeneio", city="Athens"))
    page = web.browser("anna").get("/visits/day")
    assert "Kafeneio" in text(page)
    assert "1 visit" in text(page)
    body = page.get_data(as_text=True)
    assert f'href="/visits/{visit.id}/check-in"' in body
    assert "geo:37.971532,23.725749" in body
    for part in ("manager", "reader"):
        other = web.browser(part).get(f"/visits/day?user={outside.cast.anna}").get_data(as_text=True)
        assert "Kafeneio" in other
        assert "/check-in" not in other
    assert "Kafeneio" not in text(web.browser("carl").get(f"/visits/day?user={outside.cast.anna}"))
    assert "Kafeneio" not in text(web.browser("anna").get("/visits/day?date=2026-03-03"))
    for odd in ("x", "9999-99-99", "0001-01-01"):
        assert web.browser("anna").get(f"/visits/day?date={odd}").status_code < 500


def test_put_in_order(outside: Outside, web: Web) -> None:
    one, other = (
        outside.plan(outside.customer("First")),
        outside.plan(outside.customer("Second", point=SYNTAGMA), when="11:00"),
    )
    browser = web.browser("anna")

    def seen() -> list[str]:
        return re.findall(r"First|Second", text(browser.get("/visits/day")).split("By time")[1])[:1]

    assert seen() == ["First"]
    assert browser.post("/visits/day/order", {"stop": [other.id, one.id]}).status_code == 303
    assert seen() == ["Second"]
    browser.post("/visits/day/order", {"stop": [other.id, one.id], "down": other.id})
    assert seen() == ["First"]
    browser.post("/visits/day/sort", {"by": "here", "latitude": SYNTAGMA[0], "longitude": SYNTAGMA[1]})
    assert seen() == ["Second"]
    browser.post("/visits/day/sort", {"by": "time"})
    assert seen() == ["First"]
    assert browser.post("/visits/day/order", {"stop": [424242]}).status_code == 404
    assert browser.post("/visits/day/sort", {"by": "here", "latitude": "x", "longitude": "y"}).status_code == 422


def test_a_check_in_posted_twice_counts_once(outside: Outside, web: Web) -> None:
    visit = outside.plan()
    browser = web.browser("anna")
    form = {**HERE, "once": token()}
    answers = [browser.post(f"/visits/{visit.id}/check-in", form) for _ in range(3)]
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [
        (303, f"/visits/{visit.id}/check-out")
    ] * 3
    assert outside.held(visit)["version"] == 2
    again = browser.post(f"/visits/{visit.id}/check-in", {**HERE, "once": token()})
    assert again.headers["Location"] == f"/visits/{visit.id}"
    assert "Checked in already" in text(browser.get(f"/visits/{visit.id}"))


def test_out_of_range_is_asked_with_everything_kept(outside: Outside, web: Web) -> None:
    visit = outside.plan()
    browser = web.browser("anna")
    there = {"latitude": SYNTAGMA[0], "longitude": SYNTAGMA[1], "accuracy": 10, "once": token()}
    asked = browser.post(
        f"/visits/{visit.id}/check-in", {**there, "reason": "The <b>depot</b>"}, headers={"HX-Request": "true"}
    )
    assert asked.status_code == 422
    body = asked.get_data(as_text=True)
    assert 'name="confirm" value="1"' in body
    assert f'value="{SYNTAGMA[0]}"' in body
    assert "The &lt;b&gt;depot&lt;/b&gt;" in body
    browser.post(f"/visits/{visit.id}/check-in", {**there, "reason": "The depot", "confirm": "1"})
    held = outside.held(visit)
    assert (held["in_verdict"], held["in_reason"]) == ("out_of_range", "The depot")
    assert "Out of range" in text(browser.get(f"/visits/{visit.id}"))


def test_without_a_position_a_photo_will_do(outside: Outside, web: Web) -> None:
    visit = outside.plan()
    browser = web.browser("anna")
    bare = browser.post(f"/visits/{visit.id}/check-in", {"once": token()})
    assert bare.status_code == 422
    assert "take a photo" in text(bare)
    with_photo = {"once": token(), "photo": (io.BytesIO(PICTURE), "door.png")}
    assert browser.post(f"/visits/{visit.id}/check-in", with_photo).status_code == 303
    assert outside.held(visit)["in_verdict"] == "unverifiable"
    assert store.rows("SELECT about_type, about, name FROM file") == [("visit", visit.id, "door.png")]


def test_the_report_keeps_what_was_typed(outside: Outside, web: Web) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    browser = web.browser("anna")
    form = {"report": " ", "next": "call Friday", "minutes": "30", "outcome": "Interested", "once": token()}
    bad = browser.post(f"/visits/{visit.id}/check-out", form)
    assert bad.status_code == 422
    assert "call Friday" in bad.get_data(as_text=True)
    assert (
        browser.post(f"/visits/{visit.id}/check-out", {**form, "report": "Well", "minutes": "many"}).status_code == 422
    )
    good = browser.post(f"/visits/{visit.id}/check-out", {**form, "report": "Well"})
    assert good.headers["Location"] == "/visits/day"
    held = outside.held(visit)
    assert (held["state"], held["minutes"], held["outcome"]) == ("ended", 30, "Interested")
    assert store.value("SELECT due_at FROM activity WHERE subject = 'call'  OR kind = 'call'").startswith("2026-03-06")
    late = browser.post(f"/visits/{visit.id}/check-out", {**form, "report": "From the other phone", "once": token()})
    assert late.status_code == 409


def test_what_is_next_is_asked_where_nothing_was_planned(outside: Outside, web: Web) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    browser = web.browser("anna")
    done = browser.post(f"/visits/{visit.id}/check-out", {"report": "They want a quote"})
    assert done.headers["Location"] == f"/visits/{visit.id}/after"
    page = browser.get(f"/visits/{visit.id}/after")
    assert f'action="/activities/{outside.held(visit)["activity"]}/next"' in page.get_data(as_text=True)


def test_unplanned_from_the_customers_page(outside: Outside, web: Web) -> None:
    customer = outside.customer("Kafeneio", point=None)
    browser = web.browser("anna")
    assert f"/visits/start?customer={customer}" in browser.get(f"/customers/{customer}").get_data(as_text=True)
    assert "Kafeneio" in text(browser.get(f"/visits/start?customer={customer}"))
    missing = browser.post("/visits/start", {**HERE, "purpose": "Passing by"})
    assert missing.status_code == 422
    assert "Passing by" in missing.get_data(as_text=True)
    made = browser.post(
        "/visits/start", {**HERE, "customer": customer, "purpose": "Passing by", "set_point": "1", "once": token()}
    )
    assert made.status_code == 303
    assert store.rows("SELECT state, unplanned, purpose FROM visit") == [("under_way", 1, "Passing by")]
    assert store.value("SELECT latitude FROM customer WHERE id = ?", [customer]) == 37971532
    other = outside.customer("Not hers", owner="carl")
    assert browser.post("/visits/start", {**HERE, "customer": other}).status_code == 422
    assert browser.post("/visits/start", {**HERE, "customer": customer, "kind": "teleport"}).status_code == 422


def test_today_and_the_timeline_show_it_once(outside: Outside, web: Web) -> None:
    customer = outside.customer("Kafeneio")
    visit = outside.plan(customer)
    browser = web.browser("anna")
    page = text(browser.get("/"))
    assert page.count("Show the samples") == 1
    assert "Check in" in page
    timeline = text(browser.get(f"/customers/{customer}/timeline"))
    assert timeline.count("Show the samples") == 1
    with at("10:00"):
        checking.check_in(outside.actor(), visit, evidence=here())
        checking.check_out(outside.actor(), visit, report="Well")
        assert "At the customer" in text(browser.get(f"/customers/{customer}/timeline"))


def test_cancel_and_plan_again(outside: Outside, web: Web) -> None:
    visit = outside.plan(repeat="weekly")
    browser = web.browser("anna")
    assert "later ones of this series" in text(browser.get(f"/visits/{visit.id}/cancel"))
    browser.post(f"/visits/{visit.id}/cancel", {"reason": "Ill", "series": "1"})
    assert store.rows("SELECT state FROM visit") == [("cancelled",)]
    assert browser.post(f"/visits/{visit.id}/cancel").status_code == 409
    browser.post(f"/visits/{visit.id}/reinstate")
    assert store.rows("SELECT state FROM visit") == [("planned",)]


def test_planned_with_many_from_the_list(outside: Outside, web: Web) -> None:
    ids = [outside.customer(f"Number {n}") for n in range(3)]
    browser = web.browser("anna")
    assert "Plan visits with 3" in text(browser.post("/customers/bulk/visits-form", {"id": ids}))
    form = {
        "id": ids,
        "day": "2026-03-04",
        "first": "09:00",
        "minutes": "60",
        "a_day": "2",
        "kind": "on_site",
        "purpose": "Round",
    }
    for bad in ({"day": "soon"}, {"first": "25:99"}, {"minutes": "1"}, {"a_day": "-1"}, {"kind": "x"}):
        answer = browser.post("/customers/bulk/visits", {**form, **bad})
        assert answer.status_code == 422, bad
        assert "Round" in answer.get_data(as_text=True)
    assert browser.post("/customers/bulk/visits", form).status_code == 303
    assert store.value("SELECT count(*) FROM visit WHERE purpose = 'Round'") == 3
    assert store.value("SELECT count(DISTINCT substr(planned_at, 1, 10)) FROM visit") == 2


def test_the_teams_day(outside: Outside, web: Web) -> None:
    outside.plan(outside.customer("Kafeneio"))
    outside.plan(outside.customer("Taverna", owner="carl"), by="carl")
    page = text(web.browser("manager").get("/visits/team"))
    assert "Kafeneio" in page
    assert "Taverna" in page
    mine = text(web.browser("carl").get("/visits/team"))
    assert "Taverna" in mine
    assert "Kafeneio" not in mine


def test_settings_and_positions(outside: Outside, web: Web) -> None:
    checking.check_in(outside.actor(), outside.plan(), evidence=here())
    owner, anna = web.browser("owner"), web.browser("anna")
    assert owner.post("/settings/visits", {"visits_range": "5"}).status_code == 422
    form = {"visits_range": "200", "visits_keep_positions_days": "30", "visits_first_sets_point": "1"}
    assert owner.post("/settings/visits", form).status_code == 303
    assert settings.get("visits.range") == 200
    assert "37.97153" in text(anna.get("/settings/positions"))
    assert json.loads(anna.get("/settings/positions.json").get_data())[0]["latitude"] == ACROPOLIS[0]
    assert json.loads(web.browser("bob").get("/settings/positions.json").get_data()) == []
    base = f"/users/{outside.cast.anna}/positions"
    assert web.browser("manager").get(base).status_code == 403
    assert "37.97" not in text(owner.get(base))
    assert len(json.loads(owner.get(f"{base}.json").get_data())) == 1
    assert owner.post(f"{base}/erase").status_code == 303
    acts = [row[0] for row in store.rows("SELECT act FROM audit ORDER BY id DESC LIMIT 2")]
    assert acts == ["positions erased", "personal data exported"]


# ---------------------------------------------------------------- API


def test_verbs(outside: Outside, web: Web) -> None:
    api = web.api("anna")
    made = api.post("/visits", {"customer": outside.customer(), "planned_at": "2026-03-02T10:00:00Z"}).get_json()
    assert (made["state"], made["purpose"]) == ("planned", "Visit")
    path = f"/visits/{made['id']}"
    assert api.patch(path, {"state": "ended"}, 1).status_code == 422
    far = api.post(f"{path}/check-in", {"latitude": SYNTAGMA[0], "longitude": SYNTAGMA[1]})
    assert (far.status_code, list(far.get_json()["errors"])) == (422, ["confirm"])
    arrived = api.post(f"{path}/check-in", HERE).get_json()
    assert (arrived["state"], arrived["in_verdict"], arrived["in_distance"]) == ("under_way", "in_range", 0)
    assert not {"latitude", "longitude", "activity", "stop"} & set(arrived)
    twice = api.post(f"{path}/check-in", HERE)
    assert twice.status_code == 409
    ended = api.post(f"{path}/check-out", {"report": "Well", "minutes": 12}).get_json()
    assert (ended["state"], ended["minutes"]) == ("ended", 12)
    assert api.post(f"{path}/cancel").status_code == 409
    other = api.post("/visits", {"customer": outside.customer()}).get_json()["id"]
    assert api.post(f"/visits/{other}/cancel", {"reason": "Ill"}).get_json()["state"] == "cancelled"
    assert api.post(f"/visits/{other}/reinstate").get_json()["state"] == "planned"
    assert web.api("manager").post(f"/visits/{other}/check-in", HERE).status_code == 403


@pytest.mark.parametrize("body", [{"latitude": True, "longitude": 1}, {"latitude": [1], "longitude": 1}, {"latitude": 91, "longitude": 1}, {"reason": 5}, {"reason": " "}, {"wrong": 1}])  # fmt: skip
def test_odd_bodies_are_refused(outside: Outside, web: Web, body: dict[str, Any]) -> None:
    visit = outside.plan()
    assert web.api("anna").post(f"/visits/{visit.id}/check-in", body).status_code == 422
    checking.check_in(outside.actor(), visit, evidence=here())
    for odd in ({"report": 5}, {"report": "x", "minutes": -1}, {"report": "x", "minutes": True}, {}):
        assert web.api("anna").post(f"/visits/{visit.id}/check-out", odd).status_code == 422

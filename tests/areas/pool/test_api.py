"""The pool's verbs and the pools themselves in the API: what programs get, and with which reasons they are refused."""

from __future__ import annotations

from typing import Any

from tests.areas.pool.scene import Company, on
from tests.client import Web


def reasons(answer: Any) -> list[dict[str, Any]]:
    """The reasons of a refusal, wherever the answer's frame keeps them."""
    body = answer.get_json()
    return list((body.get("error") or body).get("reasons") or [])


def test_claim_and_release(company: Company, web: Web) -> None:
    """The record comes back in clear; a second claim is told who has it; returning needs a reason and is refused once locked."""
    pool = company.pool(previous_owner_cooldown_days=7)
    number = company.lying(pool, phone="0113 4960173")
    anna, bob = web.api("anna"), web.api("bob")
    assert "4960173" not in bob.get(f"/customers/{number}").get_data(as_text=True).replace(" ", "")
    taken = anna.post(f"/customers/{number}/claim")
    assert taken.status_code == 200, taken.get_json()
    assert "4960173" in taken.get_data(as_text=True).replace(" ", "")
    assert company.held(number)["owner"] == company.cast.anna
    late = bob.post(f"/customers/{number}/claim")
    assert late.status_code == 409
    assert reasons(late) == [{"code": "taken", "text": "Taken by Anna North.", "id": number, "free_on": None}]
    assert anna.post(f"/customers/{number}/release").status_code == 422
    assert anna.post(f"/customers/{number}/release", {"reason": "  "}).status_code == 422
    assert bob.post(f"/customers/{number}/release", {"reason": "mine"}).status_code in (403, 404)
    assert anna.post(f"/customers/{number}/lock", {"until": "2026-04-01"}).status_code == 200
    locked = anna.post(f"/customers/{number}/release", {"reason": "No need at present"})
    assert (locked.status_code, reasons(locked)[0]["code"]) == (409, "locked")
    assert anna.post(f"/customers/{number}/unlock").status_code == 200
    with on(1):
        gone = anna.post(f"/customers/{number}/release", {"reason": "No need at present"})
        assert gone.status_code == 200, gone.get_json()
        held = company.held(number)
        assert (held["owner"], held["pool"], held["pool_reason"]) == (None, pool, "No need at present")
        waits = anna.post(f"/customers/{number}/claim")
        assert waits.status_code == 409
        assert (reasons(waits)[0]["code"], reasons(waits)[0]["free_on"]) == ("previous_owner", "2026-03-10")


def test_assign_and_move(company: Company, web: Web) -> None:
    """A pool's admin hands out, others do not; the receiver's limit holds; another pool takes it."""
    pool = company.pool(admins=[company.cast.anna], holding_limit=1)
    other = company.pool("Other", ["carl"], admins=[company.cast.carl])
    first, second = company.lying(pool, "First"), company.lying(pool, "Second")
    anna, bob = web.api("anna"), web.api("bob")
    assert bob.post(f"/customers/{first}/assign", {"owner": company.cast.bob}).status_code == 403
    done = anna.post(f"/customers/{first}/assign", {"owner": company.cast.bob})
    assert done.status_code == 200, done.get_json()
    assert company.held(first)["owner"] == company.cast.bob
    full = anna.post(f"/customers/{second}/assign", {"owner": company.cast.bob})
    assert (full.status_code, reasons(full)[0]["code"]) == (409, "holding_limit")
    assert bob.post(f"/customers/{second}/move", {"pool": other}).status_code == 403
    assert web.api("anna", read_only=True).post(f"/customers/{second}/claim").status_code == 403
    assert anna.post(f"/customers/{second}/move", {"pool": other}).status_code == 200
    assert company.held(second)["pool"] == other


def test_neither_pool_nor_lock_by_the_form(company: Company, web: Web) -> None:
    """They change by their verbs only."""
    pool = company.pool()
    number = company.customer()
    api = web.api("anna")
    version = api.get(f"/customers/{number}").get_json()["version"]
    for what in ({"pool": pool}, {"locked": True}, {"recycle_on": "2030-01-01"}, {"entered_pool_at": None}):
        answer = api.patch(f"/customers/{number}", what, version)
        held = company.held(number)
        assert (held["pool"], held["owner"], bool(held["locked"])) == (None, company.cast.anna, False), what
        assert held["recycle_on"] != "2030-01-01"
        assert answer.status_code in (200, 403, 409, 422)


def test_the_pools_themselves(company: Company, web: Web) -> None:
    """Who sets up makes them, with people by id or as teams; a pool's admin changes its rules, nobody else anything."""
    owner = web.api("owner")
    body = {
        "name": "Exports", "kind": "customers", "members": [company.cast.bob, {"type": "teams", "id": company.cast.north}],
        "admins": [company.cast.anna], "days_without_follow_up": 30, "days_by_grade": {"A": 60, "C": 15},
        "masked_fields": ["phone"], "daily_claim_limit": None, "holding_limit": 0,
    }  # fmt: skip
    made = owner.post("/pools", body)
    assert made.status_code == 201, made.get_json()
    number = made.get_json()["id"]
    again = owner.get(f"/pools/{number}").get_json()
    assert again["days_by_grade"] == {"A": 60, "C": 15}
    assert {str(company.cast.north), str(company.cast.bob)} <= {
        str(each["id"] if isinstance(each, dict) else each) for each in again["members"]
    }
    assert owner.post("/pools", {**body, "name": "Bad", "days_by_grade": {"Z": 1}}).status_code == 422
    assert owner.post("/pools", {**body, "name": "Bad", "days_by_grade": {"A": -1}}).status_code == 422
    assert owner.post("/pools", {**body, "name": "Bad", "members": [99999]}).status_code == 422
    for part in ("anna", "bob", "manager"):
        assert web.api(part).post("/pools", {**body, "name": "Another"}).status_code == 403, part
    anna = web.api("anna")
    assert anna.patch(f"/pools/{number}", {"days_by_grade": {"A": 90}}, 1).status_code == 200
    assert anna.patch(f"/pools/{number}", {"masked_fields": []}, 2).status_code == 422
    assert web.api("bob").patch(f"/pools/{number}", {"days_by_grade": {"A": 1}}, 2).status_code == 403
    full = company.lying(number)
    assert owner.delete(f"/pools/{number}", If_Match='"2"').status_code in (409, 422)
    assert company.held(full)["pool"] == number

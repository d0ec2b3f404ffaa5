"""Leads in pools: the same machinery as customers'."""

from __future__ import annotations

import threading

import pytest

from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import pooling, states
from smallcrm.areas.pool.rules import claim, recycle
from smallcrm.areas.pool.rules.checks import Refused
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.records import access
from tests.areas.leads.scene import Scene, on
from tests.client import Web


def test_a_neglected_lead_falls_in_and_is_claimed(scene: Scene) -> None:
    pool = scene.pool(days_without_follow_up=7)
    number = scene.lead()
    assert scene.held(number)["recycle_on"] == "2026-03-09"
    closed = scene.lead("Closed")
    states.invalidate(scene.actor("anna"), scene.record(closed), reason="spam")
    assert scene.held(closed)["recycle_on"] is None
    with on(9, 1):
        done = recycle.run()
    assert done["recycled"] == 1
    held = scene.held(number)
    assert (held["owner"], held["pool"], held["status"]) == (None, pool, "unassigned")
    with on(9, 10):
        claim.claim(scene.actor("bob"), Lead, [number])
    held = scene.held(number)
    assert (held["owner"], held["pool"], held["status"]) == (scene.cast.bob, None, "todo")
    assert held["first_touch_due_at"] == "2026-03-11T14:00:00.000Z"


def test_a_follow_up_keeps_it(scene: Scene) -> None:
    scene.pool(days_without_follow_up=7)
    number = scene.lead()
    with on(5):
        scene.follow_up(number)
    assert scene.held(number)["recycle_on"] == "2026-03-14"


def test_a_new_owner_has_a_first_touch_of_their_own(scene: Scene) -> None:
    scene.pool()
    number = scene.lead()
    scene.follow_up(number)
    assert scene.held(number)["status"] == "following"
    with on(1):
        pooling.release(scene.actor("anna"), [number], reason="No time")
        claim.claim(scene.actor("bob"), Lead, [number])
        held = scene.held(number)
        assert (held["status"], held["first_touch_due_at"]) == ("todo", "2026-03-03T13:00:00.000Z")
        scene.follow_up(number, by="bob")
    held = scene.held(number)
    assert (held["status"], held["first_touch_due_at"]) == ("following", None)


def test_contact_data_is_masked_until_claimed(scene: Scene, web: Web) -> None:
    pool = scene.pool(masked_fields=["phone", "email"])
    number = scene.lead(owner=None, pool=pool, phone="0113 4960001", email="p@lane.example")
    page = web.browser("bob").get(f"/leads/{number}").get_data(as_text=True)
    assert "4960001" not in page
    assert "p@lane.example" not in page
    assert "Claim" in page
    shown = web.browser("bob").get(f"/pool?pool={pool}").get_data(as_text=True)
    assert f"/leads/{number}" in shown
    assert "4960001" not in shown


def test_two_claim_and_one_gets_it(scene: Scene) -> None:
    pool = scene.pool()
    number = scene.lead(owner=None, pool=pool)
    outcome: list[str] = []
    now = clock.now()

    def take(part: str) -> None:
        with clock.at(now):
            try:
                claim.claim(scene.actor(part), Lead, [number])
                outcome.append("got")
            except SmallcrmError as error:
                outcome.append(str(error))

    threads = [threading.Thread(target=take, args=(part,)) for part in ("anna", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(o == "got" for o in outcome) == [False, True]
    assert any(o.startswith("Taken by") for o in outcome)


def test_a_limit_counts_open_leads_only(scene: Scene) -> None:
    pool = scene.pool(holding_limit=1)
    done = scene.lead("Done", owner="anna")
    states.invalidate(scene.actor("anna"), scene.record(done), reason="x")
    first, second = (scene.lead(f"P{n}", owner=None, pool=pool) for n in (1, 2))
    claim.claim(scene.actor("anna"), Lead, [first])
    with pytest.raises(Refused):
        claim.claim(scene.actor("anna"), Lead, [second])


def test_return_by_page_and_bulk(scene: Scene, web: Web) -> None:
    pool = scene.pool()
    numbers = [scene.lead(f"L{n}") for n in range(3)]
    browser = web.browser("anna")
    assert browser.post(f"/leads/{numbers[0]}/return", {"reason": ""}).status_code == 422
    assert browser.post(f"/leads/{numbers[0]}/return", {"reason": "No need"}).status_code == 303
    assert scene.held(numbers[0])["pool"] == pool
    assert browser.post("/leads/bulk/return", {"id": numbers[1:], "reason": ""}).status_code == 422
    assert browser.post("/leads/bulk/return", {"id": numbers[1:], "other": "Too many"}).status_code == 303
    assert [scene.held(n)["pool_reason"] for n in numbers[1:]] == ["Too many"] * 2
    assert access.fetch(scene.actor("bob"), Lead, numbers[1]) is not None


def test_api_release_claim_and_who_has_it(scene: Scene, web: Web) -> None:
    scene.pool()
    number = scene.lead()
    assert web.api("anna").post(f"/leads/{number}/release", {"reason": "away"}).get_json()["status"] == "unassigned"
    assert web.api("bob").post(f"/leads/{number}/claim").get_json()["owner"]["id"] == scene.cast.bob
    late = web.api("anna").post(f"/leads/{number}/claim")
    assert late.status_code == 409
    assert "Bob" in late.get_json()["title"]
    assert pooling.in_hand(scene.held(number))

"""The life of a lead: states follow owner and follow-ups, and only verbs lead further."""

from __future__ import annotations

import pytest

from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import convert, pooling, states
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.records import access, change, changesets, timeline, undo
from tests.areas.leads.scene import Scene
from tests.client import Web


def test_owner_makes_it_to_do_and_a_first_follow_up_makes_it_followed(scene: Scene) -> None:
    number = scene.lead(owner=None)
    assert scene.held(number)["status"] == "unassigned"
    assert scene.held(number)["number"] == "L-00001"
    change.update(scene.actor("owner"), scene.record(number), {"owner": scene.cast.anna})
    assert scene.held(number)["status"] == "todo"
    scene.follow_up(number)
    held = scene.held(number)
    assert held["status"] == "following"
    assert held["last_follow_up_at"] is not None
    assert held["first_touch_due_at"] is None


def test_a_note_is_no_follow_up_and_undo_of_the_first_call_leads_back(scene: Scene) -> None:
    number = scene.lead()
    scene.follow_up(number, kind="note")
    assert scene.held(number)["status"] == "todo"
    actor = scene.actor("anna")
    with changesets.opened(actor, "form") as mine:
        scene.follow_up(number)
    assert scene.held(number)["status"] == "following"
    undo.undo(actor, mine.id)
    assert scene.held(number)["status"] == "todo"
    assert scene.held(number)["last_follow_up_at"] is None


def test_plans_about_a_lead_are_its_next_follow_up(scene: Scene) -> None:
    number = scene.lead()
    scene.follow_up(number, done_at=None, due_at="2026-03-05T10:00:00Z")
    assert scene.held(number)["next_follow_up_on"] == "2026-03-05"
    change.update(scene.actor("anna"), scene.record(number), {"next_follow_up_on": "2026-03-09"})
    sql_plan = scene.held(number)["next_follow_up_on"]
    assert sql_plan == "2026-03-09"
    lone = scene.lead("Nobody planned")
    change.update(scene.actor("anna"), scene.record(lone), {"next_follow_up_on": "2026-03-10"})
    assert scene.held(lone)["next_follow_up_on"] == "2026-03-10"


def test_what_is_done_about_it_is_seen_by_whoever_sees_the_lead(scene: Scene) -> None:
    number = scene.lead(owner="anna")
    scene.follow_up(number, by="owner", subject="Called by the boss")
    for part, n in (("anna", 1), ("manager", 1), ("carl", 0)):
        actor = scene.actor(part)
        record = access.fetch(actor, Lead, number)
        assert (record is not None) == bool(n)
        if record is not None:
            assert [i.kind for i in timeline.page(actor, record)[0] if i.source == "activity"] == ["call"]
    change.update(scene.actor("owner"), scene.record(number), {"owner": scene.cast.carl})
    assert len([i for i in timeline.page(scene.actor("carl"), scene.record(number))[0] if i.source == "activity"]) == 1


def test_invalid_needs_a_reason_and_comes_back(scene: Scene) -> None:
    number, anna = scene.lead(), scene.actor("anna")
    with pytest.raises(Invalid):
        states.invalidate(anna, scene.record(number), reason="  ")
    states.invalidate(anna, scene.record(number), reason="Wrong number")
    assert scene.held(number)["invalid_reason"] == "Wrong number"
    assert scene.held(number)["closed_at"]
    with pytest.raises(WrongState):
        states.invalidate(anna, scene.record(number), reason="again")
    states.reopen(anna, scene.record(number))
    assert (scene.held(number)["status"], scene.held(number)["invalid_reason"]) == ("todo", None)


def test_only_whoever_may_change_every_lead_brings_back_from_void(scene: Scene) -> None:
    number = scene.lead()
    states.void(scene.actor("anna"), scene.record(number))
    with pytest.raises(Forbidden):
        states.unvoid(scene.actor("anna"), scene.record(number))
    with pytest.raises(WrongState):
        states.reopen(scene.actor("owner"), scene.record(number))
    states.unvoid(scene.actor("owner"), scene.record(number))
    assert scene.held(number)["status"] == "todo"


def test_a_converted_lead_is_read_only_but_for_its_owner(scene: Scene) -> None:
    number, anna = scene.lead(company="Lane Foods"), scene.actor("anna")
    convert.convert(anna, scene.record(number))
    with pytest.raises(Invalid, match="stays as it was"):
        change.update(anna, scene.record(number), {"name": "Other"})
    for verb in (states.reopen, states.void):
        with pytest.raises(WrongState):
            verb(scene.actor("owner"), scene.record(number))
    change.update(scene.actor("owner"), scene.record(number), {"owner": scene.cast.bob}, trusted=True)
    assert scene.owner(number) == scene.cast.bob


def test_the_state_cannot_be_written(scene: Scene, web: Web) -> None:
    number = scene.lead()
    api = web.api("anna")
    assert api.patch(f"/leads/{number}", {"status": "converted"}, 1).status_code == 422
    assert api.post("/leads", {"name": "x", "converted_customer": 1}).status_code == 422


def test_giving_back_without_a_pool_and_taking_up(scene: Scene) -> None:
    number, anna = scene.lead(), scene.actor("anna")
    with pytest.raises(Invalid):
        pooling.release(anna, [number], reason="")
    pooling.release(anna, [number], reason="No time")
    assert (scene.owner(number), scene.held(number)["status"]) == (None, "unassigned")
    with pytest.raises(NotFound):
        pooling.release(anna, [number], reason="again")
    pooling.claim(scene.actor("owner"), scene.record(number))
    assert scene.owner(number) == scene.cast.owner
    with pytest.raises(WrongState, match="Olga"):
        pooling.claim(scene.actor("owner"), scene.record(number))


def test_api_verbs(scene: Scene, web: Web) -> None:
    api = web.api("anna")
    made = api.post("/leads", {"name": "Mary Moor", "company": "Moor Ltd"}).get_json()
    assert (made["status"], made["owner"]["id"]) == ("todo", scene.cast.anna)
    path = f"/leads/{made['id']}"
    assert api.post(f"{path}/invalidate", {}).status_code == 422
    assert api.post(f"{path}/invalidate", {"reason": "spam"}).get_json()["status"] == "invalid"
    assert api.post(f"{path}/convert").status_code == 409
    assert api.post(f"{path}/reopen").get_json()["status"] == "todo"
    done = api.post(f"{path}/convert").get_json()
    assert done["status"] == "converted"
    assert done["converted_customer"]["name"] == "Moor Ltd"
    assert api.post(f"{path}/convert").status_code == 409

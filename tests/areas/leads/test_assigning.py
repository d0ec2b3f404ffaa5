"""Sharing out: rules in order, turns, tables, absences, limits; and the reasons that are kept."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.areas.leads.pages.panels import owner_reasons
from smallcrm.areas.leads.records import AssignmentRule
from smallcrm.areas.leads.rules import absences, assigning
from smallcrm.areas.people.records import User
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import bulk, change, rows
from tests.areas.leads.scene import Scene, notices_of
from tests.client import Web


def test_turns_are_taken(scene: Scene) -> None:
    scene.rule()
    owners = [scene.owner(scene.lead(f"L{n}", None)) for n in range(5)]
    a, b = scene.cast.anna, scene.cast.bob
    assert owners == [a, b, a, b, a]
    assert scene.held(1)["status"] == "todo"


def test_turns_are_taken_inside_one_batch(scene: Scene) -> None:
    scene.rule(people=("anna", "bob", "carl"))
    from smallcrm.areas.leads.records import Lead
    from smallcrm.records import changesets

    with changesets.opened(SYSTEM, "import"):
        made = change.create_many(SYSTEM, Lead, [{"name": f"B{n}"} for n in range(9)], trusted=True)
    owners = Counter(d.after["owner"] for d in made.written)
    assert owners == {scene.cast.anna: 3, scene.cast.bob: 3, scene.cast.carl: 3}


def test_the_first_rule_that_fits_decides(scene: Scene) -> None:
    fair = {"conditions": [{"field": "source", "op": "in", "value": "Fair; Expo"}]}
    scene.rule("Fair", ("carl",), position=1, **fair)
    scene.rule("Greek", ("bob",), position=2, conditions=[{"field": "language", "op": "eq", "value": "el"}])
    scene.rule("Rest", ("anna",), position=3)
    assert scene.owner(scene.lead("a", None, source="expo", language="el")) == scene.cast.carl
    assert scene.owner(scene.lead("b", None, language="el")) == scene.cast.bob
    assert scene.owner(scene.lead("c", None)) == scene.cast.anna


def test_any_of_the_conditions(scene: Scene) -> None:
    lines = [{"field": "company", "op": "contains", "value": "Tea"}, {"field": "budget", "op": "gte", "value": "1000"}]
    scene.rule("Big", ("bob",), match="any", conditions=lines)
    assert scene.owner(scene.lead("a", None, company="Holroyd Tea")) == scene.cast.bob
    assert scene.owner(scene.lead("b", None, budget="1500")) == scene.cast.bob
    assert scene.owner(scene.lead("c", None, company="Coffee", budget="10")) is None


def test_least_busy_and_table_and_person(scene: Scene) -> None:
    scene.lead("held", "anna")
    scene.rule("Least", position=1, method="least_busy", conditions=[{"field": "grade", "op": "eq", "value": "A"}])
    table = [{"value": "Crete", "user": scene.cast.carl}]
    scene.rule("Regions", (), position=2, method="table", by="region", table=table)
    scene.rule("One", ("bob", "anna"), position=3, method="person")
    assert scene.owner(scene.lead("a", None, grade="A")) == scene.cast.bob
    assert scene.owner(scene.lead("b", None, region="CRETE")) == scene.cast.carl
    assert [scene.owner(scene.lead(f"c{n}", None)) for n in range(2)] == [scene.cast.bob] * 2


def test_away_the_deputy_stands_in_else_the_next(scene: Scene) -> None:
    scene.rule()
    scene.away("anna", "2026-03-01", "2026-03-05", deputy="carl")
    first = scene.lead("a", None)
    assert scene.owner(first) == scene.cast.carl
    assert scene.owner(scene.lead("b", None)) == scene.cast.bob
    assert scene.owner(scene.lead("c", None)) == scene.cast.carl
    texts = [text for text, _ in owner_reasons(scene.actor("owner"), scene.record(first))]
    assert any("Anna North is away; Carl South stands in." in text for text in texts)


def test_full_left_and_without_the_right_are_passed_over(scene: Scene) -> None:
    scene.rule(people=("anna", "bob", "nobody"), most_open=1)
    change.update(SYSTEM, scene.record(scene.cast.bob, User), {"active": False}, trusted=True)
    assert scene.owner(scene.lead("a", None)) == scene.cast.anna
    assert scene.owner(scene.lead("b", None)) is None
    found = assigning.choose({**rows.empty(type(scene.record(1))), "name": "x", "status": "unassigned"})
    assert {p.why for p in found.passed} == {"full", "left", "role"}


def test_a_rule_that_cannot_be_asked_is_passed_over_and_said(scene: Scene, web: Web) -> None:
    number = scene.rule("Bad", conditions=[{"field": "budget", "op": "gt", "value": "much"}])
    assert scene.owner(scene.lead("a", None)) is None
    scene.rule("Good", ("bob",), position=2)
    assert scene.owner(scene.lead("b", None)) == scene.cast.bob
    change.update(SYSTEM, scene.record(scene.cast.anna, User), {"active": False}, trusted=True)
    page = web.browser("owner").get("/assignment-rules/order").get_data(as_text=True)
    assert "It fits no lead" in page
    assert "Anna North has left" in page
    assert "It fits no lead" in web.browser("owner").get(f"/assignment-rules/{number}").get_data(as_text=True)


def test_why_is_shown_until_somebody_else_has_it(scene: Scene, web: Web) -> None:
    scene.rule("Everything")
    number = scene.lead("a", None)
    browser = web.browser("anna")
    assert "Why Anna?" in browser.get(f"/leads/{number}").get_data(as_text=True)
    why = browser.get(f"/leads/{number}/why-owner").get_data(as_text=True)
    assert "“Everything”" in why
    assert "It was their turn." in why
    change.update(SYSTEM, scene.record(number), {"owner": scene.cast.bob}, trusted=True)
    assert "Why Bob?" not in web.browser("bob").get(f"/leads/{number}").get_data(as_text=True)


def test_try_out_keeps_nothing_and_counts_what_is_off(scene: Scene, web: Web) -> None:
    scene.rule("Off", ("bob",), active=False, conditions=[{"field": "source", "op": "eq", "value": "Fair"}])
    browser = web.browser("owner")
    assert "Nobody." in browser.get("/assignment-rules/try?try=1&source=Fair").get_data(as_text=True)
    page = browser.get("/assignment-rules/try?try=1&source=Fair&off=1").get_data(as_text=True)
    assert "Bob North" in page
    assert scene.count() == 0


def test_bulk_by_rules_and_undo_of_nothing_else(scene: Scene) -> None:
    numbers = [scene.lead(f"L{n}", None) for n in range(3)]
    mine = scene.lead("owned", "anna")
    scene.rule()
    from smallcrm.areas.leads.records import Lead

    chosen = bulk.Selection(Lead, ids=(*numbers, mine))
    result = bulk.run(scene.actor("owner"), chosen, assigning.by_rules(), why="transfer")
    assert (result.changed, sum(map(len, result.refused.values()))) == (3, 1)
    assert [scene.owner(n) for n in numbers] == [scene.cast.anna, scene.cast.bob, scene.cast.anna]


def test_new_owners_are_told_once_for_many(scene: Scene) -> None:
    scene.rule(people=("bob",))
    scene.lead("a", None)
    assert notices_of(scene.cast.bob) == ["A new lead for you"]


def test_ones_own_absences(scene: Scene, web: Web) -> None:
    browser = web.browser("anna")
    bad = browser.post("/settings/away", {"since": "2026-03-09", "until": "2026-03-05", "reason": "Sea"})
    assert bad.status_code == 422
    assert 'value="Sea"' in bad.get_data(as_text=True)
    good = {"since": "2026-03-02", "until": "2026-03-05", "reason": "Sea", "deputy": scene.cast.bob}
    assert browser.post("/settings/away", good).status_code == 303
    assert absences.away() == {scene.cast.anna: scene.cast.bob}
    entered = absences.mine(scene.actor("anna"))[0]
    assert web.browser("bob").post(f"/settings/away/{entered.id}/remove").status_code == 404
    assert browser.post(f"/settings/away/{entered.id}/remove").status_code == 303
    assert absences.away() == {}


def test_salespeople_make_no_rules(scene: Scene, web: Web) -> None:
    assert web.api("anna").post("/assignment-rules", {"name": "Mine", "method": "person"}).status_code == 403
    assert web.api("manager").post("/score-rules", {"name": "Mine", "points": 5}).status_code == 403
    assert web.api("anna").get("/assignment-rules").status_code == 200


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_turns_stay_even_whoever_is_away(scene: Scene, absent: list[int]) -> None:
    """Of three who take turns nobody gets two more than another who was there all the time."""
    values = {"id": 1, "name": "x", "method": "round_robin", "people": [f"user/{n}" for n in _three(scene)]}
    rule, tally = assigning.of_values(values), assigning.Tally()
    got: Counter[int] = Counter()
    for _ in absent:
        got[int(assigning.choose({}, tally, [rule]).owner or 0)] += 1
    assert max(got.values()) - min(got[n] for n in _three(scene)) <= 1
    assert AssignmentRule.card.setup


def _three(scene: Scene) -> list[int]:
    return [scene.cast.anna, scene.cast.bob, scene.cast.carl]

"""Scores: points, decay, reasons; and what is learned from closed leads."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.leads.rules import learning, scoring
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change
from tests.areas.leads.scene import Scene, on
from tests.client import Web


def test_points_add_up_and_change_with_the_lead(scene: Scene) -> None:
    scene.points("Fair", 40, ("source", "eq", "Fair"))
    scene.points("Mail", 15, ("email", "not_empty", ""))
    scene.points("Far", -30, ("country", "ne", "Greece"))
    number = scene.lead(source="Fair", email="p@lane.example", country="Greece")
    assert scene.held(number)["score"] == 55
    change.update(scene.actor("anna"), scene.record(number), {"country": "Malta"})
    assert scene.held(number)["score"] == 25
    change.update(scene.actor("anna"), scene.record(number), {"source": "Web"})
    assert scene.held(number)["score"] == 0


def test_no_rules_no_score_and_a_rule_counts_at_once(scene: Scene) -> None:
    number = scene.lead()
    assert scene.held(number)["score"] is None
    rule = scene.points("All", 60)
    scene.points("More", 70)
    assert scene.held(number)["score"] == 100
    change.update(SYSTEM, scene.record(rule, type(scene.record(rule, _rule()))), {"active": False}, trusted=True)
    assert scene.held(number)["score"] == 70


def _rule() -> type:
    from smallcrm.areas.leads.records import ScoreRule

    return ScoreRule


def test_idle_weeks_take_a_tenth_each(scene: Scene, web: Web) -> None:
    scene.points("All", 80)
    number = scene.lead()
    with on(21):
        scoring.nightly()
        assert scene.held(number)["score"] == 58  # 80 * 0.729 = 58.32
        page = web.browser("anna").get(f"/leads/{number}/why-score").get_data(as_text=True)
        assert "All: +80" in page
        assert "3 weeks without anything: −22" in page
        scene.follow_up(number)
        assert scene.held(number)["score"] == 80


@given(st.integers(-500, 500), st.integers(0, 200))
def test_scores_stay_within_bounds_and_only_fall(points: int, weeks: int) -> None:
    assert 0 <= scoring.faded(points, weeks + 1) <= scoring.faded(points, weeks) <= 100


# ---------------------------------------------------------------- learning


def closed(n: int, seed: int = 1, *, telling: bool = True) -> list[dict[str, object]]:
    """Leads of which those by referral convert often, those by advertisement seldom; or by mere chance."""
    rng = random.Random(seed)
    found: list[dict[str, object]] = []
    for _ in range(n):
        source = rng.choice(["Referral", "Advertisement"])
        share = (0.85 if source == "Referral" else 0.1) if telling else 0.4
        won = rng.random() < share
        found.append(
            {
                "source": source,
                "status": "converted" if won else "invalid",
                "email": "x" if rng.random() < 0.5 else None,
            }
        )
    return found


def test_too_few_teach_nothing() -> None:
    assert learning.learn(closed(49)) is None
    assert learning.learn([{**each, "status": "invalid"} for each in closed(100)]) is None


def test_it_finds_what_tells_and_is_the_same_each_time() -> None:
    model = learning.learn(closed(300))
    assert model is not None
    assert model.shown
    assert model.auc is not None
    assert model.auc > 0.7
    good, bad = (learning.chance(model, {"source": source}) for source in ("Referral", "Advertisement"))
    assert good > 0.7 > 0.3 > bad
    assert learning.learn(closed(300)) == model
    name, value, weight = learning.reasons(model, {"source": "Referral"})[0]
    assert (name, value) == ("source", "referral")
    assert weight > 0


def test_chance_alone_is_not_shown() -> None:
    shown = [bool((m := learning.learn(closed(200, seed, telling=False))) and m.shown) for seed in range(6)]
    assert sum(shown) <= 1


@pytest.mark.parametrize(("outcomes", "chances", "area"), [
    ([1, 0], [0.9, 0.1], 1.0), ([1, 0], [0.1, 0.9], 0.0), ([1, 0, 1, 0], [0.5] * 4, 0.5), ([1, 1], [0.5, 0.4], None),
    ([0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8], 1.0), ([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75),
])  # fmt: skip
def test_area_under_the_curve(outcomes: list[int], chances: list[float], area: float | None) -> None:
    assert learning.auc(chances, outcomes) == area


def test_it_is_learned_at_night_and_shown_with_reasons(scene: Scene, web: Web) -> None:
    for n, each in enumerate(closed(120)):
        scene.lead(f"C{n}", status=each["status"], source=each["source"])
    number = scene.lead("Fresh", source="Referral")
    assert scene.held(number)["chance"] is None
    done = scoring.nightly()
    assert done["learned_from"] == 120
    assert done["shown"]
    assert (scene.held(number)["chance"] or 0) > 60
    page = web.browser("anna").get(f"/leads/{number}/why-chance").get_data(as_text=True)
    assert "Source: Referral" in page
    assert "120" in page
    assert "Area under the curve" in web.browser("owner").get("/settings/leads").get_data(as_text=True)

"""How far applications came, whatever became of them; and the figures made of it against plain counting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.admissions.records.joined import FURTHEST
from smallcrm.areas.admissions.rules.milestones import ORDER
from smallcrm.areas.pipeline.records import Stage
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, figures, undo
from smallcrm.records.figures import Spec
from tests.areas.admissions.scene import School


def rate(school: School, measure: str, **more: Any) -> Decimal | None:
    found = figures.ask(school.actor("owner"), Spec("opportunity", measure, **more)).total.value
    assert found is None or isinstance(found, Decimal)
    return found


def test_ready_stages_know_what_they_stand_for(school: School) -> None:
    told = [key for (key,) in store.rows("SELECT milestone FROM stage WHERE kind = 'open' ORDER BY position")]
    assert told == list(ORDER[:-1])
    greek = change.create(SYSTEM, Stage, {"name": "Πληρωμή προκαταβολής", "pipeline": school.pipeline}, trusted=True)
    assert school.held(greek)["milestone"] == "deposit"
    own = change.create(SYSTEM, Stage, {"name": "Tea with the head", "pipeline": school.pipeline}, trusted=True)
    assert school.held(own)["milestone"] is None


def test_how_far_it_came_stays(school: School) -> None:
    made = school.application(None, "submitted", "offer")
    assert school.held(made)["furthest"] == "offer"
    school.move(made, "contacted")
    assert school.held(made)["furthest"] == "offer"
    school.move(made, "lost")
    assert school.held(made)["furthest"] == "offer"


def test_enrolled_without_the_steps_between_passed_them_all(school: School) -> None:
    made = school.application(None, "won")
    assert school.held(made)["furthest"] == "enrolled"
    assert rate(school, "yield") == rate(school, "admit_rate") == Decimal(100)


def test_an_undone_move_never_happened(school: School) -> None:
    made = school.application(None, "contacted")
    actor = school.actor()
    with changesets.opened(actor, "move") as mine:
        moving.move(actor, school.again(made), stage=school.stage["offer"])
    assert school.held(made)["furthest"] == "offer"
    undo.undo(actor, mine.id)
    assert school.held(made)["furthest"] == "contacted"


def test_what_a_stage_stands_for_can_change_afterwards(school: School) -> None:
    made = school.application(None, "tour")
    stage = access.find(SYSTEM, Stage, school.stage["tour"])
    change.update(school.actor("owner"), stage, {"milestone": "interview"})
    assert school.held(made)["furthest"] == "interview"


def test_rates_by_their_formulas(school: School) -> None:
    """Ten inquiries: 8 begun, 6 handed in, 4 offered, 3 deposits, 2 enrolled, 1 of the deposits withdrawn."""
    for path in (
        (), ("contacted",), ("application",), ("application", "lost"), ("submitted",), ("submitted", "lost"),
        ("submitted", "offer", "lost"), ("submitted", "offer", "deposit", "lost"), ("offer", "deposit", "won"), ("deposit", "won"),
    ):  # fmt: skip
        school.application(None, *path)
    assert rate(school, "applied_rate") == Decimal("80.00")
    assert rate(school, "admit_rate") == Decimal("66.67")
    assert rate(school, "yield") == Decimal("50.00")
    assert rate(school, "melt") == Decimal("33.33")


def test_rates_of_nothing_are_a_dash(school: School) -> None:
    assert [rate(school, key) for key in ("applied_rate", "admit_rate", "yield", "melt", "complete")] == [None] * 5


def test_a_deferred_place_was_offered_all_the_same(school: School) -> None:
    school.application(None, "offer", "invalid")
    school.application(None, "offer", "won")
    assert rate(school, "yield") == Decimal(50)


def test_somebody_enrolled_who_leaves_again_has_melted(school: School) -> None:
    made = school.application(None, "deposit", "won")
    assert rate(school, "melt") == Decimal(0)
    moving.reopen(school.actor("manager"), school.again(made, "manager"), reason="went elsewhere after all")
    school.move(made, "lost")
    assert rate(school, "melt") == Decimal(100)
    assert rate(school, "yield") == Decimal(0)


@pytest.mark.parametrize("by", ["intake", "source", "owner"])
def test_by_intake_source_and_adviser_with_the_way_down(school: School, by: str) -> None:
    school.application(None, "offer", "won", source="Fair")
    school.application(None, "offer", "lost", source="Web", intake=school.next, part="anna")
    school.application(None, "offer", source="Web", intake=school.next, part="bob")
    asked = figures.ask(school.actor("owner"), Spec("opportunity", "yield", by))
    found = {row.names[0]: row.cell.value for row in asked.rows}
    wanted = {
        "intake": {"Autumn 2027": 100, "Autumn 2028": 0},
        "source": {"Fair": 100, "Web": 0},
        "owner": {"Anna North": 50, "Bob North": 0},
    }[by]
    assert found == {name: Decimal(value) for name, value in wanted.items()}
    for row in asked.rows:
        tree = figures.drill(asked.spec, asked, row.keys)
        n = figures.ask(school.actor("owner"), Spec("opportunity", "count", filter=tree)).total.value
        assert isinstance(n, int)
        assert n >= 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(paths=st.lists(st.lists(st.sampled_from([*ORDER[:-1], "won", "lost"]), max_size=4), min_size=1, max_size=5))
def test_the_furthest_is_the_highest_ever_entered(school: School, paths: list[list[str]]) -> None:
    """Whatever way applications take, the column says the highest milestone they stood in, and no rate leaves 0 to 100."""
    for path in paths:
        made = school.application()
        seen = {"inquiry"}
        for step in path:
            here = stages.step(school.held(made)["stage"])
            if here is None or here.ended or here.id == school.stage[step]:
                continue
            school.move(made, step)
            seen.add("enrolled" if step == "won" else step)
        seen &= {each.key for each in FURTHEST}
        assert school.held(made)["furthest"] == max(seen, key=ORDER.index)
    for key in ("applied_rate", "admit_rate", "yield", "melt"):
        found = rate(school, key)
        assert found is None or 0 <= found <= 100

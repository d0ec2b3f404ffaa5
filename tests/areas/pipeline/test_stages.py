"""Setting pipelines up: what is in use stays, what goes is emptied first, and who uses which."""

from __future__ import annotations

import pytest

from smallcrm.areas.people import setup
from smallcrm.areas.pipeline.records import Opportunity, Pipeline, Stage
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, undo
from tests.areas.pipeline.scene import Company


def find(kind: type, number: int) -> object:
    return access.find(SYSTEM, kind, number)  # type: ignore[arg-type]


def test_a_stage_in_use(company: Company) -> None:
    """It keeps its kind and is not deleted, also for what lies in the bin; emptied into another it goes, undoably."""
    first = company.make()
    change.delete(company.actor("anna"), company.make("Valves"))
    stage = find(Stage, company.stage["Found"])
    owner = company.actor("owner")
    with pytest.raises(Invalid):
        change.update(owner, stage, {"kind": "won"})  # type: ignore[arg-type]
    with pytest.raises(WrongState, match="2 opportunities stand here"):
        change.delete(owner, stage)  # type: ignore[arg-type]
    with pytest.raises(WrongState):
        stages.empty_into(owner, company.stage["Found"], company.stage["Won"])
    with changesets.opened(owner, "bulk") as mine:
        assert stages.empty_into(owner, company.stage["Found"], company.stage["Agreed"]) == 2
    assert company.at(first) == "Agreed"
    assert company.stage["Found"] not in stages.steps()
    undo.undo(owner, mine.id)
    assert company.at(first) == "Found"


def test_a_pipeline_needs_an_open_stage(company: Company) -> None:
    """The last one stays open; at most fifteen; a pipeline in use is not deleted, an empty one goes with its stages."""
    owner = company.actor("owner")
    for name in ("Agreed", "Offered", "Closing"):
        change.delete(owner, find(Stage, company.stage[name]))  # type: ignore[arg-type]
    with pytest.raises((Invalid, WrongState)):
        change.delete(owner, find(Stage, company.stage["Found"]))  # type: ignore[arg-type]
    for number in range(15 - 4):
        change.create(owner, Stage, {"name": f"Step {number}", "pipeline": company.pipeline})
    with pytest.raises(Invalid, match="at most 15"):
        change.create(owner, Stage, {"name": "One more", "pipeline": company.pipeline})
    company.make()
    with pytest.raises(WrongState, match="stands in this pipeline"):
        change.delete(owner, find(Pipeline, company.pipeline))  # type: ignore[arg-type]
    other = stages.add(owner, name="Second", ready="education")
    change.delete(owner, find(Pipeline, other))  # type: ignore[arg-type]
    assert list(stages.every()) == [company.pipeline]


def test_who_uses_which(company: Company) -> None:
    """A team's own pipeline is its members' first; a school begins with its own stages."""
    way = stages.add(company.actor("owner"), name="Courses", ready="education")
    change.update(
        SYSTEM,
        find(Pipeline, way),
        {"members": [{"type": "teams", "id": company.cast.south}], "position": 0},
        trusted=True,
    )  # type: ignore[arg-type]
    assert stages.usual(company.actor("carl")).id == way  # type: ignore[union-attr]
    assert stages.usual(company.actor("anna")).id == company.pipeline  # type: ignore[union-attr]
    assert [step.chance for step in stages.every()[way].open_steps] == [10, 20, 35, 45, 55, 65, 75, 90]
    made = change.create(company.actor("carl"), Opportunity, {"name": "A pupil"})
    assert company.held(made)["pipeline"] == way


def test_only_who_sets_up(company: Company) -> None:
    """Salespeople read stages and change none."""
    assert access.fetch(company.actor("anna"), Stage, company.stage["Found"]) is not None
    with pytest.raises(Forbidden):
        change.create(company.actor("anna"), Stage, {"name": "Mine", "pipeline": company.pipeline})
    with pytest.raises(Forbidden):
        stages.reorder(company.actor("anna"), company.pipeline, [company.stage["Agreed"]])


def test_order(company: Company) -> None:
    """What is named comes first, the others keep their order."""
    stages.reorder(company.actor("owner"), company.pipeline, [company.stage["Offered"], company.stage["Found"]])
    names = [step.name for step in stages.every()[company.pipeline].steps]
    assert names == ["Offered", "Found", "Agreed", "Closing", "Won", "Lost", "Invalid"]


def test_set_up_makes_one() -> None:
    """The hook that a new company runs is there."""
    from smallcrm.areas.pipeline.rules import setting_up

    assert setting_up.make_first in setup._afterwards

"""What an undo takes back of a set that touched a record more than once."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, rows, undo
from tests.cast import Cast


def made_and_changed(cast: Cast) -> tuple[int, int]:
    """A set that makes a customer and changes it once more, as an import does with a row that is joined to an earlier one."""
    owner = cast.actor("owner")
    with changesets.opened(owner, "import", "x.xlsx", lasting=True) as mine:
        number = int(change.create(owner, Customer, {"name": "Pennine Dairy"}).id)
        with store.writing():
            change.update_many(SYSTEM, Customer, [(number, {"city": "Leeds"})], trusted=True)
    return mine.id, number


def test_what_a_set_made_and_then_changed_goes_whole(cast: Cast) -> None:
    set_id, number = made_and_changed(cast)
    done = undo.undo(cast.actor("owner"), set_id)
    assert done.kept == []
    held = rows.load(Customer, [number])[number]
    assert held["deleted_at"]
    assert clock.moment(held["deleted_at"]) <= clock.now()


def test_what_somebody_else_changed_since_stays(cast: Cast) -> None:
    set_id, number = made_and_changed(cast)
    with changesets.opened(cast.actor("manager"), "form"):
        change.update_many(cast.actor("manager"), Customer, [(number, {"grade": "A"})], trusted=True)
    done = undo.undo(cast.actor("owner"), set_id)
    assert [kept.record for kept in done.kept] == [number]
    held = rows.load(Customer, [number])[number]
    assert not held["deleted_at"]
    assert held["grade"] == "A"


def test_what_smallcrm_did_by_itself_is_no_touch(cast: Cast) -> None:
    """An import is undone whole after a night in which its customers fell into the pool, or changed hands and back."""
    set_id, number = made_and_changed(cast)
    with changesets.opened(SYSTEM, "recycle"):
        change.update_many(SYSTEM, Customer, [(number, {"owner": None})], trusted=True)
    assert undo.undo(cast.actor("owner"), set_id).kept == []
    assert rows.load(Customer, [number])[number]["deleted_at"]


def test_what_was_undone_is_no_touch_until_it_is_done_again(cast: Cast) -> None:
    owner = cast.actor("owner")
    set_id, number = made_and_changed(cast)
    with changesets.opened(owner, "bulk") as graded:
        change.update_many(owner, Customer, [(number, {"grade": "A"})], trusted=True)
    back = undo.undo(owner, graded.id)
    again = undo.undo(owner, back.set)
    assert rows.load(Customer, [number])[number]["grade"] == "A"
    first = undo.undo(owner, set_id)
    assert [kept.record for kept in first.kept] == [number]
    assert undo.undo(owner, again.set).kept == []

    other, number = made_and_changed(cast)
    with changesets.opened(owner, "bulk") as graded:
        change.update_many(owner, Customer, [(number, {"grade": "A"})], trusted=True)
    undo.undo(owner, graded.id)
    assert undo.undo(owner, other).kept == []
    assert rows.load(Customer, [number])[number]["deleted_at"]


def test_what_is_under_way_is_not_taken_back_and_what_broke_off_is(cast: Cast) -> None:
    set_id, number = made_and_changed(cast)
    owner = cast.actor("owner")
    with changesets.continued(owner, set_id):
        with pytest.raises(WrongState, match="still under way"):
            undo.undo(owner, set_id)
        changesets.cut_off(besides=[set_id])
        assert info(set_id).state == "running"
        changesets.cut_off("recycle")
        assert info(set_id).state == "running", "another kind's"
        changesets.cut_off()  # as at the start after its process was killed
        assert (info(set_id).state, info(set_id).count) == ("stopped", 2)
        undo.undo(owner, set_id)
    assert rows.load(Customer, [number])[number]["deleted_at"]


def info(set_id: int) -> changesets.SetInfo:
    found = changesets.info(set_id)
    assert found
    return found

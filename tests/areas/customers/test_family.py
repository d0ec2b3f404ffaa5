"""Parents and subsidiaries: no circle, five levels, the tree and its sums within reach."""

from __future__ import annotations

import pytest

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules import family
from smallcrm.base.errors import Invalid
from smallcrm.records import change, changesets, merge
from smallcrm.records.record import Record
from tests.areas.customers.making import again, amend, contact, customer
from tests.cast import Cast
from tests.client import Web


def chain(cast: Cast, n: int, part: str = "anna") -> list[Record]:
    """``n`` companies, each under the one before."""
    found = [customer(cast, "Level 1", part)]
    for level in range(2, n + 1):
        found.append(customer(cast, f"Level {level}", part, parent=found[-1].id))
    return found


def test_nobody_is_under_itself(cast: Cast) -> None:
    one, two, three = chain(cast, 3)
    for under in (one, two, three):
        with pytest.raises(Invalid) as refused:
            amend(cast, one, parent=under.id)
        assert "parent" in refused.value.errors
    assert again(one).parent is None  # type: ignore[attr-defined]
    amend(cast, three, parent=one.id)


def test_a_circle_made_in_one_batch(cast: Cast) -> None:
    one, two = customer(cast, "One"), customer(cast, "Two")
    anna = cast.actor("anna")
    with changesets.opened(anna, "bulk"):
        outcome = change.update_many(
            anna, Customer, [(int(one.id), {"parent": two.id}), (int(two.id), {"parent": one.id})]
        )
    assert len(outcome.written) == 1
    assert len(outcome.errors) == 1


def test_at_most_five_levels_counted_up_and_down(cast: Cast) -> None:
    five = chain(cast, 5)
    with pytest.raises(Invalid):
        customer(cast, "Level 6", parent=five[-1].id)
    above = customer(cast, "Above all")
    with pytest.raises(Invalid):
        amend(cast, five[0], parent=above.id)
    amend(cast, five[1], parent=above.id)


def test_one_back_from_the_bin_is_looked_at_again(cast: Cast) -> None:
    one, two = chain(cast, 2)
    anna = cast.actor("anna")
    change.delete(anna, again(two))
    amend(cast, one, parent=None)
    change.update(anna, again(one), {"parent": None})
    # meanwhile the parent went under what lies in the bin
    change.restore(anna, again(two))
    assert again(two).parent == one.id  # type: ignore[attr-defined]


def test_merging_a_company_with_its_grandchild_leaves_no_circle(cast: Cast) -> None:
    one, two, three = chain(cast, 3)
    merged = merge.merge(cast.actor("anna"), again(one), again(three))
    assert merged.parent is None  # type: ignore[attr-defined]
    assert again(two).parent == one.id  # type: ignore[attr-defined]


def test_the_tree_shows_what_one_sees(cast: Cast) -> None:
    top = customer(cast, "Top", "carl")
    mine = customer(cast, "Mine", "manager", parent=top.id, owner=cast.anna)
    left = customer(cast, "Left", "manager", parent=mine.id, owner=cast.anna)
    customer(cast, "Hidden", "manager", parent=mine.id, owner=cast.carl)
    below = customer(cast, "Below hidden", "anna", parent=left.id)
    found = family.around(cast.actor("anna"), again(mine))
    assert found is not None
    assert [(each.name, each.depth) for each in found.members] == [("Mine", 0), ("Left", 1), ("Below hidden", 2)]
    seen = family.around(cast.actor("manager"), again(mine))
    assert seen is not None
    assert [(each.name, each.depth, each.here) for each in seen.members] == [
        ("Top", 0, False), ("Mine", 1, True), ("Hidden", 2, False), ("Left", 2, False), ("Below hidden", 3, False),
    ]  # fmt: skip
    assert set(found.below) == {left.id, below.id}
    assert family.around(cast.actor("anna"), again(customer(cast, "Alone"))) is None


def test_sums_count_only_what_one_sees(cast: Cast) -> None:
    mine = customer(cast, "Mine", annual_revenue="1000")
    customer(cast, "Seen", parent=mine.id, annual_revenue="500")
    customer(cast, "No rate", parent=mine.id, annual_revenue="7", currency="JPY")
    customer(cast, "Unseen", "manager", parent=mine.id, owner=cast.carl, annual_revenue="9000")
    contact(cast, mine)
    anna = cast.actor("anna")
    assert dict(family.rolled_up(anna, again(mine), whole=False)) == {
        "Customers": "1", "Contacts": "1", "Turnover last year": "€1,000.00",
    }  # fmt: skip
    whole = dict(family.rolled_up(anna, again(mine), whole=True))
    assert (whole["Customers"], whole["Turnover last year"]) == (
        "3", "€1,500.00, without 1 amount: no rate",
    )  # fmt: skip
    assert dict(family.rolled_up(cast.actor("manager"), again(mine), whole=True))["Customers"] == "4"


def test_the_panel_turns_in_place(cast: Cast, web: Web) -> None:
    mine = customer(cast, "Mine")
    customer(cast, "Daughter", parent=mine.id)
    browser = web.browser("anna")
    page = browser.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "Daughter" in page
    assert 'id="family"' in page
    part = browser.get(f"/customers/{mine.id}/family?whole=1").get_data(as_text=True)
    assert "Only what you may see is counted." in part
    assert web.browser("carl").get(f"/customers/{mine.id}/family").status_code == 404

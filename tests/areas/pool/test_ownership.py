"""Owner and pool agree whoever writes them, every move stands in the history, and nobody slips round the checks."""

from __future__ import annotations

from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import claim, release
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, bulk, change, changesets, merge, transfer, undo
from tests.areas.pool.scene import Company, on


def kinds(company: Company, number: int) -> list[str]:
    """The kinds of a record's moves, oldest first."""
    return [move[0] for move in company.moves(number)]


def test_every_path_is_written_down(company: Company) -> None:
    """Made, edited, handed over, several at once, by a file, returned, claimed, merged, undone: one line each, no gap."""
    pool = company.pool()
    owner, cast = company.actor("owner"), company.cast
    number = int(change.create(company.actor("anna"), Customer, {"name": "Arkwright"}).id)
    change.update(owner, access.find(owner, Customer, number), {"owner": cast.bob})
    transfer.assign(owner, access.find(owner, Customer, number), owner=cast.carl, reason="his region")
    bulk.run(owner, bulk.Selection(Customer, (number,)), bulk.assign(Customer, cast.anna), why="transfer", note="back")
    with changesets.opened(owner, "import", "list.xlsx", lasting=True):
        assert not change.update_many(owner, Customer, [(number, {"owner": cast.bob})]).errors
    change.update(owner, access.find(owner, Customer, number), {"city": "Leeds"})
    release.release(owner, Customer, [number], reason="no need")
    claim.claim(company.actor("anna"), Customer, [number])
    with changesets.opened(owner, "form") as last:
        change.update(owner, access.find(owner, Customer, number), {"owner": None})
    undo.undo(owner, last.id)
    anna, bob, carl = cast.anna, cast.bob, cast.carl
    assert company.moves(number) == [
        ("new", None, None, anna, None), ("transfer", anna, None, bob, None), ("transfer", bob, None, carl, None),
        ("transfer", carl, None, anna, None), ("transfer", anna, None, bob, None), ("manual", bob, None, None, pool),
        ("claim", None, pool, anna, None), ("transfer", anna, None, None, None), ("undo", None, None, anna, None),
    ]  # fmt: skip
    told = store.rows("SELECT operator, reason FROM owner_history WHERE record = ? ORDER BY id", [number])
    assert [reason for _, reason in told] == [
        None,
        None,
        "his region",
        "back",
        "list.xlsx",
        "no need",
        None,
        None,
        None,
    ]
    assert [who for who, _ in told[:3]] == [anna, cast.owner, cast.owner]
    other = company.customer("Arkwright Ltd", "carl")
    merge.merge(
        owner, access.find(owner, Customer, number), access.find(owner, Customer, other), take={"owner": "loser"}
    )
    assert company.moves(number)[-1] == ("transfer", anna, None, carl, None)


def test_owned_since_and_previous_owner(company: Company) -> None:
    """Moved by a change of owner, by nothing else; the previous owner is who lost it, not who did it."""
    company.pool()
    number = company.customer()
    assert company.held(number)["owned_since"] == "2026-03-02T09:00:00.000Z"
    with on(1):
        change.update(SYSTEM, company.record(Customer, number), {"notes": "x", "grade": "A"}, trusted=True)
    assert company.held(number)["owned_since"] == "2026-03-02T09:00:00.000Z"
    with on(2):
        release.release(company.actor("manager"), Customer, [number], reason="too quiet")
    held = company.held(number)
    assert (held["owned_since"], held["previous_owner"]) == (None, company.cast.anna)
    with on(3):
        change.update(SYSTEM, company.record(Customer, number), {"owner": company.cast.bob}, trusted=True)
    held = company.held(number)
    assert (held["owned_since"], held["previous_owner"]) == ("2026-03-05T09:00:00.000Z", company.cast.anna)


def test_either_an_owner_or_a_pool(company: Company) -> None:
    """Whatever is written at once; and a restored record does not come back into a pool that has gone."""
    pool, spare = company.pool(), company.pool("Spare", ["carl"])
    number = company.customer(owner="anna", pool=pool)
    held = company.held(number)
    assert (held["owner"], held["team"], held["pool"]) == (None, None, pool)
    assert kinds(company, number) == ["new"]
    change.delete(SYSTEM, company.record(Customer, number))
    change.delete(company.actor("owner"), company.record(Pool, pool))
    change.restore(SYSTEM, company.record(Customer, number))
    assert company.held(number)["pool"] == spare


@pytest.mark.parametrize("door", ["form", "verb", "several", "file"])
def test_no_door_round_the_checks(company: Company, door: str) -> None:
    """Giving a pooled record an owner by another way than assigning: the receiver's limit and a lock hold there as well."""
    pool = company.pool(members=["anna", "bob"], holding_limit=2)
    owner = company.actor("owner")
    company.customer("Held", "anna")
    numbers = [company.lying(pool, f"C{n}") for n in range(3)]

    def give(*ids: int) -> list[str]:
        """Try, and say what was refused."""
        try:
            if door == "form":
                for i in ids:
                    change.update(owner, access.find(owner, Customer, i), {"owner": company.cast.anna})
            elif door == "verb":
                for i in ids:
                    transfer.assign(owner, access.find(owner, Customer, i), owner=company.cast.anna)
            elif door == "several":
                result = bulk.run(owner, bulk.Selection(Customer, ids), bulk.assign(Customer, company.cast.anna))
                return list(result.refused)
            else:
                with changesets.opened(owner, "import"):
                    outcome = change.update_many(owner, Customer, [(i, {"owner": company.cast.anna}) for i in ids])
                return [text for errors in outcome.errors.values() for found in errors.values() for text in found]
        except Invalid as error:
            return [str(error)]
        return []

    change.update(SYSTEM, company.record(Customer, numbers[0]), {"locked": True}, trusted=True)
    assert give(numbers[0]) == ["Locked."]
    assert give(numbers[1]) == []
    assert company.moves(numbers[1])[-1] == ("assign", None, pool, company.cast.anna, None)
    assert give(numbers[2]) == ["Anna North holds 2 of at most 2."]
    assert company.held(numbers[2])["pool"] == pool


def test_a_batch_counts_what_it_gives_itself(company: Company) -> None:
    """Three at once into hands that may hold two: the third is refused, the rest goes through."""
    pool = company.pool(holding_limit=2)
    owner = company.actor("owner")
    numbers = [company.lying(pool, f"C{n}") for n in range(3)]
    result = bulk.run(owner, bulk.Selection(Customer, tuple(numbers)), bulk.assign(Customer, company.cast.anna))
    assert (result.changed, list(result.refused.values())) == (2, [[numbers[2]]])


def test_undoing_a_return_that_somebody_claimed_since(company: Company) -> None:
    """It stays with who has it, with everything that hangs on it; undoing one over the limit is refused and told."""
    pool = company.pool(holding_limit=1)
    number, second = company.customer(), company.customer("Second", None)
    anna = company.actor("anna")
    with changesets.opened(anna, "release") as returned:
        release.release(anna, Customer, [number], reason="no need")
    claim.claim(company.actor("bob"), Customer, [number])
    before = company.held(number)
    told = undo.undo(company.actor("owner"), returned.id)
    assert "It was moved since." in {kept.why for kept in told.kept}
    after = company.held(number)
    assert {k: after[k] for k in ("owner", "pool", "owned_since", "previous_owner", "entered_pool_at")} == {
        k: before[k] for k in ("owner", "pool", "owned_since", "previous_owner", "entered_pool_at")
    }
    with changesets.opened(company.actor("bob"), "release") as again:
        release.release(company.actor("bob"), Customer, [number], reason="not mine")
    change.update(SYSTEM, company.record(Customer, second), {"owner": company.cast.bob}, trusted=True)
    told = undo.undo(company.actor("bob"), again.id)
    assert "Bob North holds 1 of at most 1." in {kept.why for kept in told.kept}
    assert company.held(number)["pool"] == pool


def test_the_related_team(company: Company) -> None:
    """Colleagues who work on it are taken off when the pool says so: on coming in, on leaving, or neither."""
    pool = company.pool()
    line = [{"user": company.cast.carl, "level": "read"}]

    def team(number: int) -> Any:
        return company.held(number)["members"]

    number = company.customer(members=line)
    release.release(company.actor("anna"), Customer, [number], reason="no need")
    assert team(number)
    company.set(pool, clear_team=["claim"])
    claim.claim(company.actor("bob"), Customer, [number])
    assert team(number) is None
    company.set(pool, clear_team=["return"])
    other = company.customer("Other", members=line)
    release.release(company.actor("anna"), Customer, [other], reason="no need")
    assert team(other) is None


def test_contacts_come_along(company: Company) -> None:
    """Into the pool without an owner, out of it to who takes it; found under the new reach; those of a third stay."""
    company.pool()
    number = company.customer()
    hers, bobs = (
        company.contact(number, owner=company.cast.anna),
        company.contact(number, "Bob's", owner=company.cast.bob),
    )
    release.release(company.actor("anna"), Customer, [number], reason="no need")
    assert [company.record(Contact, i).owner for i in (hers, bobs)] == [None, None]
    kept = company.contact(number, "Carl's", owner=company.cast.carl)
    claim.claim(company.actor("bob"), Customer, [number])
    assert [company.record(Contact, i).owner for i in (hers, bobs, kept)] == [company.cast.bob] * 2 + [
        company.cast.carl
    ]
    assert company.record(Contact, hers).via_owner == company.cast.bob
    assert access.fetch(company.actor("anna"), Contact, hers) is None

"""A leaver's handover: everything, the chosen ones, into the pool; who may; one change-set that can be taken back."""

from __future__ import annotations

import re

import pytest

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pool.rules import leaver, lock
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import change, changesets, undo
from tests.areas.pool.scene import Company, notices_of, on
from tests.client import Web


def test_everything_to_a_colleague(company: Company) -> None:
    """Customers, their contacts, what is open; what was done stays; the receiver hears once; one undo brings it back."""
    company.pool()
    mine = [company.customer(f"C{n}") for n in range(3)]
    contact = company.contact(mine[0], owner=company.cast.anna)
    done = company.follow_up(mine[0])
    plan = company.follow_up(mine[0], done_at=None, due_at="2026-03-09T09:00:00.000Z")
    other = company.customer("Bob's", "bob")
    manager = company.actor("manager")
    held = leaver.holding(manager, company.cast.anna)
    assert held.customers == tuple(mine)
    assert {kind.card.key: n for kind, n in held.others} == {"contact": 1, "activity": 1}
    with on(1):
        result = leaver.hand_over(manager, company.cast.anna, to=company.cast.bob)
    assert (result.handed, result.pooled, result.refused) == (5, 0, {})
    owners = {company.held(number)["owner"] for number in [*mine, other]}
    assert owners == {company.cast.bob}
    assert company.record(Contact, contact).owner == company.cast.bob
    assert company.record(Activity, done).owner == company.cast.anna
    assert company.record(Activity, plan).owner == company.cast.bob
    assert company.moves(mine[0])[-1] == ("transfer", company.cast.anna, None, company.cast.bob, None)
    assert notices_of(company.cast.bob)[-1] == "5 records of Anna North came to you"
    info = changesets.info(result.set)
    assert info is not None
    assert info.why == "transfer"
    with on(2):
        undo.undo(company.actor("owner"), result.set)
    assert {company.held(number)["owner"] for number in mine} == {company.cast.anna}
    assert leaver.holding(manager, company.cast.anna) == held


def test_into_a_pool(company: Company) -> None:
    """A lock ends there; a supplier goes to the colleague named, or stays and is told of; the history says why."""
    pool = company.pool(lock_limit=5)
    plain, locked = company.customer("Plain"), company.customer("Locked")
    supplier = company.customer("Mill", roles=["supplier"])
    lock.lock(company.actor("anna"), company.record(Customer, locked))
    manager = company.actor("manager")
    held = leaver.holding(manager, company.cast.anna)
    assert (held.locked, held.no_customers) == (1, 1)
    result = leaver.hand_over(manager, company.cast.anna, pool=pool)
    assert (result.handed, result.pooled) == (0, 2)
    assert list(result.refused.values()) == [[supplier]]
    for number in (plain, locked):
        values = company.held(number)
        assert (values["owner"], values["pool"], values["previous_owner"]) == (None, pool, company.cast.anna)
        assert not values["locked"]
    assert company.held(plain)["pool_reason"] == "left by a colleague who went"
    assert company.held(supplier)["owner"] == company.cast.anna
    again = leaver.hand_over(manager, company.cast.anna, pool=pool, to=company.cast.bob)
    assert (again.handed, again.pooled, again.refused) == (1, 0, {})
    assert company.held(supplier)["owner"] == company.cast.bob


def test_the_chosen_ones(company: Company) -> None:
    """Only those; what belongs to somebody else is not taken by naming it."""
    company.pool()
    one, two, others = company.customer("One"), company.customer("Two"), company.customer("Carl's", "carl")
    result = leaver.hand_over(company.actor("manager"), company.cast.anna, to=company.cast.bob, customers=[one, others])
    assert result.handed == 1
    assert [company.held(number)["owner"] for number in (one, two, others)] == [
        company.cast.bob, company.cast.anna, company.cast.carl,
    ]  # fmt: skip


def test_broken_off(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long handover that is cancelled keeps what it has done, and says so."""
    company.pool()
    for n in range(5):
        company.customer(f"C{n}")
    monkeypatch.setattr(leaver, "CHUNK", 2)
    result = leaver.hand_over(
        company.actor("manager"), company.cast.anna, to=company.cast.bob, step=lambda done, _total: done < 4
    )
    assert (result.stopped, result.handed) == (True, 4)
    assert len(leaver.holding(company.actor("manager"), company.cast.anna).customers) == 1


def test_who_may(company: Company) -> None:
    """Leaders and whoever runs the users; nobody for oneself; only what one may hand over; only to somebody active."""
    pool = company.pool()
    company.customer("Anna's")
    anna = company.cast.anna
    assert [leaver.may(company.actor(part), anna) for part in ("owner", "manager", "bob", "reader", "nobody")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not leaver.may(company.actor("anna"), anna)
    with pytest.raises(Forbidden):
        leaver.hand_over(company.actor("bob"), anna, to=company.cast.bob)
    manager = company.actor("manager")
    with pytest.raises(Invalid):
        leaver.hand_over(manager, anna)
    with pytest.raises(Invalid):
        leaver.hand_over(manager, anna, to=anna)
    with pytest.raises(Invalid):
        leaver.hand_over(manager, anna, pool=pool + 99)
    from smallcrm.areas.people.records import User

    change.update(SYSTEM, company.record(User, company.cast.carl), {"active": False}, trusted=True)
    with pytest.raises(Invalid):
        leaver.hand_over(manager, anna, to=company.cast.carl)


def test_its_page(company: Company, web: Web) -> None:
    """What is there, where it goes; the toast's undo; refused with the form as it was."""
    pool = company.pool()
    one, two = company.customer("One"), company.customer("Two")
    anna, bob = company.cast.anna, company.cast.bob
    browser = web.browser("manager")
    page = browser.get(f"/users/{anna}/leaver").get_data(as_text=True)
    assert "One" in page
    assert "Two" in page
    assert web.browser("bob").get(f"/users/{anna}/leaver").status_code in (403, 404)
    refused = browser.post(f"/users/{anna}/leaver", {"mode": "chosen", "to": bob})
    assert refused.status_code == 422
    assert "Nothing is selected." in refused.get_data(as_text=True)
    assert browser.post(f"/users/{anna}/leaver", {"mode": "user", "to": ""}).status_code == 422
    assert browser.post(f"/users/{anna}/leaver", {"mode": "chosen", "to": bob, "id": one}).status_code == 303
    assert (company.held(one)["owner"], company.held(two)["owner"]) == (bob, anna)
    assert browser.post(f"/users/{anna}/leaver", {"mode": "pool", "pool": pool, "to": ""}).status_code == 303
    assert company.held(two)["pool"] == pool
    said = browser.get("/pool").get_data(as_text=True)
    assert re.search(r"1 put into the pool\.", said)
    assert "Nothing to hand over" in browser.get(f"/users/{anna}/leaver").get_data(as_text=True)


def test_switching_off_hands_everything_over_in_the_same_act(company: Company, web: Web) -> None:
    """The page that switches a user off offers a colleague and the pools; one Undo takes both back."""
    company.pool()
    number, leaver_id = company.customer("Pennine Dairy"), company.cast.anna
    owner = web.browser("owner")
    page = owner.get(f"/users/{leaver_id}/switch-off")
    assert 'name="colleague_to"' in page.text
    assert 'name="pool_pool"' in page.text
    refused = owner.post(f"/users/{leaver_id}/switch-off", {"way": "colleague", "colleague_to": ""})
    assert refused.status_code == 422
    assert company.held(number)["owner"] == leaver_id
    owner.post(f"/users/{leaver_id}/switch-off", {"way": "colleague", "colleague_to": str(company.cast.bob)})
    assert company.held(number)["owner"] == company.cast.bob
    assert not store.value('SELECT active FROM "user" WHERE id = ?', [leaver_id])
    undo.undo(company.actor("owner"), int(store.value("SELECT max(id) FROM change_set")))
    assert company.held(number)["owner"] == leaver_id
    assert store.value('SELECT active FROM "user" WHERE id = ?', [leaver_id])


def test_very_much_goes_over_in_the_background_and_comes_back_with_one_undo(company: Company, web: Web) -> None:
    """Whoever is switched off is out at once; 700 records follow in the same change-set, and return with its Undo."""
    company.pool()
    anna, bob = company.cast.anna, company.cast.bob
    named = [{"name": f"C{n}", "owner": anna} for n in range(700)]
    with changesets.opened(SYSTEM, "import"):
        change.create_many(SYSTEM, Customer, named, trusted=True)

    def owned(user: int) -> int:
        return int(store.value("SELECT count(*) FROM customer WHERE owner = ?", [user]))

    def last_work() -> work.Work:
        return work.join(int(store.value("SELECT max(id) FROM work")), 60)

    owner, url = web.browser("owner"), f"/users/{anna}/switch-off"
    assert owner.post(url, {"way": "colleague", "colleague_to": ""}).status_code == 422
    assert store.value('SELECT active FROM "user" WHERE id = ?', [anna])
    assert owner.post(url, {"way": "colleague", "colleague_to": str(bob)}).status_code == 303
    assert not store.value('SELECT active FROM "user" WHERE id = ?', [anna])
    done = last_work()
    assert (done.state, done.done, done.total) == ("done", 700, 700)
    assert (owned(anna), owned(bob)) == (0, 700)
    assert owner.post(f"/changes/{done.changeset}/undo").status_code == 303
    assert last_work().state == "done"
    assert (owned(anna), owned(bob)) == (700, 0)
    assert store.value('SELECT active FROM "user" WHERE id = ?', [anna])


def test_a_switching_off_that_was_undone_hands_nothing_over_later(company: Company) -> None:
    actor = company.actor("owner")
    with changesets.opened(actor, "transfer", lasting=True) as mine:
        change.update(actor, company.record(Customer, company.customer("One")), {"name": "Two"})
    undo.undo(actor, mine.id)
    with pytest.raises(WrongState), changesets.continued(actor, mine.id):
        pass

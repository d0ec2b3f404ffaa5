"""Assigning, returning, moving, locking: who may, in which order it is refused, and who hears of it."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import assign, claim, lock, pools, release
from smallcrm.areas.pool.rules.checks import Refused
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, cache, change, settings
from tests.areas.pool.scene import START, Company, notices_of, on
from tests.areas.pool.test_claim import a_deal


def test_assigning_in_its_order(company: Company) -> None:
    """1 still there · 2 runs the pool · 3 the receiver's number · 7 lock and deal; neither day's limit nor any wait."""
    pool = company.pool(
        admins=[company.cast.manager], holding_limit=1, daily_claim_limit=1, new_record_cooldown_days=9,
        previous_owner_cooldown_days=9, refuse_won=True,
    )  # fmt: skip
    number = company.customer()
    release.release(company.actor("anna"), Customer, [number], reason="no need")
    manager, cast = company.actor("manager"), company.cast

    def code(part: str = "manager", receiver: int = cast.anna) -> str:
        try:
            assign.assign(company.actor(part), Customer, [number], owner=receiver)
        except (Refused, Forbidden) as error:
            return str(error.detail["reasons"][0]["code"])
        return "assigned"

    assert code("bob") == "not_admin"
    held = company.customer("Held", "bob")
    assert code(receiver=cast.bob) == "holding_limit"
    assert code(receiver=cast.reader) == "receiver"
    change.update(SYSTEM, company.record(Customer, number), {"locked": True}, trusted=True)
    assert code() == "locked"
    change.update(SYSTEM, company.record(Customer, number), {"locked": False}, trusted=True)
    with a_deal(number):
        assert code() == "won"
    assert code() == "assigned"
    assert code() == "taken"
    assert notices_of(cast.anna) == ["Max Manager gave you 1 record"]
    assert company.moves(number)[-1] == ("assign", None, pool, cast.anna, None)
    with pytest.raises(NotFound):
        assign.assign(company.actor("carl"), Customer, [number], owner=cast.carl)
    change.update(SYSTEM, company.record(User, cast.bob), {"active": False}, trusted=True)
    with pytest.raises(Invalid):
        assign.assign(manager, Customer, [number], owner=cast.bob)
    assert held


def test_assigning_several_is_all_or_none(company: Company) -> None:
    """One over the receiver's number: nothing moves, nobody hears; else one notice for all."""
    pool = company.pool(admins=[company.cast.manager], holding_limit=3)
    numbers = [company.lying(pool, f"C{n}") for n in range(4)]
    manager = company.actor("manager")
    with pytest.raises(Refused) as caught:
        assign.assign(manager, Customer, numbers, owner=company.cast.bob)
    assert len(caught.value.refusals) == 4
    assert notices_of(company.cast.bob) == []
    assign.assign(manager, Customer, numbers[:3], owner=company.cast.bob, reason="fair share")
    assert notices_of(company.cast.bob) == ["Max Manager gave you 3 records"]
    assert (
        store.value("SELECT reason FROM owner_history WHERE record = ? ORDER BY id DESC", [numbers[0]]) == "fair share"
    )


def test_returning(company: Company) -> None:
    """By the owner or who may hand it over; with a reason; not while it is locked; into the owner's pool, or the one named."""
    pool, other = company.pool(), company.pool("Other", ["carl"])
    number = company.customer()
    anna = company.actor("anna")
    with pytest.raises(Invalid):
        release.release(anna, Customer, [number], reason="  ")
    with pytest.raises(NotFound):
        release.release(company.actor("carl"), Customer, [number], reason="mine")
    with pytest.raises(Forbidden):
        release.release(company.actor("reader"), Customer, [number], reason="read it")
    with pytest.raises(Forbidden):
        release.release(replace(anna, read_only=True), Customer, [number], reason="no need")
    lock.lock(anna, company.record(Customer, number))
    with pytest.raises(Refused) as caught:
        release.release(company.actor("owner"), Customer, [number], reason="no need")
    assert caught.value.refusals[0].code == "locked"
    lock.unlock(anna, company.record(Customer, number))
    release.release(anna, Customer, [number], reason="预算推迟")
    held = company.held(number)
    assert (held["pool"], held["pool_reason"]) == (pool, "预算推迟")
    with pytest.raises(Refused) as caught:
        release.release(company.actor("owner"), Customer, [number], reason="again")
    assert caught.value.refusals[0].code == "in_pool"
    supplier = company.customer("Supplier", roles=["supplier"])
    with pytest.raises(Refused) as caught:
        release.release(anna, Customer, [supplier], reason="no need")
    assert caught.value.refusals[0].code == "no_customer"
    second = company.customer("Second", "manager")
    with pytest.raises(Invalid):  # two pools, and its owner belongs to neither
        release.release(company.actor("manager"), Customer, [second], reason="no need")
    release.release(company.actor("manager"), Customer, [second], reason="no need", pool=other)
    assert company.held(second)["pool"] == other
    with pytest.raises(Invalid):
        release.release(
            company.actor("manager"), Customer, [company.customer("Third", "manager")], reason="x", pool=999
        )
    third, mine = company.customer("Carl's", "carl"), company.customer("Mine")
    with pytest.raises(NotFound):
        release.release(anna, Customer, [mine, third], reason="both")
    assert company.held(mine)["owner"] == anna.id


def test_reasons_are_proposed(company: Company) -> None:
    """The ready ones, until somebody writes a list of their own."""
    assert "Budget put off" in release.reasons()
    settings.put(company.actor("owner"), {"pool.reasons": ["Moved away", "Closed down"]})
    assert release.reasons() == ["Moved away", "Closed down"]


def test_moving_between_pools(company: Company) -> None:
    """By who runs the pool it lies in, into one that takes it; the history says so."""
    pool, other = company.pool(admins=[company.cast.bob]), company.pool("Other", ["carl"])
    off = company.pool("Off", ["carl"], enabled=False)
    number = company.lying(pool)
    with pytest.raises(Forbidden):
        assign.move(company.actor("anna"), Customer, [number], pool=other)
    for wrong in (off, 999):
        with pytest.raises(Invalid):
            assign.move(company.actor("bob"), Customer, [number], pool=wrong)
    assign.move(company.actor("bob"), Customer, [number], pool=other)
    assert company.held(number)["pool"] == other
    assert company.moves(number)[-1] == ("move", None, pool, None, other)
    assert claim.claim(company.actor("carl"), Customer, [number])


def test_locking(company: Company) -> None:
    """By who may change it, so many per person, until a day; what lies in a pool by its admins; a lock ends with its day."""
    pool = company.pool(lock_limit=2, days_without_follow_up=5, admins=[company.cast.manager])
    anna = company.actor("anna")
    numbers = [company.customer(f"C{n}") for n in range(3)]
    lock.lock(anna, company.record(Customer, numbers[0]))
    lock.lock(anna, company.record(Customer, numbers[1]), until=dt.date(2026, 3, 4))
    lock.lock(anna, company.record(Customer, numbers[1]), until=dt.date(2026, 3, 5))  # no second lock
    with pytest.raises(Refused) as caught:
        lock.lock(anna, company.record(Customer, numbers[2]))
    assert caught.value.refusals[0].code == "lock_limit"
    with on(4):  # the day has gone by
        lock.lock(anna, company.record(Customer, numbers[2]))
        with pytest.raises(Invalid):
            lock.lock(anna, company.record(Customer, numbers[0]), until=dt.date(2026, 3, 5))
    with pytest.raises(Forbidden):
        lock.lock(company.actor("carl"), company.record(Customer, numbers[0]))
    with pytest.raises(Forbidden):
        lock.lock(company.actor("reader"), company.record(Customer, numbers[0]))
    lying = company.lying(pool)
    with pytest.raises(Forbidden):
        lock.lock(company.actor("bob"), company.record(Customer, lying))
    lock.lock(company.actor("manager"), company.record(Customer, lying), until=dt.date(2026, 3, 10))
    with pytest.raises(Refused):
        claim.claim(company.actor("bob"), Customer, [lying])
    with on(9, 0.2):
        claim.claim(company.actor("bob"), Customer, [lying])


def test_what_holds_for_a_pool(company: Company) -> None:
    """Not deleted or switched off while anything lies in it or as the last one; its admins change rules, not what it is."""
    pool, other = company.pool(admins=[company.cast.anna]), company.pool("Other", ["carl"])
    owner, anna = company.actor("owner"), company.actor("anna")
    number = company.lying(pool)

    def put(part: str, pool: int = pool, **values: object) -> None:
        who = company.actor(part)
        change.update(who, access.find(who, Pool, pool), values)

    for what in ({"enabled": False}, {"kind": "leads"}):
        with pytest.raises(Invalid):
            put("owner", **what)
    with pytest.raises(Invalid):
        change.delete(owner, access.find(owner, Pool, pool))
    assign.move(owner, Customer, [number], pool=other)
    put("owner", enabled=False)
    with pytest.raises(Invalid):
        put("owner", other, enabled=False)
    with pytest.raises(Invalid):
        change.delete(owner, access.find(owner, Pool, other))
    put("owner", enabled=True)
    put("anna", days_without_follow_up=12, members=[company.cast.bob], daily_claim_limit=3)
    for what in (
        {"name": "Mine"},
        {"admins": []},
        {"masked_fields": []},
        {"mode": "assign"},
        {"position": 7},
        {"enabled": False},
    ):
        with pytest.raises(Invalid):
            put("anna", **what)
    with pytest.raises(Forbidden):
        put("anna", other, days_without_follow_up=12)
    with pytest.raises(Forbidden):
        put("bob", days_without_follow_up=12)
    with pytest.raises(Forbidden):
        change.delete(anna, access.find(anna, Pool, pool))
    with pytest.raises(Forbidden):
        pools.make(anna, "Third")


def test_the_first_pool(company: Company) -> None:
    """What a new company starts with; a second call makes none."""
    made = pools.make_first()
    assert made is not None
    rules = pools.every()[int(made.id)]
    assert [rules.limit("follow_up", grade) for grade in ("A", "B", "C", None)] == [60, 30, 15, 30]
    assert (rules.number("remind_days_before"), rules.number("daily_claim_limit")) == (3, 10)
    assert (rules.number("previous_owner_cooldown_days"), rules.number("holding_limit")) == (7, 0)
    assert not rules.limit("deal", "A")
    assert rules.on("exempt_won")
    assert pools.make_first() is None


def test_twenty_want_the_same(company: Company) -> None:
    """Twenty threads of two people claim ten records: each record goes to one, everybody else is told who took it."""
    pool = company.pool()
    numbers = [company.lying(pool, f"C{n}") for n in range(10)]
    parts = [company.actor("anna"), company.actor("bob")]
    won: list[tuple[int, int]] = []
    told: list[str] = []
    start = threading.Barrier(20)

    def run(n: int) -> None:
        who = parts[n % 2]
        with clock.at(START):
            cache.current()
            start.wait()
            for number in numbers[n % 10 :] + numbers[: n % 10]:
                try:
                    claim.claim(who, Customer, [number])
                    won.append((number, who.id))
                except Refused as refused:
                    told.append(str(refused))
        store.close_thread()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in won) == numbers
    assert {(i, company.held(i)["owner"]) for i in numbers} == set(won)
    assert len(told) == 190
    assert set(told) <= {"Taken by Anna North.", "Taken by Bob North."}
    assert int(store.value("SELECT count(*) FROM owner_history WHERE kind = 'claim'")) == 10


def test_twenty_against_a_limit(company: Company) -> None:
    """One person on many devices at once gets no more than the day's number."""
    pool = company.pool(daily_claim_limit=3, holding_limit=5)
    numbers = [company.lying(pool, f"C{n}") for n in range(20)]
    anna = company.actor("anna")
    won: list[int] = []

    def run(number: int) -> None:
        with clock.at(START):
            cache.current()
            try:
                claim.claim(anna, Customer, [number])
                won.append(number)
            except Refused as refused:
                assert refused.refusals[0].code == "daily_limit"  # noqa: PT017
        store.close_thread()

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 3
    assert sum(company.held(i)["owner"] == anna.id for i in numbers) == 3

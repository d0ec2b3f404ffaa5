"""The nightly run: reminders first, what falls, what stays, who hears, cut off anywhere and run again; whole months of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import signal
import subprocess
import sys

import pytest

from smallcrm import store
from smallcrm.areas.activities.rules import digest
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.areas.pool.jobs import RECYCLE
from smallcrm.areas.pool.rules import claim, lock, pools, recycle, release
from smallcrm.areas.pool.rules.checks import Refused
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import registry, slots
from smallcrm.records import cache, change, changesets, settings, undo
from tests.areas.pool.scene import Company, day, notices_of, on


def night(company: Company, n: int) -> dict[str, object]:
    """The run in the first hour of a day."""
    with on(n, 0.5):
        return recycle.run()


def test_falls_in_when_today_is_later_than_the_last_day(company: Company) -> None:
    """Owner and lock gone, in the pool, with the reason, in the history, for its members to claim; one change-set, undoable."""
    pool = company.pool(days_without_follow_up=10)
    number, other = company.customer(), company.customer("Kept")
    contact = company.contact(number, owner=company.cast.anna)
    assert night(company, 10)["recycled"] == 0
    with on(9):
        company.follow_up(other)
    done = night(company, 11)
    assert (done["recycled"], done["pools"], done["kept"]) == (1, {"North pool": 1}, {})
    held = company.held(number)
    assert (held["owner"], held["pool"], held["previous_owner"]) == (None, pool, company.cast.anna)
    assert held["entered_pool_at"] == "2026-03-13T00:30:00.000Z"
    assert held["pool_reason"] == "no follow-up for 11 days"
    assert (held["recycle_on"], held["recycle_reason"], held["team"]) == (None, None, None)
    assert company.moves(number)[-1] == ("auto", company.cast.anna, None, None, pool)
    row = store.row(
        "SELECT cause, days, operator, reason FROM owner_history WHERE record = ? ORDER BY id DESC", [number]
    )
    assert row == ("follow_up", 11, 0, None)
    assert store.value("SELECT owner FROM contact WHERE id = ?", [contact]) is None
    assert company.held(other)["owner"] == company.cast.anna
    assert notices_of(company.cast.anna) == ["1 of yours fell into the pool"]
    info = changesets.info(int(str(done["changeset"])))
    assert info is not None
    assert (info.why, info.count, info.state) == ("recycle", 2, "done")
    with on(12):
        undo.undo(company.actor("owner"), info.id)
        assert (company.held(number)["owner"], company.due(number)) == (company.cast.anna, "2026-03-12")
        assert store.value("SELECT owner FROM contact WHERE id = ?", [contact]) == company.cast.anna


def test_run_again_it_does_nothing(company: Company) -> None:
    """The same night, the same result; nothing to do leaves no row behind."""
    company.pool(days_without_follow_up=10, remind_days_before=3)
    for n in range(4):
        company.customer(f"C{n}")
    assert not recycle.due_now(day(1))
    assert recycle.due_now(day(7, 0.5))
    first = night(company, 7)
    assert (first["reminded"], first["recycled"]) == (4, 0)
    again = night(company, 7)
    assert (again["reminded"], again["recycled"]) == (0, 0)
    assert night(company, 11)["recycled"] == 4
    again = night(company, 11)
    assert (again["reminded"], again["recycled"], again["changeset"]) == (0, 0, None)
    assert not recycle.due_now(day(12))


def test_nothing_falls_unannounced(company: Company) -> None:
    """Whoever was not reminded before keeps it that night, hears, and loses it the next; also where the NAS slept, or a rule changed."""
    pool = company.pool(days_without_follow_up=10, remind_days_before=3)
    number = company.customer()
    done = night(company, 40)
    assert (done["reminded"], done["recycled"], done["kept"]) == (1, 0, {"not reminded yet": 1})
    with on(40):
        company.follow_up(number)
    assert night(company, 41)["recycled"] == 0
    assert company.due(number) == "2026-04-21"
    with on(41):
        company.set(pool, days_without_follow_up=1)
        assert company.due(number) == "2026-04-12"
    done = night(company, 42)  # another last day than anybody was told of
    assert (done["reminded"], done["recycled"]) == (1, 0)
    assert night(company, 43)["recycled"] == 1


def test_reminders(company: Company) -> None:
    """At k days, one day and on the last: one digest per owner and day, the manager's copy on the last, no more after a call."""
    company.pool(days_without_follow_up=10, remind_days_before=4)
    first, second, bobs = company.customer("First"), company.customer("Second"), company.customer("Bob's", "bob")
    anna, bob, manager = company.cast.anna, company.cast.bob, company.cast.manager
    for n in range(7):
        night(company, n if n < 6 else 6)
        if n == 5:
            assert notices_of(anna) == []
    assert notices_of(anna) == ["2 of yours are about to fall into the pool"]
    assert notices_of(bob) == ["1 of yours is about to fall into the pool"]
    with on(6):
        company.follow_up(second)
    night(company, 7)
    night(company, 8)
    assert len(notices_of(anna)) == 1
    night(company, 9)
    assert notices_of(anna)[1:] == ["1 of yours is about to fall into the pool"]
    assert notices_of(manager) == []
    night(company, 10)
    assert len(notices_of(anna)) == 3
    assert notices_of(manager) == ["2 of your team's fall into the pool tonight"]
    body = store.value("SELECT body FROM notice WHERE user = ? ORDER BY id DESC LIMIT 1", [manager])
    assert sorted(body.split("\n")) == ["Bob's: Bob North", "First: Anna North"]
    with on(10):
        company.follow_up(bobs, "bob")
    assert night(company, 11)["recycled"] == 1
    assert (company.held(first)["owner"], company.held(bobs)["owner"]) == (None, bob)


@pytest.mark.parametrize("days", [1, 2])
def test_reminders_that_begin_late(company: Company, days: int) -> None:
    """Reminding one or two days before: no stage comes twice."""
    company.pool(days_without_follow_up=10, remind_days_before=days)
    company.customer()
    heard = [night(company, n)["reminded"] for n in range(8, 13)]
    assert heard == ([0, 1, 1, 0, 0] if days == 1 else [1, 1, 1, 0, 0])


def test_what_stays(company: Company) -> None:
    """Locked, young, with a manager to go to, in a pool that is off; a lock that runs out is taken off."""
    pool = company.pool(days_without_follow_up=10, inactive_owner="manager")
    locked, until = company.customer("Locked"), company.customer("Until")
    lock.lock(SYSTEM, company.record(Customer, locked))
    lock.lock(SYSTEM, company.record(Customer, until), until=dt.date(2026, 3, 20))
    assert company.due(until) == "2026-03-20"
    for n in (15, 18):
        assert night(company, n)["recycled"] == 0
    done = night(company, 19)
    assert (done["recycled"], done["unlocked"]) == (1, 1)
    assert company.held(locked)["owner"] == company.cast.anna
    with on(30, 0.2):
        young, bobs = (
            company.customer("Young", "bob"),
            company.customer("Older", "bob", created_at="2026-01-01T00:00:00.000Z"),
        )
        change.update(SYSTEM, company.record(User, company.cast.bob), {"active": False}, trusted=True)
    done = night(company, 30)
    assert (done["to_managers"], done["kept"]) == (1, {"new": 1})
    assert company.held(bobs)["owner"] == company.cast.manager
    assert notices_of(company.cast.manager) == ["1 record came to you: its owner was switched off"]
    assert night(company, 31)["to_managers"] == 1
    assert company.held(young)["owner"] == company.cast.manager
    assert pool


def test_a_switched_off_owner_s_go_at_once(company: Company) -> None:
    """Into the pool in the same night, without a reminder, with a deal or not; or they stay, where the pool says so."""
    pool = company.pool(days_without_follow_up=30, remind_days_before=3)
    number = company.customer()
    with on(3):
        change.update(SYSTEM, company.record(User, company.cast.anna), {"active": False}, trusted=True)
    done = night(company, 4)
    assert done["recycled"] == 1
    assert company.held(number)["pool"] == pool
    assert company.held(number)["pool_reason"] == "owner no longer here"
    company.set(pool, inactive_owner="stay")
    second = company.customer("Second")
    assert night(company, 5)["recycled"] == 0
    assert company.due(second) == "2026-04-01"


def test_the_job_travels(company: Company) -> None:
    """``run_now`` at a moment: everything it reads, decides and writes is of that moment; no slot is claimed."""
    company.pool(days_without_follow_up=10)
    number = company.customer()
    registry.register(RECYCLE)
    try:
        done = slots.run_now("pool-recycle", day(200, 12))
    finally:
        registry.forget("pool-recycle")
    assert done["recycled"] == 1
    assert company.held(number)["entered_pool_at"] == "2026-09-18T12:00:00.000Z"
    assert store.value("SELECT count(*) FROM job_slot") == 0
    assert str(RECYCLE.timing()) == "daily 00:30"


def test_each_day_has_one_night_in_any_zone(company: Company) -> None:
    """In Athens, over the night in which the clocks change: days are counted by the calendar there."""
    settings.put(SYSTEM, {"company.timezone": "Europe/Athens"})
    company.pool(days_without_follow_up=10)
    with clock.at(dt.datetime(2026, 3, 24, 22, 30, tzinfo=dt.UTC)):  # 25 March, 00:30 there
        number = company.customer()
        assert company.due(number) == "2026-04-04"
    for moment, fallen in (
        (dt.datetime(2026, 4, 3, 21, 30, tzinfo=dt.UTC), 0),
        (dt.datetime(2026, 4, 4, 21, 30, tzinfo=dt.UTC), 1),
    ):
        with clock.at(moment):
            assert recycle.run()["recycled"] == fallen


def test_cut_off_in_the_middle_and_run_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fell stays fallen, the rest falls the next time, nobody hears twice; the set says that it was broken off."""
    company.pool(days_without_follow_up=10)
    numbers = [company.customer(f"C{n}") for n in range(7)]
    monkeypatch.setattr(recycle, "CHUNK", 3)
    real, calls = recycle._chunk, []

    def breaking(ids: list[int], result: recycle.Result) -> None:
        calls.append(ids)
        if len(calls) == 2:
            real(ids, result)
            raise KeyboardInterrupt
        real(ids, result)

    monkeypatch.setattr(recycle, "_chunk", breaking)
    with pytest.raises(KeyboardInterrupt):
        night(company, 11)
    assert sum(company.held(n)["owner"] is None for n in numbers) == 3
    assert store.rows("SELECT state FROM change_set WHERE why = 'recycle'") == [("stopped",)]
    done = night(company, 11)
    assert done["recycled"] == 4
    assert all(company.held(n)["pool"] for n in numbers)
    assert len(set(store.rows("SELECT record FROM owner_history WHERE kind = 'auto'"))) == 7


def test_two_months_of_nights(company: Company) -> None:
    """Three pools, people who call, claim, return and leave: each night nothing overdue stays that was announced, nothing
    falls that was not, owner and pool never stand together, and the history tells an unbroken story."""
    chance = random.Random(7)
    company.pool(
        "North", ["anna", "bob"], days_without_follow_up=9, days_by_grade={"A": 20, "C": 5}, remind_days_before=2
    )
    company.pool("South", ["carl"], days_without_follow_up=7, holding_limit=6)
    company.pool("Everybody else", [], position=50, days_without_follow_up=4, daily_claim_limit=1)
    company.set(1, protection_days=6)
    numbers = [
        company.customer(
            f"C{n}", chance.choice(["anna", "bob", "carl", "manager"]), grade=chance.choice(["A", "B", "C", None])
        )
        for n in range(24)
    ]
    for n in range(1, 62):
        due = {i: company.due(i) for i in numbers}
        told = {r for (r,) in store.rows("SELECT record FROM pool_reminder WHERE day < ?", [day(n).date().isoformat()])}
        before = {i: company.held(i) for i in numbers}
        night(company, n)
        for i in numbers:
            after = company.held(i)
            assert not (after["owner"] and after["pool"])
            last = due[i]
            overdue = bool(last and last < day(n).date().isoformat() and before[i]["owner"])
            fell = bool(before[i]["owner"] and after["pool"])
            reminds = bool(before[i]["owner"]) and pools.pool_for(before[i]["owner"]).number("remind_days_before")  # type: ignore[union-attr]
            assert fell == (overdue and (not reminds or i in told)), (n, i, last)
        with on(n, 10):
            _a_day(company, chance, numbers)
    for i in numbers:
        moves = store.rows(
            "SELECT from_owner, from_pool, to_owner, to_pool, obtained_at, ended_at FROM owner_history WHERE record = ? ORDER BY id", [i]
        )  # fmt: skip
        for (_, _, owner, pool, _, ended), (from_owner, from_pool, _, _, obtained, _) in itertools.pairwise(moves):
            assert (owner, pool, ended) == (from_owner, from_pool, obtained)
        held = company.held(i)
        assert (moves[-1][2], moves[-1][3], moves[-1][5]) == (held["owner"], held["pool"], None)
    assert int(store.value("SELECT count(*) FROM owner_history WHERE kind = 'claim'")) > 5
    assert int(store.value("SELECT count(*) FROM owner_history WHERE kind = 'auto'")) > 20


def _a_day(company: Company, chance: random.Random, numbers: list[int]) -> None:
    for part in ("anna", "bob", "carl"):
        who = company.actor(part)
        mine = [i for i in numbers if company.held(i)["owner"] == who.id]
        if mine and chance.random() < 0.5:
            company.follow_up(chance.choice(mine), part)
        if mine and chance.random() < 0.08:
            release.release(who, Customer, [chance.choice(mine)], reason="no need")
        lying = [i for i in numbers if company.held(i)["pool"]]
        if lying and chance.random() < 0.6:
            with contextlib.suppress(Refused, NotFound):
                claim.claim(who, Customer, [chance.choice(lying)])


KILLED = """
import os, signal, sys
from pathlib import Path
import smallcrm.app
from smallcrm import store
from smallcrm.areas.pool.rules import recycle
from smallcrm.base import clock
from smallcrm.records import cache, settings

store.open_folder(Path(sys.argv[1]))
cache.forget()
settings.apply()
recycle.CHUNK = 3
real, calls = recycle._chunk, []

def dying(ids, result):
    calls.append(ids)
    real(ids, result)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

recycle._chunk = dying
with clock.at(clock.moment(sys.argv[2])):
    recycle.run()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills no process so")
def test_killed_in_the_middle_and_run_again(company: Company) -> None:
    """Killed inside its second transaction: the first holds, the second never was, the rest falls the next time, once each."""
    company.pool(days_without_follow_up=10)
    numbers = [company.customer(f"C{n}") for n in range(8)]
    folder = store.folder()
    store.close()
    moment = clock.iso(day(11, 0.5))
    died = subprocess.run([sys.executable, "-c", KILLED, str(folder), moment], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    store.open_folder(folder)
    cache.forget()
    settings.apply()
    assert sum(company.held(n)["owner"] is None for n in numbers) == 3
    assert int(store.value("SELECT count(*) FROM owner_history WHERE kind = 'auto'")) == 3
    assert night(company, 11)["recycled"] == 5
    assert night(company, 11)["recycled"] == 0
    assert all(company.held(n)["pool"] for n in numbers)
    sql = "SELECT record, count(*) FROM owner_history WHERE kind = 'auto' GROUP BY record"
    assert dict(store.rows(sql)) == dict.fromkeys(numbers, 1)
    states = [state for (state,) in store.rows("SELECT state FROM change_set WHERE why = 'recycle' ORDER BY id")]
    assert states == ["stopped", "done"]


def test_the_morning_digest_tells_of_it_too(company: Company) -> None:
    company.pool(days_without_follow_up=10, remind_days_before=3)
    number = company.customer("Pennine Dairy")
    company.customer("Bob's", "bob")
    with on(0):
        assert not [s for s in digest.sections(company.actor("anna")) if s.title == "Back to the pool soon"]
    with on(8):
        found = [s for s in digest.sections(company.actor("anna")) if s.title == "Back to the pool soon"]
    assert [item.link for section in found for item in section.items] == [f"/customers/{number}"]

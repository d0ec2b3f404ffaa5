"""What a rule would do before it is saved: as many as really fall the next night, whose, why, and how many more than today."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import lock, preview, recycle
from smallcrm.areas.pool.rules.preview import Preview
from smallcrm.base import clock
from smallcrm.records.record import values
from tests.areas.pool.scene import Company, day, on


def look(company: Company, pool: int, **changes: Any) -> Preview:
    """The preview of a pool with some of its columns changed, which are not saved."""
    return preview.preview({**values(company.record(Pool, pool)), **changes})


def test_a_stricter_rule(company: Company) -> None:
    """How many, whose, how long, how many of them are new, and who is kept by what; nothing is changed by looking."""
    pool = company.pool(days_without_follow_up=30)
    old, young, tagged = company.customer("Old"), company.customer("Young", "bob"), company.customer("T", tags=["VIP"])
    locked = company.customer("Locked")
    lock.lock(company.actor("anna"), company.record(Customer, locked))
    company.customer("Out of reach", "carl")
    company.customer("Supplier", roles=["supplier"])
    with on(20):
        company.follow_up(young, by="bob")
    with on(31):
        found = look(company, pool, exempt_tags=["VIP"])
        assert [(each.id, each.new, each.days) for each in found.falling] == [(old, False, 31)]
        assert found.kept == {"tag": 1, "locked": 1}
        assert (found.more, found.saved) == (0, 1)  # by today's rule, without the tag, T falls
        found = look(company, pool, days_without_follow_up=10)
        assert {each.id for each in found.falling} == {old, young, tagged}
        assert found.by_owner() == [(company.cast.anna, 2), (company.cast.bob, 1)]
        assert [each.id for each in found.falling if each.new] == [young]
        assert (found.more, found.kept) == (1, {"locked": 1})
        assert [each.id for each in preview.within_reach(company.actor("anna"), found.falling)] == [old, tagged]
        off = look(company, pool, days_without_follow_up=None)
        assert (off.n, off.saved) == (0, 2)
        gone = look(company, pool, enabled=False)
        assert (gone.n, gone.saved) == (0, 2)
        assert company.held(old)["owner"] == company.cast.anna


def test_members_and_order(company: Company) -> None:
    """Whom a pool would take over from another one, and whom it would leave to it."""
    first = company.pool("First", ["anna"], days_without_follow_up=100, position=1)
    second = company.pool("Second", ["anna", "bob"], days_without_follow_up=10, position=2)
    of_anna, of_bob = company.customer("A"), company.customer("B", "bob")
    with on(20):
        assert [each.id for each in look(company, second).falling] == [of_bob]
        assert {each.id for each in look(company, second, position=0).falling} == {of_anna, of_bob}
        found = look(company, first, days_without_follow_up=10, members=[f"user/{company.cast.bob}"])
        assert [(each.id, each.new) for each in found.falling] == [(of_bob, False)]


def test_the_next_run(company: Company) -> None:
    """Before half past midnight it is still today's."""
    assert preview.next_run() == day(1).date()
    for moment, expected in ((day(3, 0.25), 3), (day(3, 0.5), 4), (day(3, 23.9), 4)):
        with clock.at(moment):
            assert preview.next_run() == day(expected).date()


def test_what_it_says_is_what_falls(company: Company) -> None:
    """Over many made-up companies: saved and run the next night, exactly the previewed ones fall, for the reasons said."""
    chance = random.Random(7)
    pool = company.pool(days_without_follow_up=90)
    for round_ in range(12):
        start = round_ * 100
        with on(start):
            company.set(pool, days_without_follow_up=90, days_by_grade=None, longest_days=None, exempt_tags=None)
            for n in range(12):
                company.customer(
                    f"C{round_}-{n}", chance.choice(("anna", "bob", "carl")), grade=chance.choice(("A", "B", "C", None)),
                    tags=chance.choice(([], ["vip"])),
                )  # fmt: skip
        rule = {
            "days_without_follow_up": chance.choice((None, 5, 20, 40)),
            "days_by_grade": chance.choice((None, {"A": 0, "C": 3}, {"B": 25})),
            "longest_days": chance.choice((None, 60)),
            "exempt_tags": chance.choice((None, ["VIP"])),
        }
        with on(start + chance.randrange(1, 70)):
            found = look(company, pool, **rule)
            company.set(pool, **rule)
            tonight = preview.next_run()
        with clock.at(dt.datetime.combine(tonight, dt.time(0, 30), dt.UTC)):
            done = recycle.run()
        young = int(done["kept"].get("new", 0))
        assert int(done["recycled"]) + young == found.n, rule
        fallen = {each.id: each.why for each in found.falling if company.held(each.id)["pool"] == pool}
        assert len(fallen) == found.n - young
        for number, why in fallen.items():
            sql = "SELECT cause FROM owner_history WHERE record = ? ORDER BY id DESC LIMIT 1"
            assert store.value(sql, [number]) == why

"""Claiming: every check in its order with its reason, and what a claim brings about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.people.records import User
from smallcrm.areas.pool.rules import checks, claim, release
from smallcrm.areas.pool.rules.checks import Refused
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, questions, rows, undo
from tests.areas.pool.scene import Company, day, notices_of, on


def refusal(company: Company, part: str, *ids: int) -> checks.Refusal:
    """Why a claim is refused."""
    with pytest.raises(Refused) as caught:
        claim.claim(company.actor(part), Customer, ids)
    return caught.value.refusals[0]


def test_a_claim_makes_it_ones_own(company: Company) -> None:
    """Owner, since when, out of the pool; its contacts come along; the history says so; nothing else changes."""
    pool = company.pool()
    customer = company.lying(pool, pool_reason="budget put off")
    ownerless = company.contact(customer, owner=None)
    kept = company.contact(customer, "Cora", owner=company.cast.carl)
    with on(3):
        (record,) = claim.claim(company.actor("anna"), Customer, [customer])
        assert record.owner == company.cast.anna
    held = company.held(customer)
    assert (held["pool"], held["entered_pool_at"], held["pool_reason"]) == (None, None, None)
    assert held["owned_since"].startswith("2026-03-05T09:00")
    assert held["team"] == company.cast.north
    assert rows.load(Contact, [ownerless])[ownerless]["owner"] == company.cast.anna
    assert rows.load(Contact, [kept])[kept]["owner"] == company.cast.carl
    anna = company.cast.anna
    assert company.moves(customer) == [("new", None, None, None, pool), ("claim", None, pool, anna, None)]


def test_undo_puts_it_back(company: Company) -> None:
    """An undone claim: in the pool as before, contacts too; but it still counts among the day's claims."""
    pool = company.pool(daily_claim_limit=1)
    first, second = company.lying(pool), company.lying(pool, "Second")
    contact = company.contact(first, owner=None)
    before = company.held(first)
    anna = company.actor("anna")
    with changesets.opened(anna, "claim") as mine:
        claim.claim(anna, Customer, [first])
    assert undo.undo(anna, mine.id).kept == []
    after = company.held(first)
    same = {k: v for k, v in after.items() if k not in ("version", "updated_at")}
    assert same == {k: v for k, v in before.items() if k not in ("version", "updated_at")}
    assert rows.load(Contact, [contact])[contact]["owner"] is None
    assert company.moves(first)[-1] == ("undo", company.cast.anna, None, None, pool)
    assert refusal(company, "anna", second).code == "daily_limit"


class Case:
    """A record that every check would refuse; each is put right in turn."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.pool = company.pool(
            members=["bob"], holding_limit=1, daily_claim_limit=1, new_record_cooldown_days=5,
            previous_owner_cooldown_days=7, refuse_won=True,
        )  # fmt: skip
        self.customer = company.customer("Wanted", "anna")
        release.release(company.actor("anna"), Customer, [self.customer], reason="no need", pool=self.pool)
        other = company.lying(self.pool, "Other")
        company.set(self.pool, members=[company.cast.anna], new_record_cooldown_days=None)
        claim.claim(company.actor("anna"), Customer, [other])  # her one for today, and all she may hold
        company.set(self.pool, members=[company.cast.bob], new_record_cooldown_days=5)
        change.update(SYSTEM, company.record(Customer, self.customer), {"owner": company.cast.carl}, trusted=True)

    def code(self) -> str:
        try:
            claim.claim(self.company.actor("anna"), Customer, [self.customer])
        except (Refused, Forbidden) as error:
            return str(error.detail["reasons"][0]["code"])
        return "claimed"


def test_the_order_of_the_checks(company: Company) -> None:
    """1 taken · 2 member · 3 holds too many · 4 claimed too many · 5 came lately · 6 was one's own · 7 locked, with a deal."""
    case = Case(company)
    with pytest.raises(NotFound):  # neither hers nor in a pool of hers: she cannot know of it
        case.code()
    company.set(case.pool, members=[company.cast.anna])
    assert case.code() == "taken"
    back = {"owner": None, "pool": case.pool, "entered_pool_at": company.held(case.customer)["updated_at"]}
    change.update(SYSTEM, company.record(Customer, case.customer), back, trusted=True)
    change.update(
        SYSTEM,
        company.record(Customer, case.customer),
        {"locked": True, "previous_owner": company.cast.anna},
        trusted=True,
    )
    company.set(case.pool, mode="assign")
    with pytest.raises(NotFound):
        case.code()
    company.set(case.pool, mode="claim", members=[company.cast.bob])
    see_all = company.record(User, company.cast.anna)
    change.update(SYSTEM, see_all, {"role": _seeing_role()}, trusted=True)
    assert case.code() == "not_member"
    company.set(case.pool, mode="assign", members=[company.cast.anna])
    assert case.code() == "assign_only"
    company.set(case.pool, mode="claim")
    assert case.code() == "holding_limit"
    company.set(case.pool, holding_limit=0)
    assert case.code() == "daily_limit"
    company.set(case.pool, daily_claim_limit=None)
    assert case.code() == "new_record"
    company.set(case.pool, new_record_cooldown_days=0)
    assert case.code() == "previous_owner"
    company.set(case.pool, previous_owner_cooldown_days=0)
    assert case.code() == "locked"
    change.update(SYSTEM, company.record(Customer, case.customer), {"locked": False}, trusted=True)
    with a_deal(case.customer):
        assert case.code() == "won"
    assert case.code() == "claimed"


def _seeing_role() -> int:
    """A role that sees every customer and may change its own."""
    from smallcrm.areas.people.records import Role

    grants = [{"type": "*", "view": "all", "create": "own", "edit": "own", "assign": "own"}]
    return int(change.create(SYSTEM, Role, {"name": "Sees all", "grants": grants}, trusted=True).id)


class a_deal:
    """A later area says that these have a deal, for as long as the block lasts."""

    def __init__(self, *ids: int, since: str = "2026-01-01T00:00:00.000Z") -> None:
        self.answer = lambda wanted: dict.fromkeys(set(ids) & set(wanted), since)

    def __enter__(self) -> None:
        questions._answers.setdefault((questions.DEAL, "customer"), []).append(self.answer)

    def __exit__(self, *_: Any) -> None:
        questions._answers[questions.DEAL, "customer"].remove(self.answer)


def test_what_is_refused_says_from_when_it_is_free(company: Company) -> None:
    """Dates are business days, counted from the day it came in or was lost."""
    pool = company.pool(new_record_cooldown_days=2, previous_owner_cooldown_days=7)
    customer = company.customer(owner="anna")
    with on(0, 23.5):
        release.release(company.actor("anna"), Customer, [customer], reason="no need")
        for part in ("anna", "bob"):
            found = refusal(company, part, customer)
            assert (found.code, found.free_on) == ("new_record", dt.date(2026, 3, 4))
    with on(2, 0.1):
        found = refusal(company, "anna", customer)
        assert (found.code, found.free_on) == ("previous_owner", dt.date(2026, 3, 9))
        assert str(found.text) == "It was yours; free from 9 Mar."
        assert found.data() == {
            "code": "previous_owner",
            "text": "It was yours; free from 9 Mar.",
            "id": customer,
            "free_on": "2026-03-09",
        }
    with on(6, 23.9):
        assert refusal(company, "anna", customer).code == "previous_owner"
    with on(7, 0.1):
        assert claim.claim(company.actor("anna"), Customer, [customer])
    assert pool


def test_returning_gives_no_claim_back(company: Company) -> None:
    """The day's limit counts claims, not what one still has of them; another day, another pool, an assignment do not."""
    pool = company.pool(daily_claim_limit=2)
    other = company.pool("Other", daily_claim_limit=2)
    ids = [company.lying(pool, f"C{n}") for n in range(4)]
    anna = company.actor("anna")
    for number in ids[:2]:
        claim.claim(anna, Customer, [number])
        release.release(anna, Customer, [number], reason="no need")
    found = refusal(company, "anna", ids[2])
    assert (found.code, found.free_on) == ("daily_limit", dt.date(2026, 3, 3))
    claim.claim(anna, Customer, [company.lying(other, "Elsewhere")])
    claim.claim(company.actor("bob"), Customer, [ids[3]])
    with on(1, 0):
        claim.claim(anna, Customer, [ids[2]])


def test_only_the_last_owner_waits_or_every_one(company: Company) -> None:
    """By the rule: an owner before the last one may claim at once, or waits as well, from when it was lost."""
    pool = company.pool(previous_owner_cooldown_days=10)
    customer = company.customer(owner="anna")
    release.release(company.actor("anna"), Customer, [customer], reason="no need")
    with on(2):
        claim.claim(company.actor("bob"), Customer, [customer])
        release.release(company.actor("bob"), Customer, [customer], reason="not mine")
    with on(4):
        assert refusal(company, "bob", customer).free_on == dt.date(2026, 3, 14)
        company.set(pool, previous_owner_rule="all")
        assert refusal(company, "anna", customer).free_on == dt.date(2026, 3, 12)
        company.set(pool, previous_owner_rule="last")
        assert claim.claim(company.actor("anna"), Customer, [customer])


def test_all_or_none(company: Company) -> None:
    """A batch over a limit, or with one that cannot be had, changes nothing and names each."""
    pool = company.pool(holding_limit=3)
    ids = [company.lying(pool, f"C{n}") for n in range(4)]
    anna = company.actor("anna")
    assert refusal(company, "anna", *ids).code == "holding_limit"
    change.update(
        SYSTEM, company.record(Customer, ids[1]), {"locked": True, "locked_until": "2026-03-20"}, trusted=True
    )
    with pytest.raises(Refused) as caught:
        claim.claim(anna, Customer, ids[:3])
    assert [(r.record, r.code, r.free_on) for r in caught.value.refusals] == [(ids[1], "locked", dt.date(2026, 3, 21))]
    assert all(company.held(i)["pool"] == pool for i in ids)
    claim.claim(anna, Customer, [ids[0], ids[2], ids[3]])
    assert [company.held(i)["owner"] for i in ids] == [anna.id, None, anna.id, anna.id]
    with pytest.raises(Invalid):
        claim.claim(anna, Customer, [])
    with pytest.raises(Invalid):
        claim.claim(anna, Customer, range(1, 2000))


def test_what_does_not_count_towards_the_limit(company: Company) -> None:
    """Those with a deal, or with a tag, where the pool says so; suppliers never."""
    pool = company.pool(holding_limit=1)
    won, tagged = company.customer("Won"), company.customer("Tagged", tags=["Strategic"])
    company.customer("Supplier", roles=["supplier"])
    wanted = company.lying(pool)
    with a_deal(won):
        assert checks.holds(company.cast.anna, _rules(pool), Customer) == 2
        company.set(pool, holding_without_won=True)
        assert checks.holds(company.cast.anna, _rules(pool), Customer) == 1
        assert refusal(company, "anna", wanted).code == "holding_limit"
        company.set(pool, holding_without_tags=["strategic"])
        assert checks.holds(company.cast.anna, _rules(pool), Customer) == 0
        assert claim.claim(company.actor("anna"), Customer, [wanted])
    assert tagged


def _rules(pool: int) -> Any:
    from smallcrm.areas.pool.rules import pools

    return pools.every()[pool]


def test_admins_are_held_to_neither_day_nor_wait(company: Company) -> None:
    """But to the number of records, and a lock."""
    pool = company.pool(
        members=["bob"], admins=[company.cast.anna], daily_claim_limit=1, new_record_cooldown_days=9,
        previous_owner_cooldown_days=9, holding_limit=2,
    )  # fmt: skip
    customer = company.customer(owner="anna")
    release.release(company.actor("anna"), Customer, [customer], reason="no need", pool=pool)
    anna = company.actor("anna")
    claim.claim(anna, Customer, [customer])
    claim.claim(anna, Customer, [company.lying(pool)])
    assert refusal(company, "anna", company.lying(pool, "Third")).code == "holding_limit"


def test_who_may_not_hold_claims_nothing(company: Company) -> None:
    """A role that changes no customers, a token that only reads, somebody who belongs to nothing."""
    pool = company.pool(members=[])  # everybody
    customer = company.lying(pool)
    with pytest.raises(Forbidden):
        claim.claim(company.actor("reader"), Customer, [customer])
    with pytest.raises(NotFound):
        claim.claim(company.actor("nobody"), Customer, [customer])
    from dataclasses import replace

    with pytest.raises(Forbidden):
        claim.claim(replace(company.actor("anna"), read_only=True), Customer, [customer])
    assert company.held(customer)["pool"] == pool
    assert notices_of(company.cast.anna) == []
    assert day(0)

"""The pool's stories: what fell in, what was returned and why, what somebody else took up, what was thrown away."""

from __future__ import annotations

import datetime as dt
import random

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.demo.chronicle import BIN, CHANGE, CLAIM, FALL, RETURN, Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Planned
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.histories import write_done
from smallcrm.areas.pool.rules import words as pool_words
from smallcrm.base import clock
from smallcrm.base.i18n import speaking


def tell(planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    """One customer's moves. Told before its history, which follows whose it was."""
    age = (days.now - planned.made).days
    is_customer = "customer" in planned.values["roles"]
    if planned.mood == "pooled" and is_customer:
        if rng.random() < 0.3:
            _returned(planned, company, rng, chronicle, days, ago=rng.randint(0, min(45, max(0, planned.last - 2))))
        else:
            _fell(planned, company, rng, chronicle, days, last=planned.last)
    elif planned.mood == "lost":
        if age > 160 and rng.random() < 0.3:
            chronicle.done(days.ago(rng, rng.randint(0, 25)), planned.seller, Customer, planned.id, BIN)
        elif is_customer:
            _fell(planned, company, rng, chronicle, days, last=planned.last)
    elif planned.mood in ("steady", "growing") and age > 420 and is_customer and rng.random() < 0.22:
        _taken_up(planned, company, rng, chronicle, days, age)
    elif planned.mood == "steady" and age > 200 and rng.random() < 0.08:
        _handed_over(planned, company, rng, chronicle, days, age)


def _fell(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, last: int
) -> None:
    """By the rule, in the night after its last day."""
    limit = company.limit(planned.seller, planned.grade)
    night = days.today - dt.timedelta(days=max(0, last - limit - 1))
    at = min(clock.at_local(night, dt.time(0, 30)), days.now)
    missed = (night - days.ago(rng, last).date()).days
    with speaking(company.words.language):
        reason = pool_words.cause("follow_up", missed)
    values = {
        "owner": None,
        "pool": company.pool_of(planned.seller),
        "pool_reason": reason,
        "entered_pool_at": clock.iso(at),
    }
    chronicle.done(at, 0, Customer, planned.id, FALL, values, days=missed)


def _returned(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, ago: int
) -> None:
    """By its owner, who says why."""
    reason, at = rng.choice(company.words.reasons), days.ago(rng, ago)
    values = {
        "owner": None,
        "pool": company.pool_of(planned.seller),
        "pool_reason": reason,
        "entered_pool_at": clock.iso(at),
    }
    chronicle.done(at, planned.seller, Customer, planned.id, RETURN, values, note=reason)


def _taken_up(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, age: int
) -> None:
    """A colleague let it go long ago; who has it now took it up and called the same day."""
    others = [each for each in company.sellers if each != planned.seller]
    if planned.seller not in company.sellers:
        return
    claimed = rng.randint(max(planned.last + 2, 20), max(planned.last + 3, age - 260))
    waited = rng.randint(3, 40)
    seller, planned.seller = planned.seller, rng.choice(others)
    if rng.random() < 0.5:
        _returned(planned, company, rng, chronicle, days, ago=claimed + waited)
    else:
        limit = company.limit(planned.seller, planned.grade)
        _fell(planned, company, rng, chronicle, days, last=claimed + waited + limit + 1)
    planned.first, planned.seller = planned.seller, seller
    planned.taken = at = days.ago(rng, claimed)
    chronicle.done(at, seller, Customer, planned.id, CLAIM, {"owner": seller, "owned_since": clock.iso(at)})
    soon = min(at + dt.timedelta(minutes=rng.randint(20, 300)), days.now)
    write_done(planned, company, rng, chronicle, days, kind="call", at=soon, who=seller)


def _handed_over(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, age: int
) -> None:
    """A colleague's until the manager moved it."""
    others = [each for each in company.sellers if each != planned.seller]
    planned.first, planned.taken = rng.choice(others), days.ago(rng, rng.randint(10, age - 65))
    values = {"owner": planned.seller, "owned_since": clock.iso(planned.taken)}
    chronicle.done(planned.taken, company.users["manager"], Customer, planned.id, CHANGE, values)

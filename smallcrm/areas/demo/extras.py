"""What makes the company look used: saved lists, a morning's notices, customers the manager gave out yesterday."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import Days
from smallcrm.areas.pool.rules import reminders
from smallcrm.areas.pool.rules.assign import assign
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import Actor, actor_of
from smallcrm.records import views


def tell(company: Company, rng: random.Random, days: Days) -> None:
    """After everything else has been written."""
    _views(company)
    _given_out(company, rng, days)
    with clock.at(min(clock.at_local(days.today, dt.time(0, 30)), days.now)):
        reminders.send()


def _views(company: Company) -> None:
    names, words = company.words.views, company.words
    owner, manager, first = (_actor(company, part) for part in ("owner", "manager", "sales1"))
    big = {"all": [{"field": "grade", "op": "in", "value": ["A", "B"]}]}
    wanted: list[tuple[Actor, Any, str, str, Any, str]] = [
        (owner, Customer, "key", "all", _when("grade", "eq", "A"), "next_follow_up_on"),
        (owner, Customer, "quiet", "all", _when("last_follow_up_at", "older_than_days", 60), "last_follow_up_at"),
        (owner, Customer, "fair", "all", _when("tags", "contains", words.tags[1]), "name"),
        (manager, Customer, "leeds", "team", _when("city", "eq", words.places[0].city), "name"),
        (first, Customer, "own", "mine", big, "next_follow_up_on"),
        (first, Customer, "week", "mine", _when("next_follow_up_on", "within_days", 7), "next_follow_up_on"),
        (owner, Activity, "tasks", "all", {"all": [_one("kind", "eq", "task"), _one("done_at", "is_empty")]}, "due_at"),
        (owner, Contact, "bosses", "all", _when("role", "eq", words.jobs[0][1]), "name"),
    ]
    for actor, kind, name, scope, condition, sort in wanted:
        views.save(actor, kind, name=names[name], scope=scope, filter=condition, sort=sort)


def _one(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": name, "op": op} if value is None else {"field": name, "op": op, "value": value}


def _when(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"all": [_one(name, op, value)]}


def _given_out(company: Company, rng: random.Random, days: Days) -> None:
    """Yesterday the manager gave some of the pool's customers to two of the team, who were told."""
    manager = _actor(company, "manager")
    sql = "SELECT id FROM customer WHERE pool IS NOT NULL AND deleted_at IS NULL ORDER BY id LIMIT 400"
    waiting = [each for (each,) in store.rows(sql)]
    rng.shuffle(waiting)
    with speaking(company.words.language), clock.at(days.at_work(rng, days.today - dt.timedelta(days=1), early=15)):
        for seller in company.sellers[:2]:
            mine, waiting = waiting[:2], waiting[2:]
            try:
                assign(manager, Customer, mine, owner=seller)
            except SmallcrmError:
                continue  # it was theirs a few days ago: the pool's rules hold here too


def _actor(company: Company, part: str) -> Actor:
    found = actor_of(company.users[part])
    assert found is not None
    return found

"""The company itself: its settings, the people who work there, their teams, the pools, fields of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.demo.words import Words
from smallcrm.areas.people import rules
from smallcrm.areas.people.records import Team, User
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import pools
from smallcrm.base.i18n import speaking
from smallcrm.identity import passwords
from smallcrm.identity.actor import SYSTEM, Actor, actor_of
from smallcrm.records import access, change, changesets, custom, settings

PASSWORD = "demo-demo-demo"  # noqa: S105  printed by the command, meant to be known
DOMAIN = "demo.test"
MORE_FROM = 8000  # customers from which on there are more than the two teams of three
MOST_TEAMS = 14


@dataclass
class Company:
    """Who works here. ``sellers``: everybody who owns customers; ``team_of``: seller → team."""

    words: Words
    users: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    teams: list[int] = field(default_factory=list)  # sales as a whole, then the teams of three
    sellers: list[int] = field(default_factory=list)
    team_of: dict[int, int] = field(default_factory=dict)
    managers: list[int] = field(default_factory=list)
    pools: list[int] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)  # what for → key of the custom field

    @property
    def owner(self) -> int:
        """Who owns the company."""
        return self.users["owner"]

    def people(self) -> dict[int, Actor]:
        """Everybody who works here, as who acts, and smallcrm itself."""
        found = {user: actor_of(user) for user in {SYSTEM.id, *self.users.values()}}
        return {user: actor for user, actor in found.items() if actor is not None}

    def pool_of(self, seller: int) -> int:
        """The pool that a seller's customers fall into."""
        rules_ = pools.pool_for(seller)
        return rules_.id if rules_ is not None else self.pools[0]

    def limit(self, seller: int, grade: str) -> int:
        """Days without follow-up after which a customer of the grade falls in."""
        rules_ = pools.pool_for(seller)
        return rules_.limit("follow_up", grade) if rules_ is not None else 120


def settle(words: Words) -> None:
    """The company's settings; they draw the borders of its days, so they come first."""
    settings.put(
        SYSTEM,
        {
            "company.name": words.company,
            "company.language": words.language,
            "company.currency": words.currency,
            "company.country": words.country,
            "company.timezone": words.timezone,
            "company.address": words.address,
        },
    )


def found(words: Words, rng: random.Random, customers: int, password_hash: str) -> Company:
    """Make everything that is there before the first customer."""
    company = Company(words)
    with speaking(words.language), changesets.opened(SYSTEM, "demo"):
        roles = rules.make_ready_roles()
        whole = _team(company, words.teams[0])
        _user(company, roles, "owner", None)
        _user(company, roles, "manager", whole)
        _teams(company, roles, rng, whole, customers)
        for part, role in (("service", "service"), ("marketing", "marketing"), ("viewer", "reader")):
            _user(company, roles, part, None, role=role)
        _manage(whole, company.users["manager"])
        _pools(company)
        _fields(company)
    for user in company.users.values():
        passwords.keep(user, password_hash)
    return company


def _teams(company: Company, roles: Mapping[str, int], rng: random.Random, whole: int, customers: int) -> None:
    """Two teams of three, and at a scale where six people could not, more of them in regions with managers of their own."""
    wanted = 2 if customers < MORE_FROM else min(MOST_TEAMS, max(3, customers // MORE_FROM + 2))
    region, number = whole, 0
    for place in range(wanted):
        if place < 2:
            name = company.words.teams[place + 1]
        else:
            if place % 4 == 2:
                region = _team(company, f"{company.words.teams[0]} {place // 4 + 2}", counted=False)
                part = f"manager{place // 4 + 2}"
                _user(company, roles, part, region, role="manager", rng=rng)
                _manage(region, company.users[part])
            name = f"{company.words.teams[1]} {place}"
        team = _team(company, name, parent=region)
        for _ in range(3):
            number += 1
            seller = _user(company, roles, f"sales{number}", team, role="sales", rng=rng)
            company.sellers.append(seller)
            company.team_of[seller] = team


def _team(company: Company, name: str, *, parent: int | None = None, counted: bool = True) -> int:
    made = int(change.create(SYSTEM, Team, {"name": name, "parent": parent}, trusted=True).id)
    if counted:
        company.teams.append(made)
    return made


def _manage(team: int, user: int) -> None:
    change.update(SYSTEM, access.find(SYSTEM, Team, team), {"manager": user}, trusted=True)


def _user(
    company: Company, roles: Mapping[str, int], part: str, team: int | None, *, role: str = "", rng: random.Random | None = None
) -> int:  # fmt: skip
    words = company.words
    if part in words.staff:
        name, title = words.staff[part]
    else:
        assert rng is not None
        name, title = words.person(rng).name, words.staff["manager" if part.startswith("manager") else "sales6"][1]
    values = {
        "name": name, "title": title, "email": f"{part}@{DOMAIN}", "role": roles[role or part], "team": team,
        "language": words.language, "active": True,
    }  # fmt: skip
    made = int(change.create(SYSTEM, User, values, trusted=True).id)
    company.users[part], company.names[made] = made, name
    if (role or part) == "manager":
        company.managers.append(made)
    return made


def _pools(company: Company) -> None:
    manager = company.users["manager"]
    common = {
        "kind": "customers", "enabled": True, "admins": [manager], "masked_fields": ["phone", "email", "wechat"],
        "days_without_follow_up": 120, "days_by_grade": {"A": 60, "B": 90, "C": 120}, "remind_days_before": 7,
        "daily_claim_limit": 10, "previous_owner_cooldown_days": 7, "exempt_tags": [company.words.tags[4]],
    }  # fmt: skip
    first, second = company.words.pools
    for place, (name, members) in enumerate(
        ((first, []), (second, [company.users["marketing"], company.users["service"]]))
    ):
        values: dict[str, Any] = {**common, "name": name, "position": 2 - place, "members": members}
        company.pools.append(int(change.create(SYSTEM, Pool, values, trusted=True).id))


CUSTOM: Mapping[str, tuple[str, Mapping[str, str], Sequence[str]]] = {
    "terms": ("choice", {"en": "Payment terms", "zh": "账期", "el": "Όροι πληρωμής"}, ("column", "filter")),
    "ramp": ("flag", {"en": "Has a loading ramp", "zh": "有装卸平台", "el": "Έχει ράμπα"}, ("filter",)),
    "delivery": ("choices", {"en": "Takes deliveries on", "zh": "收货日", "el": "Παραλαμβάνει"}, ()),
}  # fmt: skip


def _fields(company: Company) -> None:
    for name, (kind, labels, flags) in CUSTOM.items():
        options = [
            {"key": f"o{n}", "labels": {company.words.language: each}}
            for n, each in enumerate(company.words.custom[name], 1)
        ]
        company.fields[name] = custom.define(
            SYSTEM, Customer, field_kind=kind, labels=labels, flags=tuple(flags), section="deal", options={"options": options} if options else {},
        )  # fmt: skip


def founded_at(start: dt.datetime) -> dt.datetime:
    """A while before the first customer."""
    return start - dt.timedelta(days=3)


def password_hash() -> str:
    """Everybody's password, hashed once."""
    return passwords.hashed(PASSWORD)

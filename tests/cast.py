"""The cast: a company in which every right meets every other. Built once a session, copied for each test.

owner (Olga) · manager (Max, of North and South under Sales) · anna and bob (sales, North) · carl (sales, South) · service (Sam) ·
reader (Rita) · nobody (a role without any right).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import smallcrm.app  # noqa: F401  every area, so every table
from smallcrm import store
from smallcrm.areas.people import rules
from smallcrm.areas.people.records import Role, Team, User
from smallcrm.areas.people.roles import actor_for
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import cache, change, changesets, indexes, settings
from smallcrm.store import migrations, table

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """User ids by part; ``actor`` looks the present actor up."""

    owner: int
    manager: int
    anna: int
    bob: int
    carl: int
    service: int
    reader: int
    nobody: int
    sales: int  # teams
    north: int
    south: int

    def actor(self, part: str | int) -> Actor:
        """The actor as of now."""
        cache.current()
        found = actor_for(getattr(self, part) if isinstance(part, str) else part)
        assert found is not None
        return found


def make_schema() -> None:
    """Every table that has been imported, from the declarations, as if the migrations had made them."""
    with store.writing():
        for statement in table.statements():
            store.run(statement)
        for name in migrations.known():
            store.run("INSERT INTO schema_migration (name, applied) VALUES (?, ?)", [name, clock.stamp()])


def build(folder: Path) -> Cast:
    """Make the company in an empty folder; leaves the store open."""
    store.open_folder(folder, create=True)
    make_schema()
    settings.apply()
    indexes.ensure()
    rules.make_ready_roles()
    settings.put(SYSTEM, {"company.name": "Testing & Sons", "company.currency": "EUR", "company.country": "GB"})
    with changesets.opened(SYSTEM, "demo"):
        sales = int(change.create(SYSTEM, Team, {"name": "Sales"}, trusted=True).id)
        north = int(change.create(SYSTEM, Team, {"name": "North", "parent": sales}, trusted=True).id)
        south = int(change.create(SYSTEM, Team, {"name": "South", "parent": sales}, trusted=True).id)
        none = int(change.create(SYSTEM, Role, {"name": "No rights", "grants": []}, trusted=True).id)

    def user(name: str, role: str | int, team: int | None = None) -> int:
        email = f"{name.split()[0].lower()}@example.com"
        return int(rules.add_user(SYSTEM, name=name, email=email, role=role, team=team).id)

    owner = user("Olga Owner", "owner")
    manager = user("Max Manager", "manager", sales)
    change.update(SYSTEM, change_target(Team, sales), {"manager": manager}, trusted=True)
    return Cast(
        owner=owner,
        manager=manager,
        anna=user("Anna North", "sales", north),
        bob=user("Bob North", "sales", north),
        carl=user("Carl South", "sales", south),
        service=user("Sam Service", "service"),
        reader=user("Rita Reader", "reader"),
        nobody=user("Nick Nobody", none),
        sales=sales,
        north=north,
        south=south,
    )


def change_target(kind: type, number: int) -> User:
    """A record as smallcrm itself sees it."""
    from smallcrm.records import access

    return access.find(SYSTEM, kind, number)  # type: ignore[return-value]

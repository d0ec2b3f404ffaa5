"""Teams as a tree: who manages whom. The list, forms and records are the generic ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from smallcrm import store
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.records import Team
from smallcrm.identity.actor import Scope
from smallcrm.records import access
from smallcrm.web import settings_shell
from smallcrm.web.context import actor


@dataclass
class Branch:
    """A team with what is under it. ``members``: (id, name, active)."""

    id: int
    name: str
    manager: tuple[int, str] | None
    members: list[tuple[int, str, bool]] = field(default_factory=list)
    teams: list[Branch] = field(default_factory=list)
    below: int = 0  # members of all teams under it


@people.get("/teams/tree")
def team_tree() -> str:
    """The whole tree, and who is in no team."""
    who = actor()
    roots, loose = tree()
    return settings_shell.page(
        "people/team_tree.html",
        "/teams/tree",
        roots=roots,
        loose=loose,
        may_edit=who.scope(Team.card.key, "edit") is not Scope.NONE,
        may_create=who.scope(Team.card.key, "create") is not Scope.NONE,
        reaches=access,
    )


def tree() -> tuple[list[Branch], list[tuple[int, str, bool]]]:
    """The teams without one above them, each with what is under it; and the active users in no team."""
    names = dict(store.rows('SELECT id, name FROM "user" WHERE deleted_at IS NULL'))
    found: dict[int, Branch] = {}
    parents: dict[int, int | None] = {}
    for number, name, parent, manager in store.rows(
        "SELECT id, name, parent, manager FROM team WHERE deleted_at IS NULL ORDER BY name_key"
    ):
        boss = (manager, names[manager]) if manager in names else None
        found[number] = Branch(number, name, boss)
        parents[number] = parent
    loose: list[tuple[int, str, bool]] = []
    for number, name, team, active in store.rows(
        'SELECT id, name, team, active FROM "user" WHERE deleted_at IS NULL ORDER BY active DESC, name_key'
    ):
        if team in found:
            found[team].members.append((number, name, bool(active)))
        elif active:
            loose.append((number, name, True))
    roots: list[Branch] = []
    for number, branch in found.items():
        parent_branch = found.get(parents[number] or 0)
        (parent_branch.teams if parent_branch else roots).append(branch)
    for root in roots:
        _count(root)
    return roots, loose


def _count(branch: Branch) -> int:
    branch.below = sum(_count(each) for each in branch.teams)
    return branch.below + sum(active for _id, _name, active in branch.members)

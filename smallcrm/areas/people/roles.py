"""The ready-made roles, and how a user record becomes an actor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from smallcrm import store
from smallcrm.base.i18n import L, Label
from smallcrm.identity import actor as identity
from smallcrm.identity.actor import VERBS, Actor, Scope
from smallcrm.identity.actor import Role as Rights
from smallcrm.records import cache, settings
from smallcrm.records.record import all_types

_SCOPE = {"none": Scope.NONE, "own": Scope.OWN, "team": Scope.TEAM, "below": Scope.BELOW, "all": Scope.ALL}


def _all(scope: str, **differing: str) -> dict[str, str]:
    return {verb: differing.get(verb, scope) for verb in VERBS}


_STAFF = {
    "user": _all("none", view="all"),
    "team": _all("none", view="all"),
    "role": _all("none", view="all"),
    "pool": _all("none", view="all"),
}

READY: dict[str, tuple[Label, dict[str, dict[str, str]], tuple[str, ...]]] = {
    "owner": (L("Owner"), {"*": _all("all")}, ("everything",)),
    "manager": (L("Manager"), {"*": _all("below"), **_STAFF}, ("audit", "views")),
    "sales": (L("Sales"), {"*": _all("own", **{"import": "own"}), **_STAFF}, ()),
    "service": (L("Service"), {"*": _all("own"), **_STAFF}, ()),
    "marketing": (L("Marketing"), {"*": _all("own"), **_STAFF}, ()),
    "reader": (L("Reader"), {"*": _all("none", view="all")}, ()),
}


def ready_values(key: str) -> dict[str, Any]:
    """The record values of a ready-made role, its name in the current language."""
    name, grants, rights = READY[key]
    known = {kind.card.key for kind in all_types()}
    return {
        "name": str(name),
        "key": key,
        "grants": [{"type": kind, **verbs} for kind, verbs in grants.items() if kind == "*" or kind in known],
        "rights": list(rights),
    }


@cache.kept
def _role(role_id: int) -> Rights | None:
    row = store.row("SELECT coalesce(key, ''), name, grants, field_rights, rights FROM role WHERE id = ?", [role_id])
    if row is None:
        return None
    key, name, grants, field_rights, rights = row
    table: dict[tuple[str, str], Scope] = {}
    default: dict[str, Scope] = {}
    for line in json.loads(grants or "[]"):
        for verb in VERBS:
            scope = _SCOPE[line.get(verb) or "none"]
            if line["type"] == "*":
                default[verb] = scope
            else:
                table[line["type"], verb] = scope
    hidden = {(line["type"], line["field"]): line["right"] for line in json.loads(field_rights or "[]")}
    return Rights(key, name, table, default, hidden, frozenset(json.loads(rights or "[]")))


@cache.kept
def tree() -> dict[int, tuple[int | None, int | None]]:
    """Team → (parent, manager), the living ones."""
    return {i: (p, m) for i, p, m in store.rows("SELECT id, parent, manager FROM team WHERE deleted_at IS NULL")}


def below(teams: set[int]) -> set[int]:
    """The teams and every one under them."""
    children: dict[int, list[int]] = {}
    for team, (parent, _) in tree().items():
        if parent:
            children.setdefault(parent, []).append(team)
    found: set[int] = set()
    waiting = list(teams)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting += children.get(team, ())
    return found


@cache.kept
def actor_for(user_id: int) -> Actor | None:
    """The actor of an active user."""
    row = store.row(
        "SELECT id, name, coalesce(email, ''), role, team, language FROM \"user\""
        " WHERE id = ? AND active = 1 AND deleted_at IS NULL",
        [user_id],
    )
    if row is None:
        return None
    number, name, email, role_id, team, language = row
    rights = _role(role_id or 0)
    if rights is None:
        return None
    managed = {each for each, (_, manager) in tree().items() if manager == number}
    own = managed | ({team} if team else set())
    return Actor(
        id=number,
        name=name,
        role=rights,
        email=email,
        language=language or settings.get("company.language"),
        team=team,
        teams=tuple(sorted(own)),
        teams_below=tuple(sorted(below(own))),
    )


identity.set_loader(actor_for)


def role_id(key: str) -> int | None:
    """The id of a role by its key, or by its name."""
    from smallcrm.base.text import sort_key

    sql = "SELECT id FROM role WHERE deleted_at IS NULL AND (key = ? OR name_key = ?) ORDER BY key = ? DESC LIMIT 1"
    found = store.value(sql, [key, sort_key(key), key])
    return int(found) if found else None


def role_values(number: int) -> dict[str, Any] | None:
    """A role's grants and rights as stored."""
    row = store.row("SELECT grants, rights FROM role WHERE id = ? AND deleted_at IS NULL", [number])
    return {"grants": json.loads(row[0] or "[]"), "rights": json.loads(row[1] or "[]")} if row else None


def owner_roles() -> list[int]:
    """The roles that may do everything."""
    return [
        i
        for i, rights in store.rows("SELECT id, rights FROM role WHERE deleted_at IS NULL")
        if "everything" in json.loads(rights or "[]")
    ]


def is_owner_role(number: Any) -> bool:
    """Whether the role may do everything."""
    return number in owner_roles()


def first_owner() -> Actor | None:
    """The owner who came first: for whom the command line acts."""
    ids = owner_roles()
    marks = ", ".join("?" * len(ids))
    sql = f'SELECT min(id) FROM "user" WHERE active = 1 AND deleted_at IS NULL AND role IN ({marks})'
    found = store.value(sql, ids) if ids else None
    return actor_for(int(found)) if found else None


def grants_at_most(mine: Rights, theirs: Mapping[str, Any]) -> bool:
    """Whether a role's values grant nothing that ``mine`` lacks: nobody hands out more than they have."""
    if "everything" in mine.rights:
        return True
    if not set(theirs.get("rights") or ()) <= mine.rights:
        return False
    for line in theirs.get("grants") or ():
        for verb in VERBS:
            wanted = _SCOPE[line.get(verb) or "none"]
            have = mine.default.get(verb, Scope.NONE)
            if line["type"] != "*":
                have = mine.grants.get((line["type"], verb), have)
            if wanted > have:
                return False
    return True

"""The ready-made roles, and how a user record becomes an actor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from smallcrm import store
from smallcrm.base.i18n import L, Label
from smallcrm.identity import actor as identity
from smallcrm.identity.actor import VERBS, Actor, Scope
from smallcrm.identity.actor import Role as Rights
from smallcrm.records import cache, settings
from smallcrm.records.record import all_types, find_type, is_present

_SCOPE = {"none": Scope.NONE, "own": Scope.OWN, "team": Scope.TEAM, "below": Scope.BELOW, "all": Scope.ALL}


def _all(scope: str, **differing: str) -> dict[str, str]:
    return {verb: differing.get(verb, scope) for verb in VERBS}


STAFF = ("user", "team", "role")  # everybody signed in reads them; writing takes the right "people"
_POOLS = {"pool": _all("none", view="all")}

# Those who are measured see their targets and do not set them.
_MEASURED = {"target": _all("none", view="own"), "commission_plan": _all("none")}

READY: dict[str, tuple[Label, dict[str, dict[str, str]], tuple[str, ...]]] = {
    "owner": (L("Owner", "role"), {"*": _all("all")}, ("everything",)),
    "manager": (
        L("Manager"),
        {"*": _all("below"), **_POOLS, "commission_plan": _all("none", view="all")},
        ("audit", "views"),
    ),
    "sales": (L("Sales"), {"*": _all("own", **{"import": "own"}), **_POOLS, **_MEASURED}, ()),
    "service": (L("Service"), {"*": _all("own"), **_POOLS, **_MEASURED}, ()),
    "marketing": (L("Marketing"), {"*": _all("own"), **_POOLS, **_MEASURED}, ()),
    "reader": (L("Reader"), {"*": _all("none", view="all")}, ()),
}


def is_fixed(key: str) -> bool:
    """Whether a right, and no line of a role, decides who writes records of the type."""
    found = find_type(key)
    return key in STAFF or (found is not None and found.card.setup)


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


def rights_of(values: Mapping[str, Any]) -> Rights:
    """A role record's values as what they allow. A verb that a type's line leaves out is as for every other type."""
    table: dict[tuple[str, str], Scope] = {}
    default: dict[str, Scope] = {}
    for line in values.get("grants") or ():
        for verb in VERBS:
            scope = _SCOPE.get(line.get(verb) or "")
            if line["type"] == "*":
                default[verb] = scope or Scope.NONE
            elif scope is not None:
                table[line["type"], verb] = scope
    rights = frozenset(values.get("rights") or ())
    runs_people = bool(rights & {"people", "everything"})
    for kind in STAFF:
        for verb in VERBS:
            table[kind, verb] = Scope.ALL if runs_people or verb == "view" else Scope.NONE
    sets_up = bool(rights & {"settings", "everything"})
    for fixed in all_types():
        for verb in ("create", "edit", "delete", "assign", "import") if fixed.card.setup else ():
            table[fixed.card.key, verb] = Scope.ALL if sets_up else Scope.NONE
        if not is_present(fixed):
            table.update({(fixed.card.key, verb): Scope.NONE for verb in VERBS})
    fields = {(line["type"], line["field"]): line["right"] for line in values.get("field_rights") or ()}
    return Rights(values.get("key") or "", values.get("name") or "", table, default, fields, rights)


@cache.kept
def rights(role_id: int) -> Rights | None:
    """What a role allows."""
    held = role_values(role_id)
    return rights_of(held) if held else None


def role_values(number: int) -> dict[str, Any] | None:
    """A role's name, key, grants and rights as stored."""
    row = store.row("SELECT name, key, grants, field_rights, rights FROM role WHERE id = ?", [number])
    if row is None:
        return None
    name, key, *lists = row
    found = {n: json.loads(v or "[]") for n, v in zip(("grants", "field_rights", "rights"), lists, strict=True)}
    return {"name": name, "key": key, **found}


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


def own_teams(user_id: int, team: int | None) -> set[int]:
    """The team somebody is in and those they manage."""
    return {each for each, (_, manager) in tree().items() if manager == user_id} | ({team} if team else set())


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
    allowed = rights(role_id or 0)
    if allowed is None:
        return None
    own = own_teams(number, team)
    return Actor(
        id=number,
        name=name,
        role=allowed,
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


def owner_roles() -> list[int]:
    """The roles that may do everything."""
    return [
        i
        for i, rights in store.rows("SELECT id, rights FROM role WHERE deleted_at IS NULL")
        if "everything" in json.loads(rights or "[]")
    ]


def owners(*, roles: Iterable[int] | None = None) -> set[int]:
    """The active users who may do everything; ``roles``: as if these were the roles that allow it."""
    ids = store.json_list(owner_roles() if roles is None else roles)
    sql = 'SELECT id FROM "user" WHERE active = 1 AND deleted_at IS NULL AND role IN (SELECT value FROM json_each(?))'
    return {i for (i,) in store.rows(sql, [ids])}


def first_owner() -> Actor | None:
    """The owner who came first: for whom the command line acts."""
    found = owners()
    return actor_for(min(found)) if found else None


# ---------------------------------------------------------------- nobody gives more than they have


def at_most(mine: Rights, theirs: Rights) -> bool:
    """Whether ``theirs`` allows nothing that ``mine`` does not, teams aside."""
    if "everything" in mine.rights:
        return True
    if not theirs.rights <= mine.rights:
        return False
    kinds = {"*", *(kind for kind, _ in (*mine.grants, *theirs.grants))}
    for kind in kinds:
        if any(_level(theirs, kind, verb) > _level(mine, kind, verb) for verb in VERBS):
            return False
    strict = {"write": 0, "read": 1, "hidden": 2}
    return all(
        strict[theirs.fields.get(where, "write")] >= strict[right] or theirs.scope(where[0], "view") is Scope.NONE
        for where, right in mine.fields.items()
    )


def _level(role: Rights, kind: str, verb: str) -> Scope:
    """How far a verb reaches; over a type that is open, anything reaches all."""
    found = role.scope(kind, verb)
    known = next((each for each in all_types() if each.card.key == kind), None)
    open_to_all = known is not None and known.card.reach == "open"
    return Scope.ALL if open_to_all and found is not Scope.NONE else found


def within_teams(mine: Actor, theirs: Rights, teams: set[int]) -> bool:
    """Whether a user of role ``theirs`` who is in or manages ``teams`` reaches no team's records beyond ``mine``."""
    if "everything" in mine.role.rights or not teams:
        return True
    kinds = {"*", *(kind for kind, _ in (*mine.role.grants, *theirs.grants))}
    wide = below(teams)
    for kind in kinds:
        for verb in VERBS:
            scope, have = theirs.scope(kind, verb), mine.role.scope(kind, verb)
            if scope in (Scope.TEAM, Scope.BELOW) and have is not Scope.ALL:
                covered = set(mine.teams_for(have))
                if not (teams if scope is Scope.TEAM else wide) <= covered:
                    return False
    return True

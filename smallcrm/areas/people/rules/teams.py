"""Teams and users found by name, or made: how a file that names them is brought in."""

from __future__ import annotations

from collections.abc import Iterable

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.records import Team, User
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key, tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change
from smallcrm.records.record import Record, values

_JOIN = " · "


def user_named(actor: Actor, name: str, *, role: str = "", make: bool = True) -> int | None:
    """The user of that name or e-mail; made with ``role`` (the manager's without one) where there is none.

    A user made so has no e-mail and cannot sign in until one is set. Raises Invalid when two go by the name.
    """
    clean = tidy(name)
    if not clean:
        return None
    key = sort_key(clean)
    found = store.rows(
        'SELECT id FROM "user" WHERE deleted_at IS NULL AND (name_key = ? OR email_key = ?) LIMIT 2', [key, key]
    )
    if len(found) > 1:
        raise Invalid({"name": [str(L("Two users are called “%(name)s”. Give the e-mail address.", name=clean))]})
    if found:
        return int(found[0][0])
    if not make:
        return None
    return int(change.create(actor, User, {"name": clean, "role": roles.role_id(role or "manager")}).id)


def team_id(name: str) -> int | None:
    """The team of that name."""
    found = store.value("SELECT id FROM team WHERE deleted_at IS NULL AND name_key = ?", [sort_key(tidy(name))])
    return int(found) if found else None


def team_named(actor: Actor, name: str, *, manager: str = "", make: bool = True) -> int | None:
    """The team of that name under that manager, made where there is none (see ``teams_named``)."""
    found = teams_named(actor, [(name, manager)], make=make)
    return found.get((name, manager))


def teams_named(actor: Actor, pairs: Iterable[tuple[str, str]], *, make: bool = True) -> dict[tuple[str, str], int]:
    """(team, manager) → the team's id, for all pairs of a file at once, so that the same file gives the same teams.

    One manager to a name: that team, with that manager. Several to a name: the team without a manager of its own, and
    below it one team for each, called "team · manager". A team that has another manager already keeps it.
    """
    given = list(pairs)
    wanted = list(dict.fromkeys((tidy(team), tidy(manager)) for team, manager in given))
    managers: dict[str, set[str]] = {}
    for team, manager in wanted:
        if team and manager:
            managers.setdefault(sort_key(team), set()).add(sort_key(manager))
    found: dict[tuple[str, str], int] = {}
    for team, manager in wanted:
        if not team:
            continue
        number = _find(actor, team, manager, shared=len(managers.get(sort_key(team), ())) > 1, make=make)
        if number is not None:
            found[team, manager] = number
    return {(t, m): found[tidy(t), tidy(m)] for t, m in given if (tidy(t), tidy(m)) in found}


def _find(actor: Actor, team: str, manager: str, *, shared: bool, make: bool) -> int | None:
    boss = user_named(actor, manager, make=make) if manager else None
    standing = _record(actor, team)
    if standing is None:
        if not make:
            return None
        standing = change.create(actor, Team, {"name": team, "manager": None if shared else boss})
    if boss is None or values(standing).get("manager") == boss:
        return int(standing.id)
    if not shared and values(standing).get("manager") is None and not _has_parts(standing):
        return int(change.update(actor, standing, {"manager": boss}).id) if make else int(standing.id)
    name = f"{team}{_JOIN}{manager}"
    part = _record(actor, name)
    if part is None and make:
        part = change.create(actor, Team, {"name": name, "parent": int(standing.id), "manager": boss})
    return int(part.id) if part is not None else None


def _record(actor: Actor, name: str) -> Record | None:
    number = team_id(name)
    return access.fetch(actor, Team, number) if number else None


def _has_parts(team: Record) -> bool:
    return bool(store.value("SELECT 1 FROM team WHERE parent = ? AND deleted_at IS NULL LIMIT 1", [team.id]))

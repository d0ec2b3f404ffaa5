"""Roles: the ready-made ones, copies of them, and their matrix of rights."""

from __future__ import annotations

from collections.abc import Mapping

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.records import Role
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, VERBS, Actor
from smallcrm.records import access, change, changesets
from smallcrm.records.bin import restore_records
from smallcrm.records.record import Record, values


def make_ready_roles(actor: Actor = SYSTEM) -> dict[str, int]:
    """The six ready-made roles; key → id. Those that exist stay."""
    made = dict(store.rows("SELECT key, id FROM role WHERE key IS NOT NULL AND deleted_at IS NULL"))
    for key in roles.READY:
        if key not in made:
            made[key] = int(change.create(actor, Role, roles.ready_values(key), trusted=True, why="rule").id)
    return made


def restore_ready(actor: Actor, key: str) -> Record:
    """A ready-made role as it came: brought back from the bin if need be, its rights and fields as delivered."""
    if key not in roles.READY:
        raise NotFound(L("There is no ready-made role of that name."))
    fresh = roles.ready_values(key)
    with changesets.opened(actor, "form", str(fresh["name"])), store.writing():
        row = store.row("SELECT id, deleted_at FROM role WHERE key = ? ORDER BY deleted_at IS NOT NULL, id DESC", [key])
        if row is None:
            return change.create(actor, Role, fresh, trusted=True)
        if row[1]:
            restore_records(actor, Role, [row[0]])
        standing = access.find(actor, Role, row[0])
        rights = {"grants": fresh["grants"], "field_rights": None, "rights": fresh["rights"]}
        return change.update(actor, standing, rights, trusted=True)


def copy_role(actor: Actor, role: Record, *, name: str) -> Record:
    """A role of one's own that begins as another one stands."""
    held = values(role)
    copied = {each: held.get(each) for each in ("grants", "field_rights", "rights")}
    return change.create(actor, Role, {"name": name, **copied})


def new_role(actor: Actor, *, name: str) -> Record:
    """A role of one's own that may nothing yet."""
    return change.create(actor, Role, {"name": name, "grants": [{"type": "*", **dict.fromkeys(VERBS, "none")}]})


def save_rights(
    actor: Actor,
    role: Record,
    *,
    name: str,
    grants: Mapping[str, Mapping[str, str]],
    rights: list[str],
    version: int | None = None,
) -> Record:
    """The matrix: type (``*`` for every other) → verb → scope, empty where it is as for every other type."""
    lines = [
        {"type": kind, **{verb: scope or None for verb, scope in verbs.items()}}
        for kind, verbs in grants.items()
        if kind == "*" or any(verbs.values())
    ]
    return change.update(actor, role, {"name": name, "grants": lines, "rights": rights}, version=version)


def save_field_rights(
    actor: Actor, role: Record, kind: str, fields: Mapping[str, str], *, version: int | None = None
) -> Record:
    """What the role may do with one type's fields: name → ``hidden`` or ``read``; all others are written."""
    others = [line for line in values(role).get("field_rights") or () if line["type"] != kind]
    mine = [{"type": kind, "field": name, "right": right} for name, right in fields.items() if right]
    return change.update(actor, role, {"field_rights": [*others, *mine]}, version=version)

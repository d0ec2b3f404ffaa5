"""Handing records over to another owner."""

from __future__ import annotations

from smallcrm import store
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change
from smallcrm.records.record import Record


def assign(actor: Actor, record: Record, *, owner: int, reason: str = "", version: int | None = None) -> Record:
    """Give the record to ``owner``, who may be anybody active. Raises Forbidden, Invalid, Stale."""
    access.need(actor, record, "assign")
    need_active(owner)
    changed = {"owner": owner}
    return change.update(actor, record, changed, version=version, why="transfer", note=reason, trusted=True)


def need_active(owner: int, field: str = "owner") -> None:
    """Raise Invalid, of the field, unless ``owner`` is an active user."""
    if not store.row('SELECT 1 FROM "user" WHERE id = ? AND active = 1 AND deleted_at IS NULL', [owner]):
        raise Invalid({field: [str(L("There is no such user, or it is switched off."))]})

"""What was done that is no change of a record: sign-ins, exports, settings, rights, views of a person's data.

Changes of records stand in the change-sets; the audit page shows both together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor

ACTS: dict[str, Label] = {
    "setting": L("Setting changed"),
    "terms": L("Terms changed"),
    "view saved": L("View for others kept"),
    "view removed": L("View removed"),
    "field made": L("Field made"),
    "field changed": L("Field changed"),
    "undo": L("Undone"),
}


def declare(acts: Mapping[str, Label]) -> None:
    """An area's own acts and what they are called."""
    ACTS.update(acts)


def words(act: str) -> str:
    """What an act is called in the reader's language."""
    return str(ACTS.get(act, act))


address: ContextVar[str] = ContextVar("address", default="")  # the client's, set by web/context


class AuditRow(store.Table):
    """Who, when, from where, what. ``detail`` is JSON without secrets."""

    id = peewee.AutoField()
    at = peewee.TextField()
    actor = peewee.IntegerField()
    name = peewee.TextField()
    act = peewee.TextField()
    record_type = peewee.TextField(null=True)
    record = peewee.IntegerField(null=True)
    address = peewee.TextField()
    detail = peewee.TextField(null=True)

    ddl = (
        "CREATE INDEX ix_audit_at ON audit (at)",
        "CREATE INDEX ix_audit_actor ON audit (actor, at)",
        "CREATE INDEX ix_audit_record ON audit (record_type, record, at) WHERE record IS NOT NULL",
    )

    class Meta:
        table_name = "audit"


def log(
    actor: Actor,
    act: str,
    *,
    record_type: str | None = None,
    record: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep a line, in the transaction that is under way or one of its own."""
    with store.writing():
        store.run(
            "INSERT INTO audit (at, actor, name, act, record_type, record, address, detail) VALUES (?,?,?,?,?,?,?,?)",
            [
                clock.stamp(),
                actor.id,
                actor.name,
                act,
                record_type,
                record,
                address.get(),
                json.dumps(detail, ensure_ascii=False, default=str) if detail else None,
            ],
        )

"""Locking 锁定: a record that never falls into the pool, as long as anybody likes or until a day; so many per person."""

from __future__ import annotations

import datetime as dt

from smallcrm import store
from smallcrm.areas.pool.rules import checks, pools
from smallcrm.areas.pool.rules.checks import Refusal
from smallcrm.base import clock, formats
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, rows
from smallcrm.records.record import Record, RecordType


def may_lock(actor: Actor, record: Record) -> bool:
    """The owner, whoever may change the record, and of what lies in a pool its admins."""
    pool = getattr(record, "pool", None)
    if actor.read_only:
        return False
    if pool:
        return pools.administers(actor, pool)
    return access.may(actor, record, "edit")


def lock(actor: Actor, record: Record, *, until: dt.date | None = None) -> Record:
    """Keep the record out of the pool, or in it for nobody to claim. Raises Forbidden, Refused, Invalid."""
    _need(actor, record)
    if until is not None and until < clock.today():
        raise Invalid({"until": [str(L("That day has gone by."))]})
    kind = type(record)
    with store.writing():
        held = rows.load(kind, [int(record.id)])[int(record.id)]
        checks.raise_first([no for no in (_too_many(kind, held),) if no])
        values = {"locked": True, "locked_until": until.isoformat() if until else None}
        return change.update(actor, record, values, trusted=True)


def unlock(actor: Actor, record: Record) -> Record:
    """Let the record follow the rules again. Raises Forbidden."""
    _need(actor, record)
    return change.update(actor, record, {"locked": False, "locked_until": None}, trusted=True)


def _need(actor: Actor, record: Record) -> None:
    if not may_lock(actor, record):
        raise Forbidden(access.refusal(actor, "edit"))


def _too_many(kind: RecordType, held: dict[str, object]) -> Refusal | None:
    owner = held.get("owner")
    pool = pools.pool_for(int(str(owner)), kind.card.name) if owner else None
    if pool is None or not pool.number("lock_limit") or checks.is_locked(held):
        return None
    sql = (
        f'SELECT count(*) FROM "{kind._meta.table_name}" WHERE owner = ? AND locked = 1 AND deleted_at IS NULL'
        " AND (locked_until IS NULL OR locked_until >= ?)"
    )
    n = int(store.value(sql, [owner, clock.today().isoformat()]))
    most = pool.number("lock_limit")
    if n < most:
        return None
    text = L("%(n)s of at most %(most)s are locked already.", n=formats.number(n), most=formats.number(most))
    return Refusal("lock_limit", text, record=int(str(held["id"])))

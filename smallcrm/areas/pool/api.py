"""The pool's verbs in the API: claim, assign, release, lock, unlock, move to another pool."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.pool.rules import assign, claim, lock, release
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, transfer
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb, linked_id

_ID = {"type": ["integer", "object"]}
_TEXT = {"type": ["string", "null"]}


def _again(actor: Actor, record: Record) -> Record:
    """The record as it stands now, also where it has left the actor's reach by what was just done."""
    kind, number = type(record), int(record.id)
    return access.fetch(actor, kind, number) or access.find(SYSTEM, kind, number)


def _pool(body: Mapping[str, Any]) -> int | None:
    return linked_id(body, "pool") if body.get("pool") else None


def _claim(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    claim.claim(actor, type(record), [int(record.id)], pool=_pool(body))
    return _again(actor, record)


def _assign(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    owner, reason = linked_id(body, "owner"), str(body.get("reason") or "")
    if not getattr(record, "pool", None):
        return transfer.assign(actor, record, owner=owner, reason=reason)
    assign.assign(actor, type(record), [int(record.id)], owner=owner, reason=reason)
    return _again(actor, record)


def _release(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    release.release(actor, type(record), [int(record.id)], reason=_text(body, "reason"), pool=_pool(body))
    return _again(actor, record)


def _move(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    assign.move(actor, type(record), [int(record.id)], pool=linked_id(body, "pool"))
    return _again(actor, record)


def _lock(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return lock.lock(actor, record, until=_day(body.get("until")))


def _unlock(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return lock.unlock(actor, record)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Invalid({name: [str(L("This must be text."))]})
    return value


def _day(value: Any) -> dt.date | None:
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid({"until": [str(L("This is no date."))]}) from None


VERBS = (
    Verb("customer", "claim", _claim, "Take it up out of the pool; the one it is thought to lie in may be named.",
         {"pool": _ID}, find=claim.find),
    Verb("customer", "assign", _assign, "Hand over to another owner, also out of the pool.",
         {"owner": _ID, "reason": _TEXT}, ("owner",), find=claim.find),
    Verb("customer", "release", _release, "Return it to the pool, saying why.", {"reason": _TEXT, "pool": _ID}, ("reason",)),
    Verb("customer", "move", _move, "Put it into another pool.", {"pool": _ID}, ("pool",)),
    Verb("customer", "lock", _lock, "Keep it out of the pool, perhaps until a day.", {"until": _TEXT}),
    Verb("customer", "unlock", _unlock, "Let it follow the pool's rules again."),
)  # fmt: skip

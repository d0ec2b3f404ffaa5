"""The verbs of leads in the API: claim, release, assign, move, convert, invalidate, reopen, void, unvoid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.leads.rules import assigning, convert, pooling, states
from smallcrm.areas.leads.rules.convert import Wish
from smallcrm.areas.pool.rules import assign as pool_assign
from smallcrm.areas.pool.rules import claim as pool_claim
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, transfer
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb, linked_id

_ID = {"type": ["integer", "object"]}
_MAYBE = {"type": ["integer", "object", "null"]}
_TEXT = {"type": ["string", "null"]}
Body = Mapping[str, Any]


def _again(actor: Actor, record: Record) -> Record:
    """The record as it stands now, also where it has left the actor's reach by what was just done."""
    kind, number = type(record), int(record.id)
    return access.fetch(actor, kind, number) or access.find(SYSTEM, kind, number)


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Invalid({name: [str(L("This must be text."))]})
    return value


def _maybe(body: Body, name: str) -> int | None:
    return linked_id(body, name) if body.get(name) else None


def _claim(actor: Actor, record: Record, body: Body) -> Record:
    pooling.claim(actor, record, pool=_maybe(body, "pool"))
    return _again(actor, record)


def _release(actor: Actor, record: Record, body: Body) -> Record:
    pooling.release(actor, [int(record.id)], reason=_text(body, "reason"), pool=_maybe(body, "pool"))
    return _again(actor, record)


def _assign(actor: Actor, record: Record, body: Body) -> Record:
    owner, reason = linked_id(body, "owner"), str(body.get("reason") or "")
    if getattr(record, "pool", None):
        pool_assign.assign(actor, type(record), [int(record.id)], owner=owner, reason=reason)
        return _again(actor, record)
    access.need(actor, record, "assign")
    assigning.check_receiver(owner)
    return transfer.assign(actor, record, owner=owner, reason=reason)


def _move(actor: Actor, record: Record, body: Body) -> Record:
    pool_assign.move(actor, type(record), [int(record.id)], pool=linked_id(body, "pool"))
    return _again(actor, record)


def _convert(actor: Actor, record: Record, body: Body) -> Record:
    proposed = convert.wish_for(record.__data__)
    wish = Wish(
        customer=_maybe(body, "customer"),
        contact=0 if body.get("without_contact") is True else _maybe(body, "contact"),
        kind=str(body.get("kind") or proposed.kind),
        name=str(body.get("name") or proposed.name),
        opportunity=str(body.get("opportunity") or ""),
    )
    return _again(actor, convert.convert(actor, record, wish).lead)


def _invalidate(actor: Actor, record: Record, body: Body) -> Record:
    return states.invalidate(actor, record, reason=_text(body, "reason"))


def _reopen(actor: Actor, record: Record, _body: Body) -> Record:
    return states.reopen(actor, record)


def _void(actor: Actor, record: Record, _body: Body) -> Record:
    return states.void(actor, record)


def _unvoid(actor: Actor, record: Record, _body: Body) -> Record:
    return states.unvoid(actor, record)


VERBS = (
    Verb("lead", "claim", _claim, "Take it up, out of its pool or from nobody.", {"pool": _ID}, find=pool_claim.find),
    Verb("lead", "release", _release, "Give it back, saying why.", {"reason": _TEXT, "pool": _ID}, ("reason",)),
    Verb("lead", "assign", _assign, "Hand over to another owner, also out of the pool.", {"owner": _ID, "reason": _TEXT}, ("owner",),
         find=pool_claim.find),
    Verb("lead", "move", _move, "Put it into another pool.", {"pool": _ID}, ("pool",)),
    Verb("lead", "convert", _convert, "Make it a customer, with a contact; an existing one of either may be named.",
         {"customer": _MAYBE, "contact": _MAYBE, "without_contact": {"type": "boolean"}, "kind": _TEXT, "name": _TEXT, "opportunity": _TEXT}),
    Verb("lead", "invalidate", _invalidate, "It leads nowhere, saying why.", {"reason": _TEXT}, ("reason",)),
    Verb("lead", "reopen", _reopen, "It may lead somewhere after all."),
    Verb("lead", "void", _void, "It should never have been one."),
    Verb("lead", "unvoid", _unvoid, "Bring it back from void."),
)  # fmt: skip

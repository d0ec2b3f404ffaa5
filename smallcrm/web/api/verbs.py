"""Verbs on records: ``POST /<type>/<id>/<verb>``. Areas register theirs; a few belong to every type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, merge, transfer
from smallcrm.records.fields import FieldError
from smallcrm.records.fields.link import clean_id
from smallcrm.records.record import Record, RecordType
from smallcrm.web import area

Run = Callable[[Actor, Record, Mapping[str, Any]], Record | Response]


@dataclass(frozen=True)
class Maker:
    """What answers POST /<type> of a type that is made from a form with a file instead of JSON.

    ``body``: JSON Schema properties of the form's parts; ``needed`` names those without which it is 422.
    """

    run: Callable[[Actor], Response]
    body: Mapping[str, Any]
    needed: tuple[str, ...] = ()


makers: dict[str, Maker] = {}  # by the type's key

# Addresses beyond those that every type has, as openapi.json describes them.
described: dict[str, Mapping[str, Any]] = {}


@dataclass(frozen=True)
class Verb:
    """``body``: JSON Schema properties of what it takes; ``needed`` names those without which it is 422.

    ``gives`` is the media type of the answer where that is a file instead of the record; ``run`` then makes it whole.
    ``find`` looks the record up where a record out of reach deserves another answer than 404 (claimed by somebody else).
    """

    type: str  # a type's key, or "*"
    name: str
    run: Run
    about: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    find: Callable[[Actor, RecordType, int], Record] | None = None  # else within the actor's reach
    gives: str = ""


def of_type(record_type: str) -> dict[str, Verb]:
    """The verbs of a type by name; an area's own stands before a general one."""
    found: dict[str, Verb] = {verb.name: verb for verb in GENERAL if _fits(verb, record_type)}
    for each in area.areas():
        found.update({verb.name: verb for verb in each.api if verb.type in (record_type, "*")})
    return found


def _fits(verb: Verb, record_type: str) -> bool:
    from smallcrm.records.record import by_key

    card = by_key(record_type).card
    return (verb.name != "merge" or card.merges) and (verb.name != "assign" or card.reach != "open")


def check_body(verb: Verb, body: Any) -> Mapping[str, Any]:
    """The body as a mapping without unknown names. Raises Invalid."""
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise Invalid({"": [str(L("Send an object."))]})
    errors = {name: [str(L("There is no such field."))] for name in body if name not in verb.body}
    errors |= {name: [str(L("This is needed."))] for name in verb.needed if body.get(name) in (None, "")}
    if errors:
        raise Invalid(errors)
    return body


def linked_id(body: Mapping[str, Any], name: str) -> int:
    """An id out of a verb's body. Raises Invalid."""
    try:
        return clean_id(body.get(name))
    except FieldError as error:
        raise Invalid({name: [str(error)]}) from None


def _assign(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return transfer.assign(actor, record, owner=linked_id(body, "owner"), reason=str(body.get("reason") or ""))


def _merge(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    other = access.find(actor, type(record), linked_id(body, "with"))
    take = body.get("take") or {}
    if not isinstance(take, dict):
        raise Invalid({"take": [str(L("Send an object."))]})
    return merge.merge(actor, record, other, take=take)


_ID = {"type": ["integer", "object"]}
GENERAL = (
    Verb(
        "*", "assign", _assign, "Hand over to another owner.", {"owner": _ID, "reason": {"type": "string"}}, ("owner",)
    ),
    Verb(
        "*",
        "merge",
        _merge,
        "Make another record part of this one.",
        {"with": _ID, "take": {"type": "object"}},
        ("with",),
    ),
)

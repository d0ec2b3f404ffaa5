"""What deserves a second look but is never refused: a tax number whose check digit is wrong, an implausible phone.

An area registers what it knows about a type's values; forms, record pages and the API's answers to writes say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smallcrm.base.i18n import L, Label, language
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field, Phone, Texts
from smallcrm.records.fields.phone import implausible
from smallcrm.records.record import Record, RecordType, values, with_record

Held = Mapping[str, Any]
Source = Callable[[Held], Iterable[tuple[str, Label]]]

_sources: dict[str, list[Source]] = {}


def on(key: str) -> Callable[[Source], Source]:
    """Register a function from a record's values to (field, what is odd about it)."""

    def keep(function: Source) -> Source:
        _sources.setdefault(key, []).append(function)
        return function

    return keep


def of(actor: Actor, kind: RecordType, values: Held, *, masked: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Field → what is odd about its value, in the reader's language; only of fields the actor may read."""
    readable = access.readable(actor, kind)
    found: dict[str, list[str]] = {}
    for name, text in _all(kind, values):
        if (name in readable or not name) and name not in masked:
            found.setdefault(name, []).append(str(text))
    return found


def of_record(actor: Actor, record: Record) -> dict[str, list[str]]:
    """What is odd about a record as it was read, but for what a pool hides."""
    masked = access.masked_fields(actor, record)
    kind, held = type(record), values(record)
    return with_record(record, ("odd", actor.id, language()), lambda: of(actor, kind, held, masked=masked))


def _all(kind: RecordType, values: Held) -> Iterable[tuple[str, Label]]:
    for name, each in fields_of(kind).items():
        yield from ((name, text) for text in _phones(each, values))
    for source in _sources.get(kind.card.key, ()):
        yield from source(values)


def _phones(each: Field, values: Held) -> Iterable[Label]:
    if isinstance(each, Phone) or (isinstance(each, Texts) and each.of == "phone"):
        held = values.get(each.columns[0]) or []
        for number in [held] if isinstance(held, str) else held:
            if implausible(number, values.get("country")):
                yield L("“%(number)s” does not look like a whole phone number.", number=number)

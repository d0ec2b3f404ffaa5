"""One person: the record, what was merged into it, and every name, address and number they ever went by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smallcrm import store
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L
from smallcrm.base.redaction import Words, joined
from smallcrm.identity.actor import Actor
from smallcrm.records import access, personal, redacting, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Email, LongText, Phone, Text, Texts
from smallcrm.records.personal import Subject
from smallcrm.records.record import Record, RecordType, by_key

SHORTEST_CODE = 5  # characters of a text of their own (an address, a passport number) that is looked for elsewhere


def need(actor: Actor) -> None:
    """Raise Forbidden without the right."""
    if not actor.may("privacy"):
        raise Forbidden(access.refusal(actor, "view"))


def find(actor: Actor, key: str, number: int) -> Record:
    """The record of a person within reach, the bin's too. Raises Forbidden, NotFound."""
    need(actor)
    nothing = NotFound(L("There is nothing here, or you may not see it."))
    if key not in personal.subject_types():
        raise nothing
    record = access.find(actor, by_key(key), number, bin=True)
    if not personal.is_person(record):
        raise nothing
    return record


def mark(number: int) -> str:
    """What stands in the place of an erased person's name."""
    return f"Erased #{number}"


def of(kind: RecordType, number: int) -> Subject:
    """The subject of a record. KeyError where there is none."""
    ids = _with_merged(kind, number)
    held = rows.load(kind, ids)
    return Subject(kind, number, tuple(sorted(held)), held[number], _words(kind, held, number))


def _with_merged(kind: RecordType, number: int) -> set[int]:
    found: set[int] = set()
    waiting = {number}
    while waiting:
        found |= waiting
        sql = (
            f'SELECT id FROM "{kind._meta.table_name}"'
            " WHERE deleted_at IS NOT NULL AND merged_into IN (SELECT value FROM json_each(?))"
        )
        waiting = {each for (each,) in store.rows(sql, [store.json_list(waiting)])} - found
    return found


def _words(kind: RecordType, held: Mapping[int, Mapping[str, Any]], number: int) -> Words:
    names, codes, numbers = _told_by(kind)
    columns = {*names, *codes, *numbers}
    before = redacting.values_held(kind, held, columns)

    def every(wanted: Iterable[str]) -> tuple[str, ...]:
        columns = list(wanted)
        now = [_texts(values.get(name)) for values in held.values() for name in columns]
        return joined(*now, *(sorted(before.get(name, ())) for name in columns))

    return Words(
        tuple(name for name in every(names) if not name.startswith("Erased #")),
        tuple(code for code in every(codes) if _is_code(code)),
        every(numbers),
        mark(number),
    )


def _told_by(kind: RecordType) -> tuple[list[str], list[str], list[str]]:
    """The columns that hold names, codes and numbers."""
    names, codes, numbers = [kind.card.title], [], []
    wanted = set(personal.personal_fields(kind))
    for name, each in fields_of(kind).items():
        if name not in wanted:
            continue
        if name == "short_name":
            names.append(name)
        elif isinstance(each, Phone) or (isinstance(each, Texts) and each.of == "phone"):
            numbers.append(name)
        elif (
            isinstance(each, Email)
            or (isinstance(each, Texts) and each.of == "email")
            or name in _CODES
            or (each.custom and isinstance(each, Text) and not isinstance(each, LongText))
        ):
            codes.append(name)
    return names, codes, numbers


_CODES = ("wechat", "tax_number", "address")


def _is_code(text: str) -> bool:
    """Whether a text is somebody's own and not a word that many are described by."""
    return "@" in text or (len(text) >= SHORTEST_CODE and any(char.isdigit() for char in text)) or "wx" in text.lower()


def _texts(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]

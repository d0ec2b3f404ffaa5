"""Where a person is spoken of: records that link to them, those around them, and texts anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.base.redaction import Words, is_telling
from smallcrm.base.text import sort_key
from smallcrm.records import personal, redacting, rows, search
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import AnyLink, Choices, Email, Field, Lines, LongText, Phone, Text, Texts, Url
from smallcrm.records.personal import Subject
from smallcrm.records.record import RecordType, all_types, by_key

CHUNK = 500
Found = dict[str, set[int]]  # a type's key → records


@dataclass(frozen=True)
class Look:
    """What a look through everything found: what was looked for, the records and the history that speak of it."""

    words: Words
    records: Found
    places: redacting.Places


def look(subject: Subject) -> Look:
    """Look through everything for the person."""
    words = everywhere(subject)
    return Look(words, mentions(subject, words), redacting.places(words))


def linked(subject: Subject) -> Found:
    """The records that link to the person, the bin's included."""
    return _linking(subject.kind.card.key, subject.ids)


def _linking(key: str, ids: Iterable[int]) -> Found:
    found: Found = {}
    for kind, names in personal.linking_types(key):
        for name in names:
            sql, params = _points_at(kind, name, key, ids)
            found.setdefault(kind.card.key, set()).update(each for (each,) in store.rows(sql, params))
    return {each: numbers for each, numbers in found.items() if numbers}


def _points_at(kind: RecordType, name: str, key: str, ids: Iterable[int]) -> tuple[str, list[Any]]:
    field = fields_of(kind)[name]
    base = f'SELECT t.id FROM "{kind._meta.table_name}" t WHERE {field.expr()} IN (SELECT value FROM json_each(?))'
    if isinstance(field, AnyLink):
        return f'{base} AND t."{field.columns[1]}" = ?', [store.json_list(ids), key]
    return base, [store.json_list(ids)]


def around(subject: Subject) -> Found:
    """The records among which the person is known by name: those linked, and for a contact everything of their customer."""
    found = linked(subject)
    customers = {each["customer"] for each in rows.load(subject.kind, subject.ids).values() if each.get("customer")}
    if customers:
        found.setdefault("customer", set()).update(customers)
        for key, ids in _linking("customer", customers).items():
            found.setdefault(key, set()).update(ids)
    mine = found.get(subject.kind.card.key, set())
    mine -= set(subject.ids)
    return {key: ids for key, ids in found.items() if ids}


def everywhere(subject: Subject) -> Words:
    """What may be looked for in everybody's records: codes, numbers, and names that nobody else goes by."""
    names = tuple(name for name in subject.words.names if is_telling(name) and not _shared(subject, name))
    return replace(subject.words, names=names, parts=False)


def _shared(subject: Subject, name: str) -> bool:
    """Whether somebody else, a colleague included, goes by the name."""
    for key in ("user", *personal.subject_types()):
        kind = by_key(key)
        column = fields_of(kind)[kind.card.title].columns[-1]
        mine = subject.ids if kind is subject.kind else ()
        sql = (
            f'SELECT 1 FROM "{kind._meta.table_name}" WHERE "{column}" = ? AND deleted_at IS NULL'
            " AND id NOT IN (SELECT value FROM json_each(?)) LIMIT 1"
        )
        if store.row(sql, [sort_key(name), store.json_list(mine)]):
            return True
    return False


def texts_of(kind: RecordType) -> dict[str, Field]:
    """The fields in which people write freely. What a record about people or a company says of its own stays."""
    about_people = kind.card.key in personal.subject_types()
    return {
        name: each
        for name, each in fields_of(kind).items()
        if not each.derived and _is_free(each) and not (about_people and _is_own(kind, name, each))
    }


def _is_free(each: Field) -> bool:
    if isinstance(each, Phone | Email | Url | Choices):
        return False
    return isinstance(each, Text | Lines) or (isinstance(each, Texts) and each.of == "text")


def _is_own(kind: RecordType, name: str, each: Field) -> bool:
    return name == kind.card.title or (each.personal and not isinstance(each, LongText))


def redacted(kind: RecordType, held: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The fields of a record whose texts change when the words are taken out, as values to write."""
    changed: dict[str, Any] = {}
    for name, each in texts_of(kind).items():
        value = held.get(each.columns[0])
        if value:
            kept = words.out_of_all(value)
            if kept != value:
                changed[name] = _fitting(each, kept)
    return changed


def same_reach(subject: Subject) -> dict[int, dict[str, Any]]:
    """Customer → fields to empty: where a contact's own number or address was written down as the company's."""
    found: dict[int, dict[str, Any]] = {}
    kind = by_key("customer")
    customers = {each["customer"] for each in rows.load(subject.kind, subject.ids).values() if each.get("customer")}
    mine = {(each.match, key) for each, value in _reached_by(subject) for key in each.match_keys(value, subject.values)}
    for number, held in rows.load(kind, customers).items():
        if personal.is_subject("customer", held):
            continue
        for name, each in fields_of(kind).items():
            value = held.get(each.columns[0])
            if not value or each.match not in _REACH:
                continue
            listed = value if isinstance(value, list) else [value]
            kept = [text for text in listed if not _keys(each, text, held) & mine]
            if len(kept) < len(listed):
                found.setdefault(number, {})[name] = kept if isinstance(value, list) else None
    return found


_REACH = ("phone", "email", "wechat")


def _reached_by(subject: Subject) -> Iterable[tuple[Field, Any]]:
    for each in fields_of(subject.kind).values():
        if each.match in _REACH and subject.values.get(each.columns[0]):
            yield each, subject.values[each.columns[0]]


def _keys(each: Field, text: str, held: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each.match, key) for key in each.match_keys([text] if each.is_list else text, held)}


def _fitting(each: Field, value: Any) -> Any:
    if isinstance(each, Text):
        return value[: each.most]
    return value


def mentions(subject: Subject, words: Words) -> Found:
    """Records anywhere whose texts speak of the person: a long look through everything."""
    found: Found = {}
    for kind in all_types():
        if kind.card.reach == "open":
            continue
        fields = texts_of(kind)
        candidates = _word_for_word(kind, fields, words) | _indexed(kind, words)
        if kind is subject.kind:
            candidates -= set(subject.ids)
        wanted = sorted(candidates)
        for start in range(0, len(wanted), CHUNK):
            for number, held in rows.load(kind, wanted[start : start + CHUNK]).items():
                if redacted(kind, held, words):
                    found.setdefault(kind.card.key, set()).add(number)
    return found


def _word_for_word(kind: RecordType, fields: Mapping[str, Field], words: Words) -> set[int]:
    columns = [f'"{each.columns[0]}"' for each in fields.values() if not each.custom]
    if any(each.custom for each in fields.values()):
        columns.append("custom")
    test, params = redacting.holding(columns, words)
    if not test:
        return set()
    return {each for (each,) in store.rows(f'SELECT id FROM "{kind._meta.table_name}" WHERE {test}', params)}


def _indexed(kind: RecordType, words: Words) -> set[int]:
    """By the search index: the names in other case, accents, spacing."""
    if not kind.card.searchable:
        return set()
    return {number for name in words.names for number in search.ids_with(kind, name)}

"""What types and fields are called here: a school sees Students. Per language, singular and plural; names in URLs stay.

A renamed term is only ever shown by itself (a heading, a tab, a label), never glued into a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import LANGUAGES, L, language, speaking
from smallcrm.base.text import fold, tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, cache
from smallcrm.records.record import RecordType, all_types, by_key


class Term(store.Table):
    """Another name: of a type (``field`` empty) or of one of its fields."""

    id = peewee.AutoField()
    record_type = peewee.TextField()
    field = peewee.TextField()
    language = peewee.TextField()
    one = peewee.TextField()
    many = peewee.TextField(null=True)

    ddl = ("CREATE UNIQUE INDEX ix_term ON term (record_type, field, language)",)

    class Meta:
        table_name = "term"


@cache.kept
def _terms() -> dict[tuple[str, str, str], tuple[str, str | None]]:
    found = store.rows("SELECT record_type, field, language, one, many FROM term")
    return {(t, f, code): (one, many) for t, f, code, one, many in found}


def one(kind: RecordType) -> str:
    """The type's name for one record, in the reader's language."""
    renamed = _terms().get((kind.card.key, "", language()))
    return renamed[0] if renamed else str(kind.card.one)


def many(kind: RecordType) -> str:
    """The type's name for several."""
    renamed = _terms().get((kind.card.key, "", language()))
    return (renamed[1] or renamed[0]) if renamed else str(kind.card.many)


def field(kind: RecordType, name: str) -> str:
    """A field's label."""
    from smallcrm.records.custom import fields_of

    renamed = _terms().get((kind.card.key, name, language()))
    return renamed[0] if renamed else str(fields_of(kind)[name].label)


def all_labels(kind: RecordType, name: str) -> list[str]:
    """Every label a field goes by, in all languages, renamed or built in: what a file's header may say."""
    from smallcrm.records.custom import fields_of

    declared_label = fields_of(kind)[name].label
    found = []
    for code in LANGUAGES:
        with speaking(code):
            found += [field(kind, name), str(declared_label)]
    return list(dict.fromkeys(found))


def rename(actor: Actor, kind: RecordType, names: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
    """Set terms: ``{"": {"zh": ("学员", "学员")}, "grade": {"en": ("Priority", "")}}``; empty text returns to the built-in.

    Raises Invalid where two types would go by one name.
    """
    cleaned: list[tuple[str, str, str, str | None]] = []
    for name, by_language in names.items():
        for code, (singular, plural) in by_language.items():
            if code not in LANGUAGES:
                continue
            singular, plural = tidy(singular)[:60], tidy(plural)[:60]
            cleaned.append((name, code, singular, plural or None))
            _refuse_clash(kind, name, code, singular, plural)
    with store.writing():
        for name, code, singular, plural_ in cleaned:
            store.run(
                "DELETE FROM term WHERE record_type = ? AND field = ? AND language = ?", [kind.card.key, name, code]
            )
            if singular:
                store.run(
                    "INSERT INTO term (record_type, field, language, one, many) VALUES (?, ?, ?, ?, ?)",
                    [kind.card.key, name, code, singular, plural_],
                )
        audit.log(actor, "terms", record_type=kind.card.key, detail={"names": json.loads(json.dumps(names))})
        cache.bump()


def _refuse_clash(kind: RecordType, name: str, code: str, singular: str, plural: str) -> None:
    if name or not singular:
        return
    with speaking(code):
        for other in all_types():
            if other is not kind and {fold(singular), fold(plural or singular)} & {fold(one(other)), fold(many(other))}:
                raise Invalid({"": [str(L("“%(name)s” is what something else is called already.", name=singular))]})


def terms_of(key: str) -> dict[tuple[str, str], tuple[str, str]]:
    """(field, language) → names set for a type, for its settings page."""
    kind: Any = by_key(key)
    return {(f, code): (a, b or "") for (t, f, code), (a, b) in _terms().items() if t == kind.card.key}

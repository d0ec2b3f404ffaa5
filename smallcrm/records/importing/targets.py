"""The fields of a type that a file's column may go to, described for ``records/exchange``: kinds, labels, words, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from smallcrm.base.i18n import LANGUAGES, speaking
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.exchange.column_words import COLUMNS
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.exchange.values import Choice as ColumnChoice
from smallcrm.records.fields import (
    AnyLink,
    Choice,
    Choices,
    Date,
    Email,
    Field,
    Flag,
    Lines,
    Link,
    Links,
    LongText,
    Moment,
    Money,
    Number,
    Phone,
    Text,
    Texts,
    Url,
)
from smallcrm.records.importing import extras
from smallcrm.records.importing.extras import Extra
from smallcrm.records.record import RecordType

_CODES = ("postcode", "tax number", "number", "id number")
_FOLLOWS = frozenset({"id", "version"})


@dataclass(frozen=True)
class Target:
    """Where a column may go. ``field`` is None for what an extra adds."""

    name: str
    column: Column
    label: str
    field: Field | None = None
    group: str = ""  # what the extra is called


def kind_of(field: Field, concepts: Sequence[str] = ()) -> str:
    """How ``exchange`` reads and writes a field's cells; empty for one that has no cell of its own."""
    if isinstance(field, Lines | Links):  # the names of several are written out, not read in
        return ""
    if isinstance(field, Link):
        return "person" if field.to == "user" else "link"
    if isinstance(field, Number):
        return "percent" if field.unit == "%" else "number" if field.places else "integer"
    if isinstance(field, Texts) and not isinstance(field, Choices):
        return {"phone": "phones", "email": "emails"}.get(field.of, "texts")
    if isinstance(field, Text) and not isinstance(field, LongText | Url | Phone | Email):
        if any(concept in _CODES for concept in concepts):
            return "code"
        return "choice" if field.open_list else "text"
    kinds: tuple[tuple[type[Field], str], ...] = (
        (Phone, "phone"), (Email, "email"), (Url, "url"), (LongText, "long_text"), (Choices, "choices"),
        (Choice, "choice"), (Money, "money"), (Date, "date"), (Moment, "moment"), (Flag, "flag"), (AnyLink, "link"),
    )  # fmt: skip
    return next((name for kind, name in kinds if isinstance(field, kind)), "")


def choices_of(field: Field) -> tuple[ColumnChoice, ...]:
    """The entries of a closed list, each with every text that means it in any of our languages."""
    if not isinstance(field, Choice | Choices):
        return ()
    found: dict[str, list[str]] = {option.key: [str(option.label)] for option in field.options}
    for code in LANGUAGES:
        with speaking(code):
            for option in field.options:
                found.setdefault(option.key, []).append(str(option.label))
    return tuple(ColumnChoice(key, tuple(dict.fromkeys(texts))) for key, texts in found.items())


def words_of(key: str, field: Field) -> tuple[str, ...]:
    """The headers people give a field: its own aliases and those of its concepts."""
    said = [word for concept in extras.concepts_of(key, field.key) for word in COLUMNS.get(concept, ())]
    return tuple(dict.fromkeys([*field.aliases, *said]))


def describe(kind: RecordType, name: str, field: Field) -> Column | None:
    """A field as a column may go to it; None for one that no column can fill."""
    key = kind.card.key
    read_as = kind_of(field, extras.concepts_of(key, name))
    if not read_as:
        return None
    known = dict(enumerate(labels.all_labels(kind, name)))
    return Column(
        name,
        read_as,
        {str(place): label for place, label in known.items()},
        words_of(key, field),
        choices_of(field),
        not isinstance(field, Choice | Choices),
        field.required,
    )


def targets(actor: Actor, kind: RecordType, also: Sequence[Extra] = ()) -> dict[str, Target]:
    """Every target of a type that the actor may write, in the order of its fields; then those of its extras."""
    found: dict[str, Target] = {}
    for name, field in access.writable(actor, kind).items():
        if name in _FOLLOWS or field.derived or (name == "owner" and kind.card.reach == "open"):
            continue
        column = describe(kind, name, field)
        if column is not None:
            found[name] = Target(name, column, labels.field(kind, name), field)
    for extra in also:
        for column in extra.columns():
            name = f"{extra.prefix}.{column.name}"
            found[name] = Target(name, replace(column, name=name), extra.label(column.name), None, extra.prefix)
    return found


def without(found: Mapping[str, Target], extra: Extra) -> dict[str, Target]:
    """The targets for a file that holds nothing for an extra: its words go to the record's own fields."""
    kept = {name: target for name, target in found.items() if target.group != extra.prefix}
    for name, words in extra.alone().items():
        if name in kept:
            column = kept[name].column
            kept[name] = replace(kept[name], column=replace(column, aliases=(*column.aliases, *words)))
    return kept

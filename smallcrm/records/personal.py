"""Whose data a record holds, and what belongs to one person: the kernel's part in export and erasure.

Areas say which of their types are about people (``subject``), which records must be kept and until when (``keeps``), and
what else they know about a person (``add``). ``areas/privacy`` puts it together; nobody imports it to take part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base.i18n import Label
from smallcrm.base.redaction import Words
from smallcrm.identity.actor import Actor
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import AnyLink, Link
from smallcrm.records.record import Record, RecordType, all_types, values

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """One person: the record, and the ids that were merged into it (they lie in the bin and hold data too)."""

    kind: RecordType
    id: int
    ids: tuple[int, ...]
    values: Values
    words: Words = field(default_factory=Words)  # everything this person was ever called and reached by

    @property
    def path(self) -> str:
        """Where its page lies, without the slash: what messages about it carry as ``related``."""
        return f"{self.kind.card.name}/{self.id}"


@dataclass(frozen=True)
class Item:
    """A line of what an erasure does: ``act`` is erased, redacted or kept; ``until`` in words where it ends."""

    act: str
    label: Label
    n: int | None = None
    why: Label = ""
    until: Label = ""


@dataclass(frozen=True)
class Table:
    """A part of what one person gets: a heading, column heads and rows of texts; ``data`` is the same for programs."""

    key: str
    title: Label
    heads: Sequence[Label]
    rows: Sequence[Sequence[str]]
    data: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class File:
    """A file that goes into the export: its name there, and how to open it."""

    name: str
    open: Callable[[], Any]


@dataclass(frozen=True)
class Provider:
    """What an area knows about a person beside records that link to them. Each part may be missing.

    ``erase`` is called inside the erasure's transaction; ``items`` before it, for the list of what happens. ``takes``:
    types whose records that link to the person it sees to itself and names in ``items``.
    """

    key: str
    tables: Callable[[Actor, Subject], Iterable[Table]] = lambda _actor, _subject: ()
    files: Callable[[Actor, Subject], Iterable[File]] = lambda _actor, _subject: ()
    items: Callable[[Subject], Iterable[Item]] = lambda _subject: ()
    erase: Callable[[Subject], None] = lambda _subject: None
    takes: Sequence[str] = ()


@dataclass(frozen=True)
class Keeping:
    """Records of a type that stay as they are although they name the person."""

    why: Label
    until: Callable[[], Label] = lambda: ""


_subjects: dict[str, Callable[[Values], bool]] = {}
_providers: dict[str, Provider] = {}
_kept: dict[str, Keeping] = {}
suppressed: Callable[[Sequence[tuple[str, str]]], set[tuple[str, str]]] = lambda _keys: set()


def subject(key: str, when: Callable[[Values], bool] = lambda _values: True) -> None:
    """Records of the type are about a person, those whose values ``when`` accepts."""
    _subjects[key] = when


def is_person(record: Record) -> bool:
    """Whether the record is about one person."""
    return is_subject(record.card.key, values(record))


def is_subject(key: str, held: Values) -> bool:
    """Whether a record of the type with these values is about one person."""
    return key in _subjects and _subjects[key](held)


def subject_types() -> list[str]:
    """The types that may be about people."""
    return list(_subjects)


def keeps(key: str, keeping: Keeping) -> None:
    """Records of the type are kept as they are: invoices, for as long as the law asks."""
    _kept[key] = keeping


def keeping(key: str) -> Keeping | None:
    """Why records of the type are kept; None where they are not."""
    return _kept.get(key)


def add(provider: Provider) -> None:
    """An area tells what it knows about a person."""
    _providers[provider.key] = provider


def providers() -> list[Provider]:
    """All of them."""
    return list(_providers.values())


def set_suppressed(function: Callable[[Sequence[tuple[str, str]]], set[tuple[str, str]]]) -> None:
    """``areas/privacy`` says which keys (kind, key as in ``duplicates``) are those of erased people: an import asks."""
    global suppressed
    suppressed = function


def personal_fields(kind: RecordType) -> list[str]:
    """The fields that say something about a person: those flagged so, and every field made here for a type about people."""
    custom = kind.card.key in _subjects
    return [
        name
        for name, each in fields_of(kind).items()
        if (each.personal or (each.custom and custom)) and name != kind.card.title and not each.derived
    ]


def linking_types(key: str) -> list[tuple[RecordType, list[str]]]:
    """The types with links that may lead to a record of type ``key``, and the names of those links, custom ones included."""
    found = []
    for kind in all_types():
        names = [
            name
            for name, each in fields_of(kind).items()
            if isinstance(each, AnyLink) or (isinstance(each, Link) and each.to == key)
        ]
        if names:
            found.append((kind, names))
    return found

"""A record type: one peewee model, its card, and the registry of all of them.

A record's attributes are what is stored (ISO text, minor units, ids, lists); ``values(record)`` is all of it as a dict.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import peewee

from smallcrm import store
from smallcrm.base.i18n import L, Label
from smallcrm.records.fields import Date, Field, Link, Moment, Text
from smallcrm.store import Table

T = TypeVar("T")

# The kernel's own columns, in the order in which the API writes them.
SYSTEM_COLUMNS = ("id", "version", "created_at", "updated_at", "owner", "team", "deleted_at")


@dataclass(frozen=True)
class Card:
    """What a type is called and how it behaves. ``number`` never changes: it is part of search row ids.

    ``reach``: how it is seen. *owned*: by its owner and the owner's team; *through*: by its own owner and through the
    record that ``through`` names; *open*: by everybody whose role may view the type at all.
    """

    key: str  # customer: tables, links, change rows
    name: str  # customers: URLs, API, command line
    number: int
    one: Label
    many: Label
    icon: str
    title: str = "name"  # the field by which a record is called
    reach: str = "owned"
    through: str = ""  # the link field of a *through* type
    through_about: bool = False  # where that link is empty, what its ``about`` names stands in for it
    through_edit: bool = True  # whoever may edit what it is reached through may edit it too
    pooled: bool = False
    shared: bool = False  # a *through* type to whose single records colleagues may be let in (``reach.Share``)
    order: str = "name"  # the default sort; "-created_at" for newest first
    setup: bool = False  # an *open* type that only those who may change the settings make and change
    pages: bool = True  # has the generic list, record and form pages
    api: bool = True
    quick_add: bool = False
    importable: bool = True
    cascades: Sequence[str] = ()  # "type.field": goes into the bin with it
    columns: Sequence[str] = ()  # what a list shows by default; else the fields flagged column
    sections: Sequence[tuple[str, Label]] = ()
    about: Label = ""  # what the empty list says the type is for
    merges: bool = False
    searchable: bool = True
    unsorted: Sequence[str] = ()  # kernel columns that a long, busy table does not sort by
    present: Callable[[], bool] | None = None  # whether this kind of company has the type at all
    own_index: Sequence[tuple[str, str]] = ()  # (field, index of the type's own that serves instead of the field's)


class Record(Table):
    """Base of every record type. ``fields()`` are its declared fields by name, without the custom ones."""

    abstract: ClassVar[bool] = True
    card: ClassVar[Card]

    # AUTOINCREMENT: an id is never given twice, so a history row or a printed link never means another record
    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    version = peewee.IntegerField(default=1)
    created_at = Moment(L("Created"), read_only=True, sort=True, section="system", aliases=("创建时间",))
    updated_at = Moment(L("Changed"), read_only=True, sort=True, section="system", aliases=("更新时间",))
    owner = Link(
        L("Owner"), "user", filter=True, column=True, section="main",
        aliases=("owner", "sales rep", "rep", "salesperson", "负责人", "业务员", "归属人", "跟进人", "υπεύθυνος", "πωλητής"),
    )  # fmt: skip
    team = Link(L("Team"), "team", filter=True, read_only=True, section="system")
    deleted_at = Moment(L("Deleted"), read_only=True, section="system", hidden=True)
    merged_into = peewee.IntegerField(null=True)
    custom = peewee.TextField(null=True)  # typed values of custom fields, one JSON object

    class Meta:
        legacy_table_names = False


class Pooled(Record):
    """Base of a type whose records may lie in a pool; the columns are written by the pool's verbs only."""

    abstract: ClassVar[bool] = True

    pool = Link(L("Pool"), "pool", filter=True, read_only=True, section="system", inline=False)
    entered_pool_at = Moment(L("In the pool since"), read_only=True, section="system", filter=True, sort=True)


class Through(Record):
    """Base of a *through* type: derived columns mirror the scope of what it is reached through."""

    abstract: ClassVar[bool] = True

    via_owner = peewee.IntegerField(null=True)
    via_team = peewee.IntegerField(null=True)
    via_pool = peewee.IntegerField(null=True)


class Attached(Through):
    """Base of a type that hangs on any record by an AnyLink called ``about``: whoever reaches that record reaches this too.

    Derived: the link it is reached *through* (what ``about`` names, or that record's link of the same name), and the scope
    of what ``about`` names where it is something else.
    """

    abstract: ClassVar[bool] = True

    about_owner = peewee.IntegerField(null=True)
    about_team = peewee.IntegerField(null=True)
    about_pool = peewee.IntegerField(null=True)


RecordType = type[Record]

_by_key: dict[str, RecordType] = {}
_by_name: dict[str, RecordType] = {}


def register(kind: RecordType) -> RecordType:
    """Make a declared type known. Used as a decorator under ``Record``'s subclasses."""
    card = kind.card
    taken = next((k for k in _by_key.values() if k.card.number == card.number and k.card.key != card.key), None)
    if taken is not None:
        raise ValueError(f"{card.key} and {taken.card.key} share the number {card.number}")
    _by_key[card.key] = kind
    _by_name[card.name] = kind
    return kind


def all_types() -> list[RecordType]:
    """Every registered type, in the order of registration."""
    return list(_by_key.values())


def is_present(kind: RecordType) -> bool:
    """Whether this company has the type: one it does not have is nobody's to see or make."""
    return kind.card.present is None or kind.card.present()


def by_key(key: str) -> RecordType:
    """``customer`` → Customer. KeyError where there is none."""
    return _by_key[key]


def by_name(name: str) -> RecordType | None:
    """``customers`` → Customer."""
    return _by_name.get(name)


def find_type(word: str) -> RecordType | None:
    """By singular key or plural name."""
    return _by_key.get(word) or _by_name.get(word)


def by_number(number: int) -> RecordType | None:
    """The type whose search rows carry ``number``."""
    return next((kind for kind in _by_key.values() if kind.card.number == number), None)


def added(kind: RecordType, **more: Field) -> None:
    """Fields that a type got after its table was first made: their columns stand last, where a migration adds them."""
    for name, each in more.items():
        kind._meta.add_field(name, each)


_declared: dict[str, dict[str, Field]] = {}


def declared(kind: RecordType) -> dict[str, Field]:
    """The declared fields of a type by name, in order: its own first, the kernel's last."""
    key = kind.card.key
    if key not in _declared:
        fields = {f.name: f for f in kind._meta.sorted_fields if isinstance(f, Field)}
        base = [
            name
            for name in ("owner", "team", "pool", "entered_pool_at", "created_at", "updated_at")
            if name in fields and (name != "team" or fields[name].read_only)
        ]
        own = [name for name in fields if name not in base and name != "deleted_at"]
        _declared[key] = {name: fields[name] for name in [*own, *base]}
    return _declared[key]


def links_to(key: str) -> Iterator[tuple[RecordType, Field]]:
    """Every declared link field that points at type ``key``."""
    for kind in all_types():
        for field in declared(kind).values():
            if isinstance(field, Link) and field.to == key:
                yield kind, field


def cascading(key: str) -> Iterator[tuple[RecordType, str, str]]:
    """Every link by which records go into the bin together with one of type ``key``: (type, column, further condition)."""
    from smallcrm.records.fields import AnyLink

    for kind in all_types():
        for field in declared(kind).values():
            if isinstance(field, Link) and field.to == key and field.cascade:
                yield kind, field.columns[0], "1"
            elif isinstance(field, AnyLink) and field.cascade:
                yield kind, field.columns[0], f"\"{field.columns[1]}\" = '{key}'"


def column_names(kind: RecordType) -> list[str]:
    """Every column of the type's table."""
    return [f.column_name for f in kind._meta.sorted_fields]


def from_row(kind: RecordType, row: Sequence[Any]) -> Record:
    """A record from a row of all columns, in ``column_names`` order."""
    fields = kind._meta.sorted_fields
    return kind(**{f.name: f.python_value(v) for f, v in zip(fields, row, strict=True)})


def values(record: Record) -> dict[str, Any]:
    """Everything stored of the record, by column, custom fields unpacked under their keys."""
    import json

    found = dict(record.__data__)
    custom = found.pop("custom", None)
    if custom:
        found.update(json.loads(custom) if isinstance(custom, str) else custom)
    return found


def with_record(record: Record, asked: Hashable, look: Callable[[], T]) -> T:
    """What ``look`` finds out about a record, kept with it as it was read until this process commits anything: a page asks the
    same from several of its parts. While something is written nothing is kept."""
    if store.in_writing():
        return look()
    held: dict[Any, Any] = record.__dict__.setdefault("_found_out", {})
    key = (asked, store.commits())
    if key not in held:
        held[key] = look()
    found: T = held[key]
    return found


def title(record: Record) -> str:
    """What the record is called."""
    text = getattr(record, record.card.title, None)
    return str(text) if text else f"#{record.id}"


Hook = Callable[..., Any]
FieldMap = Mapping[str, Field]
__all__ = [
    "Attached", "Card", "Date", "Field", "Pooled", "Record", "RecordType", "Text", "Through", "all_types", "by_key",
    "by_name", "by_number", "cascading", "column_names", "declared", "find_type", "from_row", "links_to", "register", "title", "values",
]  # fmt: skip

"""What happened around a record, newest first: read from where it stands, not kept a second time.

Areas register sources: a select of (at, kind, source type, source id) for a subject, each along an index. They are merged a
page at a time. Filter chips count by kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record

FIRST, MORE = 12, 30  # entries: a screen at first, then as one scrolls
SHORT = 100  # entries of a source up to which its history is short


@dataclass(frozen=True)
class Chip:
    """A group of kinds that one filter chip stands for. ``aside``: kinds that only it shows; elsewhere they stand with others."""

    key: str
    label: Label
    kinds: tuple[str, ...]
    icon: str = ""
    aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One select for one subject. ``sql`` yields at, kind, source type, id and ends in a WHERE that may be added to."""

    sql: str
    params: tuple[Any, ...]
    at: str  # the expression to page by


@dataclass(frozen=True)
class Item:
    """One entry; ``source`` and ``id`` say what to draw."""

    at: str
    kind: str
    source: str
    id: int


Source = Callable[[Actor, Record], Sequence[Part]]

_sources: list[Source] = []
_chips: list[Chip] = []


def source(function: Source) -> Source:
    """Register a source of entries."""
    _sources.append(function)
    return function


def chip(*chips: Chip) -> None:
    """Register filter chips, in the order in which they are shown."""
    _chips.extend(chips)


def chips() -> list[Chip]:
    """All filter chips."""
    return list(_chips)


def page(
    actor: Actor, record: Record, *, only: str = "", after: tuple[str, str, int] | None = None, limit: int = 0
) -> tuple[list[Item], tuple[str, str, int] | None]:
    """Entries of a chip (all without one) after a place, newest first, and the place of the next page.

    ``limit``: at most so many; without one a screen of them, or what follows it.
    """
    limit = limit or (MORE if after else FIRST)
    kinds = next(((*c.kinds, *c.aside) for c in _chips if c.key == only), ())
    aside = () if kinds else _aside()
    where = ""
    more: list[Any] = []
    if kinds:
        where += f" AND kind IN ({', '.join('?' * len(kinds))})"
        more += kinds
    elif aside:
        where += f" AND kind NOT IN ({', '.join('?' * len(aside))})"
        more += aside
    if after:
        where += " AND (at < ? OR (at = ? AND (source, id) < (?, ?)))"
        more += [after[0], after[0], after[1], after[2]]
    found: list[Item] = []
    for part in _parts(actor, record):  # one select each: merged in SQL they took three times as long
        bound = f" AND {part.at} <= ?" if after else ""
        sql = f"SELECT * FROM ({part.sql}{bound}) WHERE 1{where} ORDER BY at DESC, id DESC LIMIT ?"
        params = [*part.params, *([after[0]] if after else []), *more, limit + 1]
        found += [Item(*row) for row in store.rows(sql, params)]
    return _cut(found, limit)


def _cut(found: list[Item], limit: int) -> tuple[list[Item], tuple[str, str, int] | None]:
    found.sort(key=lambda item: (item.at, item.source, item.id), reverse=True)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], (last.at, last.source, last.id)


def opening(actor: Actor, record: Record) -> tuple[list[Item], tuple[str, str, int] | None, dict[str, int]]:
    """The first page of all, the place of the next, and the counts: a short history is read once for all three."""
    aside, by_kind = _aside(), Counter[str]()
    found: list[Item] = []
    for part in _parts(actor, record):
        rows = store.rows(f"{part.sql} ORDER BY {part.at} DESC, id DESC LIMIT ?", [*part.params, SHORT + 1])
        if len(rows) > SHORT:
            return *page(actor, record), counts(actor, record)
        by_kind.update(row[1] for row in rows)
        found += [Item(*row) for row in rows if row[1] not in aside]
    return *_cut(found, FIRST), _by_chip(by_kind)


def counts(actor: Actor, record: Record) -> dict[str, int]:
    """How many entries each chip holds; "" for all."""
    by_kind = Counter[str]()
    for part in _parts(actor, record):
        sql = f"SELECT kind, count(*) FROM ({part.sql}) GROUP BY kind"
        by_kind.update(dict(store.rows(sql, part.params)))
    return _by_chip(by_kind)


def _by_chip(by_kind: Mapping[str, int]) -> dict[str, int]:
    found = {chip_.key: sum(by_kind.get(kind, 0) for kind in (*chip_.kinds, *chip_.aside)) for chip_ in _chips}
    found[""] = sum(n for kind, n in by_kind.items() if kind not in _aside())
    return found


def _aside() -> tuple[str, ...]:
    return tuple(kind for chip_ in _chips for kind in chip_.aside)


def _parts(actor: Actor, record: Record) -> list[Part]:
    return [part for source_ in _sources for part in source_(actor, record)]


@source
def _changes(actor: Actor, record: Record) -> Sequence[Part]:
    """The record's own changes, grouped by nothing: each change-set is one entry."""
    return [
        Part(
            "SELECT s.at AS at, CASE c.act WHEN 'create' THEN 'created' ELSE 'change' END AS kind,"
            " 'change' AS source, c.id AS id"
            " FROM change c JOIN change_set s ON s.id = c.set_id WHERE c.record_type = ? AND c.record = ?",
            (record.card.key, int(record.id)),
            "s.at",
        )
    ]

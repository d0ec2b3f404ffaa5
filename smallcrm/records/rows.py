"""Rows of record tables as dicts, and the statements that write them. Only ``change`` and ``derive`` use the latter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from smallcrm import store
from smallcrm.records.record import RecordType, by_key, column_names

_CUSTOM = re.compile(r"c[1-9]\d*(_base)?")


def is_custom(name: str) -> bool:
    """Whether a column name is that of a custom field."""
    return name[0] == "c" and name[1:2].isdigit() and bool(_CUSTOM.fullmatch(name))


def load(
    kind: RecordType,
    ids: Iterable[int],
    where: str = "1",
    params: Sequence[Any] = (),
    *,
    only: tuple[str, ...] | None = None,
) -> dict[int, dict[str, Any]]:
    """Id → every value (or those of the columns ``only``, the id first) of the rows that exist and meet ``where``.

    The table's alias is ``t``; the bin is included.
    """
    names = only or _names(kind)
    columns = ", ".join(f't."{name}"' for name in names)
    sql = (
        f'SELECT {columns} FROM "{kind._meta.table_name}" t WHERE t.id IN (SELECT value FROM json_each(?)) AND {where}'
    )
    return {row[0]: as_dict(kind, row, names) for row in store.rows(sql, [store.json_list(ids), *params])}


def with_bin(sql: str, params: Sequence[Any] = ()) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What a select with ``{here}`` among its conditions finds of what lives and of what lies in the bin.

    Asked apart, because the indexes hold what lives, and that of the bin the rest: asked as one it would read the table.
    """
    live, gone = (store.rows(sql.format(here=f"deleted_at {which} NULL"), params) for which in ("IS", "IS NOT"))
    return live, gone


@lru_cache(maxsize=64)
def _names(kind: RecordType) -> tuple[str, ...]:
    return tuple(column_names(kind))


def as_dict(kind: RecordType, row: Sequence[Any], names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """A row of all columns (or of ``names``) as values by column, custom ones unpacked."""
    known = names or _names(kind)
    found = dict(zip(known, row, strict=True))
    for name, convert in _readers(kind, known):
        found[name] = convert(found[name])
    custom = found.pop("custom", None)
    if custom:
        found.update(json.loads(custom))
    return found


@lru_cache(maxsize=256)
def _readers(kind: RecordType, names: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """The columns among ``names`` that are read otherwise than they are stored."""
    from smallcrm.records.fields import Lines, Numbers, Texts

    columns = kind._meta.columns
    return tuple((name, columns[name].from_sql) for name in names if isinstance(columns[name], Texts | Lines | Numbers))


def bind(kind: RecordType, values: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    """The values of ``names`` as SQLite binds them."""
    bound = list(map(values.get, names))
    for place, convert in _writers(kind, names):
        bound[place] = _packed(kind, values) if convert is None else convert(bound[place])
    return bound


@lru_cache(maxsize=1024)
def _writers(kind: RecordType, names: tuple[str, ...]) -> tuple[tuple[int, Any], ...]:
    """The places of ``names`` that are not stored as they are; None stands for the custom column."""
    from smallcrm.records.fields import Lines, Numbers, Texts

    columns = kind._meta.columns
    found: list[tuple[int, Any]] = []
    for place, name in enumerate(names):
        if name == "custom":
            found.append((place, None))
        elif isinstance(columns[name], Texts | Lines | Numbers):
            found.append((place, columns[name].to_sql))
    return tuple(found)


@lru_cache(maxsize=64)
def empty(kind: RecordType) -> Mapping[str, None]:
    """Every column but ``custom``, empty: what a creation starts from. To be copied."""
    return dict.fromkeys((f.column_name for f in kind._meta.sorted_fields if f.column_name != "custom"), None)


def _packed(kind: RecordType, values: Mapping[str, Any]) -> str | None:
    return None if values.keys() <= empty(kind).keys() else pack_custom(values)


def pack_custom(values: Mapping[str, Any]) -> str | None:
    """The custom values as their JSON column, None where there is none."""
    held = {name: value for name, value in values.items() if value is not None and is_custom(name)}
    return json.dumps(held, ensure_ascii=False, sort_keys=True) if held else None


@lru_cache(maxsize=64)
def insert_sql(key: str) -> tuple[str, tuple[str, ...]]:
    """The INSERT of a whole row and its columns."""
    kind = by_key(key)
    names = tuple(column_names(kind))
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{kind._meta.table_name}" ({quoted}) VALUES ({", ".join("?" * len(names))})', names


@lru_cache(maxsize=1024)
def update_sql(key: str, names: tuple[str, ...]) -> str:
    """The UPDATE of some columns, guarded by the version it is based on."""
    table = by_key(key)._meta.table_name
    assignments = ", ".join(f'"{name}" = ?' for name in names)
    return f'UPDATE "{table}" SET {assignments} WHERE id = ? AND version = ?'


def next_ids(kind: RecordType, count: int) -> range:
    """Ids never used before. Inside ``writing``."""
    table = kind._meta.table_name
    used = store.value("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
    first = int(used or 0) + 1
    return range(first, first + count)

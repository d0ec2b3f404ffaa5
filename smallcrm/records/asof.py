"""Records as they stood at a moment: today's rows with every later change taken back.

Rights and the names of linked records are today's, and the page says so. The cost follows what has changed since.
"""

from __future__ import annotations

import json
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.records import changesets, rows
from smallcrm.records.changesets import Entry
from smallcrm.records.drafts import CREATE
from smallcrm.records.record import RecordType, column_names

MOST = 300_000  # changes that are taken back for one view


def of_record(kind: RecordType, record_id: int, moment: str) -> dict[str, Any] | None:
    """The record's values at ``moment`` (stored form); None where it did not exist yet."""
    found = rows.load(kind, [record_id]).get(record_id)
    if found is None:
        return None
    after = changes_since(kind, moment, record_id)
    return _back(found, after)


def changes_since(kind: RecordType, moment: str, record_id: int | None = None) -> list[Entry]:
    """The type's changes after ``moment``, newest first."""
    first = store.value("SELECT min(id) FROM change_set WHERE at > ?", [moment])
    if first is None:
        return []
    where, params = ("record_type = ? AND set_id >= ?", [kind.card.key, first])
    if record_id is not None:
        where, params = (f"{where} AND record = ?", [*params, record_id])
    found = store.rows(
        "SELECT c.id, c.set_id, c.record_type, c.record, c.version, c.act, c.data, c.pack FROM change c"
        f" JOIN change_set s ON s.id = c.set_id WHERE {where} AND s.at > ? ORDER BY c.id DESC LIMIT ?",
        [*params, moment, MOST + 1],
    )
    if len(found) > MOST:
        raise BadRequest(L("Too much has changed since then to show it as a list. Choose a later day."))
    return changesets.read_rows(found)


def _back(values: dict[str, Any], later: list[Entry]) -> dict[str, Any] | None:
    """``values`` with the later changes (newest first) taken back."""
    for entry in later:
        if entry.act == CREATE:
            return None
        values = {**values, **entry.before}
    return values


def view(kind: RecordType, moment: str) -> str:
    """The name of a temporary view with the type's columns as of ``moment``, on this thread's connection."""
    table = kind._meta.table_name
    name = f"asof_{table}"
    mark = f"{moment}|{store.data_version()}|{store.value('SELECT max(id) FROM change')}"
    _ensure_marks()
    if store.value("SELECT mark FROM temp.asof_mark WHERE name = ?", [name]) == mark:
        return f"temp.{name}"
    by_record: dict[int, list[Entry]] = {}
    for entry in changes_since(kind, moment):
        by_record.setdefault(entry.record, []).append(entry)
    columns = tuple(column_names(kind))
    quoted = ", ".join(f'"{column}"' for column in columns)
    store.scratch(f"DROP VIEW IF EXISTS temp.{name}")
    store.scratch(f"DROP TABLE IF EXISTS temp.{name}_rows")
    store.scratch(f"CREATE TEMP TABLE {name}_rows ({', '.join(_typed(kind))})")
    current = rows.load(kind, by_record)
    marks = ", ".join("?" * len(columns))
    for record_id, later in by_record.items():
        then = _back(current[record_id], later) if record_id in current else None
        if then is not None:
            store.scratch(f"INSERT INTO temp.{name}_rows VALUES ({marks})", rows.bind(kind, then, columns))
    store.scratch(f"CREATE TEMP TABLE IF NOT EXISTS {name}_ids (id INTEGER PRIMARY KEY)")
    store.scratch(f"DELETE FROM temp.{name}_ids")
    store.scratch(f"INSERT INTO temp.{name}_ids SELECT value FROM json_each(?)", [json.dumps(sorted(by_record))])
    store.scratch(
        f'CREATE TEMP VIEW {name} AS SELECT {quoted} FROM main."{table}"'
        f" WHERE id NOT IN (SELECT id FROM temp.{name}_ids) UNION ALL SELECT {quoted} FROM temp.{name}_rows"
    )
    store.scratch("INSERT OR REPLACE INTO temp.asof_mark VALUES (?, ?)", [name, mark])
    return f"temp.{name}"


def _ensure_marks() -> None:
    store.scratch("CREATE TEMP TABLE IF NOT EXISTS asof_mark (name TEXT PRIMARY KEY, mark TEXT)")


def _typed(kind: RecordType) -> list[str]:
    return [
        f'"{f.column_name}" {"INTEGER" if f.field_type in ("AUTO", "INT", "INTEGER") else "TEXT"}'
        for f in kind._meta.sorted_fields
    ]

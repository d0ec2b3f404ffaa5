"""Records as JSON: the kernel's own columns first, then the fields, custom ones in an object of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm.identity.actor import Actor
from smallcrm.records import access, duplicates, present, rows, warnings
from smallcrm.records.fields import AnyLink, Field, Link, Reading
from smallcrm.records.reach import pool_column
from smallcrm.records.record import Record, RecordType, Through, values

HEAD = ("created_at", "updated_at", "owner", "team")


def one(actor: Actor, record: Record) -> dict[str, Any]:
    """One record."""
    return many(actor, type(record), [values(record)])[0]


def remarks(actor: Actor, record: Record, *, new: bool) -> dict[str, Any]:
    """What an answer to a write says beside the record: odd values, and for a new one its likely duplicates."""
    kind, held = type(record), values(record)
    found: dict[str, Any] = {}
    odd = warnings.of(actor, kind, held, masked=access.masked_fields(actor, record))
    if odd:
        found["warnings"] = odd
    same = duplicates.find(actor, kind, held, except_id=int(record.id)) if new else []
    if same:
        found["duplicates"] = [
            {"type": each.kind.card.name, "id": each.id, "name": each.title, "by": list(each.by)} for each in same
        ]
    return found


def by_ids(
    actor: Actor, kind: RecordType, ids: Sequence[int], only: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Records in the order of ``ids``; with ``only`` just those fields beside id and version."""
    found = rows.load(kind, ids)
    return many(actor, kind, [found[i] for i in ids if i in found], only)


def many(
    actor: Actor, kind: RecordType, held: Sequence[Mapping[str, Any]], only: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Several records' values as JSON; each linked type's names are looked up at once."""
    fields = access.readable(actor, kind)
    wanted = set(only) if only is not None else None
    if wanted is not None:
        fields = {n: f for n, f in fields.items() if n in wanted or (f.custom and "custom" in wanted)}
    names = _names(actor, fields, held)
    pools = access.masked_pools(actor, kind)
    pool = pool_column(kind) if kind.card.pooled or issubclass(kind, Through) else ""
    found = []
    for each in held:
        masked = access.masked_in(kind, pools.get(each.get(pool) or 0)) if pools else frozenset()
        reading = Reading(actor, lambda key, record_id: names.get(key, {}).get(record_id), masked)
        found.append(_one(kind, each, fields, reading, wanted))
    return found


def _one(
    kind: RecordType, each: Mapping[str, Any], fields: Mapping[str, Field], reading: Reading, wanted: set[str] | None
) -> dict[str, Any]:
    body: dict[str, Any] = {"id": each["id"], "version": each["version"]}
    for name in HEAD:
        if name in fields:
            body[name] = present.api(fields[name], each, reading)
    for name, field in fields.items():
        if name not in HEAD and not field.custom:
            body[name] = present.api(field, each, reading)
    if wanted is None or "custom" in wanted or any(f.custom for f in fields.values()):
        body["custom"] = {n: present.api(f, each, reading) for n, f in fields.items() if f.custom}
    _ = kind
    return body


def _names(actor: Actor, fields: Mapping[str, Field], held: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    """Type → id → name of every record that these link to, within reach."""
    wanted: dict[str, set[int]] = {}
    for field in fields.values():
        for key, record_id in _targets(field, held):
            wanted.setdefault(key, set()).add(record_id)
    return {key: access.names(actor, key, ids) for key, ids in wanted.items()}


def _targets(field: Field, held: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, int]]:
    from smallcrm.records.fields import Lines

    for each in held:
        value = each.get(field.columns[0])
        if not value:
            continue
        if isinstance(field, Link):
            yield field.to, value
        elif isinstance(field, AnyLink):
            yield each[field.columns[1]], value
        elif isinstance(field, Lines):
            for name, part in field.parts.items():
                if isinstance(part, Link):
                    yield from ((part.to, row[name]) for row in value if row.get(name))

"""What hangs on any record by its ``about``: the link it is reached through and the scope beside it follow from that record.

A file about an activity belongs to the activity's customer, and whoever reaches the activity itself reaches the file.
Where ``about`` names the very record it is reached through, the ``via_`` columns say everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from smallcrm import store
from smallcrm.records import derive, rows, search
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Link
from smallcrm.records.record import Attached, RecordType, all_types, by_key, declared


def hang(kind: RecordType, drafts: list[Draft]) -> None:
    """Fill what follows from ``about`` in drafts that are new or hang elsewhere now."""
    by_type: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.before is None or draft.touches("about", "about_type"):
            by_type.setdefault(draft.after.get("about_type") or "", []).append(draft)
    for key, group in by_type.items():
        ids = {draft.after["about"] for draft in group if draft.after.get("about")}
        held = follows(kind, key, ids) if key else {}
        for draft in group:
            draft.after.update(held.get(draft.after.get("about") or 0, dict.fromkeys(_columns(kind))))


def _columns(kind: RecordType) -> tuple[str, ...]:
    return (kind.card.through, "about_owner", "about_team", "about_pool")


def follows(kind: RecordType, key: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Id of a record of type ``key`` → what follows for a ``kind`` that hangs on it, by column."""
    target, through, columns = by_key(key), kind.card.through, _columns(kind)
    if derive.through_type(kind) == key:
        return {each: {**dict.fromkeys(columns), through: each} for each in ids}
    beside = declared(target).get(through)
    link = f'"{through}"' if isinstance(beside, Link) and beside.to == derive.through_type(kind) else "NULL"
    known = target._meta.columns if target.card.reach != "open" else ()
    scope = ", ".join(name if name in known else "NULL" for name in derive.SCOPE)
    sql = f'SELECT id, {link}, {scope} FROM "{target._meta.table_name}" WHERE id IN (SELECT value FROM json_each(?))'
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in store.rows(sql, [store.json_list(ids)])}


def follow(kind: RecordType, ids: Sequence[int]) -> None:
    """What hangs on these records, whose scope or link changed, takes that over. Inside ``writing``."""
    for child in all_types():
        if issubclass(child, Attached) and derive.through_type(child) != kind.card.key:
            _follow(child, kind, ids)


def follow_links(kind: RecordType, drafts: list[Draft]) -> None:
    """What hangs on saved records that belong to another customer now goes along."""
    names = {child.card.through for child in all_types() if issubclass(child, Attached)} & set(declared(kind))
    moved = [draft.id for draft in drafts if draft.before is not None and draft.touches(*names)] if names else []
    if moved:
        follow(kind, moved)


def _follow(child: RecordType, kind: RecordType, ids: Sequence[int]) -> None:
    sql = (
        f'SELECT id, about FROM "{child._meta.table_name}"'
        " WHERE {here} AND about_type = ? AND about IN (SELECT value FROM json_each(?))"
    )
    live, gone = rows.with_bin(sql, [kind.card.key, store.json_list(ids)])
    hanging = dict([*live, *gone])
    held = follows(child, kind.card.key, set(hanging.values()))
    name = child.card.through
    scopes = derive.scopes(by_key(derive.through_type(child)), {each[name] for each in held.values()})
    values: dict[int, dict[str, Any]] = {}
    for number, about in hanging.items():
        owner, team, pool = scopes.get(held[about][name], (None, None, None))
        values[number] = {**held[about], "via_owner": owner, "via_team": team, "via_pool": pool}
    derive.put(child, values)
    search.rewrite(child, [number for number, _ in live])

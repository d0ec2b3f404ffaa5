"""Columns that follow from others: a record's team, the scope of what it is reached through, sums and last dates.

Written only here, in the change's own transaction or set-wise by a job. They bump no version, stand in no before and
after, and undo recomputes them by undoing what they follow from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from smallcrm import store
from smallcrm.records import cache, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Link
from smallcrm.records.record import Attached, RecordType, Through, all_types, by_key, declared

Follower = Callable[[list[Draft]], None]

_followers: dict[str, list[Follower]] = {}

SCOPE = ("owner", "team", "pool")


def on(key: str) -> Callable[[Follower], Follower]:
    """Call the function with the saved drafts of type ``key``, inside the transaction, to derive from them set-wise."""

    def keep(function: Follower) -> Follower:
        _followers.setdefault(key, []).append(function)
        return function

    return keep


# ---------------------------------------------------------------- before saving


@cache.kept
def _teams() -> dict[int, int | None]:
    return dict(store.rows('SELECT id, team FROM "user"'))


def amend(kind: RecordType, drafts: list[Draft]) -> None:
    """Fill what follows from the draft itself: the owner's team, the scope behind its link."""
    from smallcrm.records import attached

    if kind.card.reach != "open":
        teams = _teams()
        for draft in drafts:
            draft.after["team"] = teams.get(draft.after.get("owner") or 0)
    if issubclass(kind, Attached):
        attached.hang(kind, drafts)
    if issubclass(kind, Through):
        _mirror(kind, drafts)


def _mirror(kind: RecordType, drafts: list[Draft]) -> None:
    """Copy the scope of the linked record into the ``via_`` columns."""
    name = kind.card.through
    names = (name, "about", "about_type") if kind.card.through_about else (name,)
    changed = [draft for draft in drafts if draft.before is None or draft.touches(*names)]
    if not changed:
        return
    found = scopes(by_key(through_type(kind)), {draft.after.get(name) for draft in changed})
    beside = _about_scopes([d for d in changed if not d.after.get(name)]) if kind.card.through_about else {}
    for draft in changed:
        scope = found.get(draft.after.get(name)) or beside.get(
            (draft.after.get("about_type"), draft.after.get("about"))
        )
        owner, team, pool = scope or (None, None, None)
        draft.after.update(via_owner=owner, via_team=team, via_pool=pool)


Scope = tuple[int | None, int | None, int | None]


def _about_scopes(drafts: Iterable[Draft]) -> dict[tuple[Any, Any], Scope]:
    """(type, id) → scope of what ``about`` names, where that belongs to somebody."""
    by_type: dict[str, set[int]] = {}
    for draft in drafts:
        if draft.after.get("about"):
            by_type.setdefault(draft.after["about_type"], set()).add(draft.after["about"])
    return {
        (key, number): scope
        for key, ids in by_type.items()
        if by_key(key).card.reach != "open"
        for number, scope in scopes(by_key(key), ids).items()
    }


def scopes(kind: RecordType, ids: Iterable[int | None]) -> dict[int | None, tuple[int | None, int | None, int | None]]:
    """Id → (owner, team, pool)."""
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    pool = "pool" if kind.card.pooled else "NULL"
    sql = f'SELECT id, owner, team, {pool} FROM "{kind._meta.table_name}" WHERE id IN (SELECT value FROM json_each(?))'
    return {row[0]: row[1:] for row in store.rows(sql, [store.json_list(wanted)])}


# ---------------------------------------------------------------- after saving


def follow(drafts: list[Draft]) -> None:
    """Bring everything that follows from these drafts up to date."""
    from smallcrm.records import attached

    by_type: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_type.setdefault(draft.kind.card.key, []).append(draft)
    for key, group in by_type.items():
        kind = by_key(key)
        moved = [d.id for d in group if d.before is not None and d.touches(*SCOPE)]
        if moved:
            mirror_scope(kind, moved)
        attached.follow_links(kind, group)
        for follower in _followers.get(key, ()):
            follower(group)


def mirror_scope(kind: RecordType, ids: Sequence[int]) -> None:
    """The records reached through these take their scope over, and are found under it."""
    from smallcrm.records import attached, search

    attached.follow(kind, ids)
    pool = "s.pool" if kind.card.pooled else "NULL"
    for child in all_types():
        if not issubclass(child, Through):
            continue
        link = declared(child)[child.card.through]
        if isinstance(link, Link) and link.to == kind.card.key:
            column, only = link.column_name, "1"
        elif child.card.through_about and kind.card.reach != "open":
            column, only = "about", f"about_type = '{kind.card.key}' AND \"{link.column_name}\" IS NULL"
        else:
            continue
        table = child._meta.table_name
        sql = f'SELECT id FROM "{table}" WHERE {{here}} AND "{column}" IN (SELECT value FROM json_each(?)) AND {only}'
        live, gone = rows.with_bin(sql, [store.json_list(ids)])
        store.run(
            f'UPDATE "{table}" SET (via_owner, via_team, via_pool) ='
            f' (SELECT s.owner, s.team, {pool} FROM "{kind._meta.table_name}" s WHERE s.id = "{table}"."{column}")'
            " WHERE id IN (SELECT value FROM json_each(?))",
            [store.json_list(number for (number,) in (*live, *gone))],
        )
        search.rewrite(child, [number for (number,) in live])


def through_type(kind: RecordType) -> str:
    """The key of the type that records of ``kind`` are reached through."""
    link = declared(kind)[kind.card.through]
    assert isinstance(link, Link)
    return link.to


def follow_team(user_id: int, team: int | None) -> None:
    """Everything the user owns moves with it to another team. Inside ``writing``."""
    from smallcrm.records import search

    for kind in all_types():
        if kind.card.reach == "open":
            continue
        table = kind._meta.table_name
        sql = f'SELECT id FROM "{table}" WHERE {{here}} AND owner = ? AND team IS NOT ?'
        ids = [number for (number,) in chain(*rows.with_bin(sql, [user_id, team]))]
        for start in range(0, len(ids), 1000):
            chunk = ids[start : start + 1000]
            store.run(
                f'UPDATE "{table}" SET team = ? WHERE id IN (SELECT value FROM json_each(?))',
                [team, store.json_list(chunk)],
            )
            search.rewrite(kind, chunk)
            mirror_scope(kind, chunk)


def put(kind: RecordType, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Write derived columns: id → columns. All rows name the same columns. Inside ``writing``."""
    if not values:
        return
    names = tuple(next(iter(values.values())))
    assignments = ", ".join(f'"{name}" = ?' for name in names)
    store.run_many(
        f'UPDATE "{kind._meta.table_name}" SET {assignments} WHERE id = ?',
        [[*(held[name] for name in names), record_id] for record_id, held in values.items()],
    )


def clear(kind: RecordType, column: str) -> None:
    """Empty a column of every record. Inside ``writing``."""
    store.run(f'UPDATE "{kind._meta.table_name}" SET "{column}" = NULL WHERE "{column}" IS NOT NULL')


def linked_ids(drafts: Iterable[Draft], name: str) -> set[int]:
    """The ids a link field leads to, before and after, over all drafts."""
    found = {draft.after.get(name) for draft in drafts} | {draft.was(name) for draft in drafts}
    return {int(each) for each in found if each}

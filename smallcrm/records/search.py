"""One search over every type: a contentless FTS5 table with the reach of each record in a column of its own.

A row's id is ``type << 40 | record``. Columns: ``title`` (what it is called), ``body`` (other words), ``guarded`` (contact data that a
pool may mask), ``acl`` (``o7 t2 p1 s4 all``). The user's words never reach ``acl``. A hit is shown only after its visible
fields were seen to match: hidden and masked ones find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from smallcrm import store
from smallcrm.base.text import fold, match_query, matches
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, cache, later, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Field
from smallcrm.records.reach import pool_column
from smallcrm.records.record import Attached, RecordType, Through, all_types, by_key
from smallcrm.store.table import VIRTUAL

BITS = 40
MASK = (1 << BITS) - 1
MOST = 5000  # hits a list filter takes from here
PROBE = 400  # hits whose reach is looked at row by row before the index is asked for it

VIRTUAL.append(
    "CREATE VIRTUAL TABLE search USING fts5(title, body, guarded, acl, content='', contentless_delete=1,"
    " tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
)
VIRTUAL.append("INSERT INTO search(search, rank) VALUES('automerge', 0)")
VIRTUAL.append("INSERT INTO search(search, rank) VALUES('crisismerge', 48)")

SCOPE = ("owner", "team", "pool")
Document = tuple[str, str, str, str]
Shares = dict[tuple[str, int], list[int]]


def row_id(kind: RecordType, record_id: int) -> int:
    """The search row of a record."""
    return kind.card.number << BITS | record_id


@cache.kept
def _places(key: str) -> tuple[tuple[tuple[Field, str], ...], ...]:
    """The fields, each with its column, whose words go into title, body and guarded."""
    fields = fields_of(by_key(key)).values()
    return tuple(
        tuple((field, field.columns[0]) for field in fields if field.search == place)
        for place in ("title", "text", "guarded")
    )


def document(kind: RecordType, values: Mapping[str, Any], shared: Shares | None = None) -> Document:
    """The four columns of a record's search row. ``shared``: what ``_shares`` found, where many are written."""
    title, body, guarded = (
        " ".join([field.words(values[column]) for field, column in fields if values.get(column) is not None])
        for fields in _places(kind.card.key)
    )
    return title, body, guarded, acl(kind, values, shared)


def acl(kind: RecordType, values: Mapping[str, Any], shared: Shares | None = None) -> str:
    """Under which reach a record is found."""
    if kind.card.reach == "open":
        return "all"
    tokens = {f"{letter}{values[column]}" for letter, column in _reached_by(kind.card.key) if values.get(column)}
    if shared is None:
        shared = _shares(kind, [values])
    if shared:
        tokens |= {f"s{user}" for each in _shared_by(kind, values) for user in shared.get(each, ())}
    return " ".join(sorted(tokens))


@lru_cache(maxsize=64)
def _reached_by(key: str) -> tuple[tuple[str, str], ...]:
    """The type's scope columns, each with the letter of its tokens."""
    known = by_key(key)._meta.columns
    places = [(column[0], f"{way}{column}") for way in ("", "via_", "about_") for column in SCOPE]
    return tuple((letter, column) for letter, column in places if column in known)


def _shared_by(kind: RecordType, values: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(type, id) of the records by whose shares this one is found: its own, or what it is reached through and hangs on."""
    found = [(kind.card.key, int(values.get("id") or 0))]
    if issubclass(kind, Through) and values.get(kind.card.through):
        found = [(fields_of(kind)[kind.card.through].to, int(values[kind.card.through]))]  # type: ignore[attr-defined]
    if issubclass(kind, Attached) and values.get("about"):
        found.append((str(values["about_type"]), int(values["about"])))
    return found


def _shares(kind: RecordType, many: Sequence[Mapping[str, Any]]) -> Shares:
    """(type, record) → the users it is shared with, by one query for each type that shares are looked up under."""
    if kind.card.reach == "open" or store.row("SELECT 1 FROM share LIMIT 1") is None:
        return {}
    wanted: dict[str, set[int]] = {}
    for values in many:
        for key, target in _shared_by(kind, values):
            wanted.setdefault(key, set()).add(target)
    found: Shares = {}
    for key, targets in wanted.items():
        sql = "SELECT record, user FROM share WHERE record_type = ? AND record IN (SELECT value FROM json_each(?))"
        for record, user in store.rows(sql, [key, store.json_list(targets)]):
            found.setdefault((key, record), []).append(user)
    return found


# ---------------------------------------------------------------- writing


def write(kind: RecordType, drafts: Sequence[Draft]) -> None:
    """Bring the search rows of these drafts up to date; only where a searched field or the reach changed."""
    if not kind.card.searchable or later.put_off(_rewriter(kind.card.key), (draft.id for draft in drafts)):
        return
    columns = _searched(kind)
    gone = [row_id(kind, d.id) for d in drafts if d.live_before and (not d.live_after or d.touches(*columns))]
    if gone:
        store.run_many("DELETE FROM search WHERE rowid = ?", [(each,) for each in gone])
    fresh = [d for d in drafts if d.live_after and (not d.live_before or d.touches(*columns))]
    _insert(kind, [d.after for d in fresh])


def rewrite(kind: RecordType, ids: Iterable[int]) -> None:
    """Write the search rows of these records anew, from what stands in the table. Inside ``writing``."""
    wanted = list(ids)
    if not kind.card.searchable or later.put_off(_rewriter(kind.card.key), wanted):
        return
    for start in range(0, len(wanted), 1000):
        chunk = wanted[start : start + 1000]
        store.run_many("DELETE FROM search WHERE rowid = ?", [(row_id(kind, each),) for each in chunk])
        _insert(kind, list(rows.load(kind, chunk, "t.deleted_at IS NULL", only=_read(kind.card.key)).values()))


@lru_cache(maxsize=64)
def _rewriter(key: str) -> Callable[[list[int]], None]:
    return lambda ids: rewrite(by_key(key), ids)


def _insert(kind: RecordType, many: Sequence[Mapping[str, Any]]) -> None:
    if many:
        shared = _shares(kind, many)
        store.run_many(
            "INSERT INTO search (rowid, title, body, guarded, acl) VALUES (?, ?, ?, ?, ?)",
            [(row_id(kind, values["id"]), *document(kind, values, shared)) for values in many],
        )


def _searched(kind: RecordType) -> tuple[str, ...]:
    scope = (column for _, column in _reached_by(kind.card.key))
    return (*(f.columns[0] for f in fields_of(kind).values() if f.search), *scope)


@cache.kept
def _read(key: str) -> tuple[str, ...]:
    """The columns that a search row is made of."""
    kind = by_key(key)
    wanted = ("id", *_searched(kind), kind.card.through, "about", "about_type", "custom")
    return tuple(dict.fromkeys(name for name in wanted if name in kind._meta.columns))


def merge_step(pages: int = 200) -> bool:
    """One step of tidying the index, whether there was any; writes leave that to a job, so that none waits for it."""
    with store.writing():
        before = store.connection().total_changes()
        store.run("INSERT INTO search(search, rank) VALUES('merge', ?)", [pages])
        return bool(store.connection().total_changes() - before > 1)  # the command itself counts as one


def written() -> int:
    """Grows with every record that is written, here or by another process: is there anything to tidy?"""
    return int(store.value("SELECT seq FROM sqlite_sequence WHERE name = 'change'") or 0)


def forget_deleted(pages: int = 500, most: int = 100_000) -> int:
    """Write the index anew without what was deleted, whose words stay in it until then; how many steps that took.

    In short transactions, so that others write in between.
    """
    with store.writing():
        store.run("INSERT INTO search(search, rank) VALUES('merge', ?)", [-pages])
    for step in range(1, most):
        with store.writing():
            before = store.connection().total_changes()
            store.run("INSERT INTO search(search, rank) VALUES('merge', ?)", [pages])
            if store.connection().total_changes() - before < 2:
                return step
    return most


def optimize() -> None:
    """Tidy the index whole, after an import or a demo."""
    with store.writing():
        store.run("INSERT INTO search(search) VALUES('optimize')")


# ---------------------------------------------------------------- finding


@dataclass(frozen=True)
class Hit:
    """A record found. ``snippet`` says where, when it was not by its title."""

    kind: RecordType
    id: int
    title: str
    snippet: str
    values: Mapping[str, Any]


def _acl_query(actor: Actor, kind: RecordType) -> str | None:
    """The acl part of the match; empty for everything, None for nothing."""
    scope = actor.scope(kind.card.key, "view")
    if scope is Scope.NONE:
        return None
    if scope is Scope.ALL or kind.card.reach == "open":
        return ""
    rights = access.pool_rights(actor)
    tokens = [f"o{actor.id}", f"s{actor.id}", *(f"t{team}" for team in actor.teams_for(scope))]
    tokens += [f"p{pool}" for pool in sorted({*rights.member, *rights.admin})]
    return " OR ".join(f'"{token}"' for token in tokens)


def _expression(actor: Actor, kind: RecordType, typed: str) -> str | None:
    """The whole MATCH for a type. Words in ``guarded`` count only where nothing of it may be masked."""
    words = match_query(typed)
    reachable = _acl_query(actor, kind)
    if not words or reachable is None:
        return None
    everywhere = f"{{title body guarded}}: ({words})"
    return everywhere if not reachable else f"({everywhere}) AND {{acl}}: ({reachable})"


def _rowids(expression: str, kind: RecordType, limit: int) -> list[int]:
    low = kind.card.number << BITS
    found = store.rows(
        "SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?",
        [expression, low, low | MASK, limit],
    )
    return [row[0] & MASK for row in found]


def _newest(actor: Actor, kind: RecordType, typed: str, expression: str, limit: int) -> list[int]:
    """The newest hits within reach. Where words are rare, or reach is wide, a look at the first hits' rows tells them
    sooner than the index, which must walk through all that the actor reaches."""
    words = f"{{title body guarded}}: ({match_query(typed)})"
    if words == expression:
        return _rowids(expression, kind, limit)
    probed = _rowids(words, kind, PROBE)
    within = access.within(actor, kind, probed) if probed else set()
    found = [number for number in probed if number in within][:limit]
    return found if len(found) == limit or len(probed) < PROBE else _rowids(expression, kind, limit)


def ids_with(kind: RecordType, typed: str, limit: int = 100_000) -> list[int]:
    """Every living record whose words hold ``typed``, whoever may see them: for an erasure, never for an answer."""
    words = match_query(typed)
    return _rowids(f"{{title body guarded}}: ({words})", kind, limit) if words else []


def ids_matching(actor: Actor, kind: RecordType, typed: str, limit: int = MOST) -> list[int]:
    """The ids of records that ``typed`` finds, newest first, for a list's filter. Exact about what may be seen."""
    expression = _expression(actor, kind, typed)
    if expression is None:
        return []
    found = _rowids(expression, kind, limit)
    if not _must_check(actor, kind):
        return found
    return [hit.id for hit in _checked(actor, kind, found, typed)]


def _must_check(actor: Actor, kind: RecordType) -> bool:
    """Whether some searched field may be hidden or masked for this actor."""
    readable = access.readable(actor, kind)
    if any(f.search and name not in readable for name, f in fields_of(kind).items()):
        return True
    return bool(access.masked_pools(actor, kind))


def find(actor: Actor, typed: str, *, kinds: Sequence[RecordType] | None = None, each: int = 8) -> list[Hit]:
    """The best hits of each type, names that begin with what was typed first; the type with the best hit comes first."""
    groups: list[list[Hit]] = []
    wide = max(40, 2 * each)
    for kind in kinds if kinds is not None else all_types():
        expression = _expression(actor, kind, typed) if kind.card.searchable else None
        if expression is None:
            continue
        ids = _newest(actor, kind, typed, expression, wide)
        found = _checked(actor, kind, ids, typed)
        if len(ids) == wide and sum(not hit.snippet for hit in found) < each:
            # other fields crowd out the names: ask for those alone
            titled = _rowids(f"{{title}}: ({match_query(typed)}) AND ({expression})", kind, wide)
            found += _checked(actor, kind, [number for number in titled if number not in ids], typed)
        if found:
            groups.append(sorted(found, key=lambda hit: _rank(hit, typed))[:each])
    groups.sort(key=lambda group: _rank(group[0], typed)[0])
    return [hit for group in groups for hit in group]


def _rank(hit: Hit, typed: str) -> tuple[int, int, int]:
    title, wanted = fold(hit.title), fold(typed)
    if title == wanted:
        place = 0
    elif title.startswith(wanted):
        place = 1
    elif re.search(rf"(^|\W){re.escape(wanted)}", title) or wanted in title:
        place = 2
    else:
        place = 3 if not hit.snippet else 4
    return (place, len(title), -hit.id)


# What stands beside a hit's name, of the types that have it.
BESIDE = ("customer", "city", "title", "grade", "email", "owner", "kind", "due_at", "done_at")


@cache.kept
def _needed(key: str) -> tuple[str, ...]:
    """The columns that a hit of the type is checked and shown by."""
    kind = by_key(key)
    searched = [f.columns[0] for f in fields_of(kind).values() if f.search and not f.custom]
    known = kind._meta.columns
    wanted = ["id", kind.card.title, *searched, *(n for n in (*BESIDE, "pool", "via_pool", "custom") if n in known)]
    return tuple(dict.fromkeys(wanted))


def _checked(actor: Actor, kind: RecordType, ids: Sequence[int], typed: str) -> list[Hit]:
    """The hits whose visible fields match, with where they did."""
    if not ids:
        return []
    where, params = access.reach(actor, kind).where()
    fields = {n: f for n, f in access.readable(actor, kind).items() if f.search}
    pools = access.masked_pools(actor, kind)
    pool = pool_column(kind) if pools else ""
    found = rows.load(kind, ids, f"t.deleted_at IS NULL AND {where}", params, only=_needed(kind.card.key))
    hits: list[Hit] = []
    for record_id in ids:
        values = found.get(record_id)
        if values is None:
            continue
        masked = access.masked_in(kind, pools.get(values.get(pool) or 0)) if pools else frozenset()
        hit = _hit(kind, values, {n: f for n, f in fields.items() if n not in masked}, typed)
        if hit is not None:
            hits.append(hit)
    return hits


def _hit(kind: RecordType, values: Mapping[str, Any], fields: Mapping[str, Field], typed: str) -> Hit | None:
    title = str(values.get(kind.card.title) or f"#{values['id']}")
    if kind.card.title in fields and _stands_in(title, typed):
        return Hit(kind, values["id"], title, "", values)
    titled = [
        f.words(values[f.columns[0]]) for f in fields.values() if f.search == "title" and values.get(f.columns[0])
    ]
    if matches(typed, " ".join(titled)):
        return Hit(kind, values["id"], title, "", values)
    rest = {n: f for n, f in fields.items() if f.search != "title" and values.get(f.columns[0])}
    for f in rest.values():
        if _stands_in(text := _plain(values[f.columns[0]]), typed):
            return Hit(kind, values["id"], title, _snippet(text, typed), values)
    others = {n: f.words(values[f.columns[0]]) for n, f in rest.items()}
    if not matches(typed, " ".join([*titled, *others.values()])):
        return None
    for name, text in others.items():
        if any(matches(part, text) for part in typed.split()):
            return Hit(kind, values["id"], title, _snippet(_plain(values.get(fields[name].columns[0])), typed), values)
    return Hit(kind, values["id"], title, "", values)


def _stands_in(title: str, typed: str) -> bool:
    """Whether what was typed stands in the title as it is, at a word's beginning or as Han characters: most hits, found without
    reading anything as pinyin."""
    folded, wanted = fold(title), fold(typed)
    place = folded.find(wanted) if wanted else -1
    return place == 0 or (place > 0 and ("\u4e00" <= wanted[0] <= "\u9fff" or not folded[place - 1].isalnum()))


def _plain(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _snippet(text: str, typed: str, around: int = 40) -> str:
    """A piece of the text around the first word typed."""
    flat = " ".join(text.split())
    folded = flat.casefold()
    place = min((p for word in typed.casefold().split() if (p := folded.find(word)) >= 0), default=0)
    start, end = max(0, place - around), min(len(flat), place + around * 2)
    return f"{'…' if start else ''}{flat[start:end]}{'…' if end < len(flat) else ''}"

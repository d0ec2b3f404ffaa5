"""Which records are likely the same: by name without legal form, phone, e-mail, tax number, whatever it was typed like.

Each field flagged ``match`` gives keys of a kind; equal keys across types meet in one table. Shown only within reach.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from smallcrm import store
from smallcrm.identity.actor import Actor
from smallcrm.records import access, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.reach import pool_column
from smallcrm.records.record import RecordType, by_key

MOST = 10
WEIGHT = {"tax": 5, "phone": 4, "email": 4, "wechat": 4, "name": 3, "site": 2, "number": 5, "born": 6}

More = Callable[[Mapping[str, Any]], set[tuple[str, str]]]
_more: dict[str, list[tuple[tuple[str, ...], More]]] = {}


def also(record_type: str, *columns: str) -> Callable[[More], More]:
    """An area gives a type keys that are made of several fields (``columns``): a name with a date of birth."""

    def keep(function: More) -> More:
        _more.setdefault(record_type, []).append((columns, function))
        return function

    return keep


class RecordKey(store.Table):
    """A key of a record, the bin's included: a row that matches something deleted offers to bring it back."""

    kind = peewee.TextField()
    key = peewee.TextField()
    record_type = peewee.TextField()
    record = peewee.IntegerField()

    class Meta:
        table_name = "record_key"
        primary_key = peewee.CompositeKey("kind", "key", "record_type", "record")
        without_rowid = True


@dataclass(frozen=True)
class Match:
    """A record that is likely the same. ``by``: the kinds of key that agree, the strongest first."""

    kind: RecordType
    id: int
    title: str
    by: tuple[str, ...]
    values: Mapping[str, Any]


def keys_of(kind: RecordType, values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Every (kind of key, key) of a record's values."""
    found: set[tuple[str, str]] = set()
    for field in fields_of(kind).values():
        if field.match:
            value = values.get(field.columns[0])
            if value is not None:
                found |= {(field.match, key) for key in field.match_keys(value, values)}
    for _, function in _more.get(kind.card.key, ()):
        found |= function(values)
    return found


def write_keys(kind: RecordType, drafts: Sequence[Draft]) -> None:
    """Bring the keys of these drafts up to date. Inside ``writing``."""
    names = [f.columns[0] for f in fields_of(kind).values() if f.match]
    names += [name for columns, _ in _more.get(kind.card.key, ()) for name in columns]
    if not names:
        return
    key = kind.card.key
    gone: list[tuple[str, str, str, int]] = []
    fresh: list[tuple[str, str, str, int]] = []
    for draft in drafts:
        if draft.before is not None and not draft.touches(*names, "country"):
            continue
        old = keys_of(kind, draft.before) if draft.before is not None else set()
        new = keys_of(kind, draft.after)
        gone += [(k, v, key, draft.id) for k, v in old - new]
        fresh += [(k, v, key, draft.id) for k, v in new - old]
    if gone:
        store.run_many("DELETE FROM record_key WHERE kind = ? AND key = ? AND record_type = ? AND record = ?", gone)
    if fresh:
        store.run_many("INSERT OR IGNORE INTO record_key (kind, key, record_type, record) VALUES (?, ?, ?, ?)", fresh)


def holders(
    keys: Sequence[tuple[str, str]], record_type: str | None = None
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """(kind of key, key) → records that have it, whoever may see them: callers narrow by reach."""
    sql = (
        "SELECT k.kind, k.key, k.record_type, k.record FROM json_each(?) wanted CROSS JOIN record_key k"
        " ON k.kind = wanted.value ->> 0 AND k.key = wanted.value ->> 1"
    )
    params: list[Any] = [json.dumps(list(dict.fromkeys(keys)))]
    if record_type:
        sql += " WHERE k.record_type = ?"
        params.append(record_type)
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for kind, key, type_, record in store.rows(sql, params):
        found.setdefault((kind, key), []).append((type_, record))
    return found


def find(
    actor: Actor,
    kind: RecordType,
    values: Mapping[str, Any],
    *,
    except_id: int = 0,
    types: Sequence[str] | None = None,
    bin: bool = False,
) -> list[Match]:
    """Records within reach that share a key with ``values``, the likeliest first; masked keys do not count."""
    keys = sorted(keys_of(kind, values))
    agreeing: dict[tuple[str, int], set[str]] = {}
    for (key_kind, _), records in holders(keys).items():
        for type_, record in records[:200]:
            if (type_, record) != (kind.card.key, except_id) and (types is None or type_ in types):
                agreeing.setdefault((type_, record), set()).add(key_kind)
    likeliest = sorted(agreeing, key=lambda each: -_weight(agreeing[each]))
    found: list[Match] = []
    for part in range(0, len(likeliest), 2 * MOST):  # a name may be borne by hundreds: no more are read than are shown
        if len(found) >= MOST:
            break
        some = likeliest[part : part + 2 * MOST]
        for type_ in dict.fromkeys(type_ for type_, _ in some):
            mine = {record: agreeing[type_, record] for t, record in some if t == type_}
            found += _within_reach(actor, by_key(type_), mine, bin=bin)
    return sorted(found, key=lambda match: -_weight(match.by))[:MOST]


def _weight(by: Iterable[str]) -> int:
    return sum(WEIGHT.get(each, 1) for each in by)


def _within_reach(actor: Actor, kind: RecordType, agreeing: Mapping[int, set[str]], *, bin: bool) -> list[Match]:
    where, params = access.reach(actor, kind).where()
    found = rows.load(kind, agreeing, f"{access.live(bin=bin)} AND {where}", params)
    pools = access.masked_pools(actor, kind)
    hidden_kinds = _hidden_kinds(actor, kind)
    matches: list[Match] = []
    for record_id, values in found.items():
        by = set(agreeing[record_id]) - hidden_kinds
        if pools:
            masked = access.masked_in(kind, pools.get(values.get(pool_column(kind)) or 0))
            by -= {field.match for name, field in fields_of(kind).items() if name in masked}
        if by:
            title = str(values.get(kind.card.title) or f"#{record_id}")
            order = tuple(sorted(by, key=lambda each: -WEIGHT.get(each, 1)))
            matches.append(Match(kind, record_id, title, order, values))
    return matches


def _hidden_kinds(actor: Actor, kind: RecordType) -> set[str]:
    """Kinds of key that only fields hidden from the actor give."""
    readable = access.readable(actor, kind)
    shown = {f.match for n, f in fields_of(kind).items() if f.match and n in readable}
    if any(set(columns) - set(readable) for columns, _ in _more.get(kind.card.key, ())):
        return ({f.match for f in fields_of(kind).values() if f.match} | {"born"}) - shown
    return {f.match for f in fields_of(kind).values() if f.match} - shown

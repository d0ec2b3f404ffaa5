"""Taking values out of what is kept for ever: change rows, their packs, the notes of change-sets, the audit log.

A change row keeps that something was changed, when and by whom; only what stood there is gone. Only an erasure does this.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base.redaction import SIGNS, Words
from smallcrm.base.text import sort_key
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Text
from smallcrm.records.record import RecordType

Replace = Callable[[Any], Any]
CHUNK = 500


def history(
    kind: RecordType, ids: Iterable[int], *, drop: Collection[str] = (), replace: Replace = lambda value: value
) -> int:
    """Take columns out of every before and after of these records, and ``replace`` the texts of the others; how many rows.

    Inside ``writing``.
    """
    wanted = sorted(set(ids))
    scrub = _Scrub(kind, frozenset(drop), replace)
    count = 0
    for start in range(0, len(wanted), CHUNK):
        chunk = store.json_list(wanted[start : start + CHUNK])
        found = store.rows(
            "SELECT id, record, data, pack FROM change WHERE record_type = ? AND record IN (SELECT value FROM json_each(?))"
            " AND (data IS NOT NULL OR pack IS NOT NULL)",
            [kind.card.key, chunk],
        )
        packs: dict[int, set[str]] = {}
        for number, record, data, pack in found:
            if pack is not None:
                packs.setdefault(pack, set()).add(str(record))
            elif data:
                kept = _dumped([scrub(side) for side in json.loads(data)])
                if kept != data:
                    store.run("UPDATE change SET data = ? WHERE id = ?", [kept, number])
                    count += 1
        count += sum(_repack(pack, records, scrub) for pack, records in packs.items())
    return count


def _repack(pack: int, records: set[str], scrub: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    blob = store.value("SELECT data FROM change_pack WHERE id = ?", [pack])
    held: dict[str, list[dict[str, Any]]] = json.loads(zlib.decompress(blob)) if blob else {}
    changed = 0
    for record in records & held.keys():
        kept = [scrub(side) for side in held[record]]
        if kept != held[record]:
            held[record] = kept
            changed += 1
    if changed:
        store.run("UPDATE change_pack SET data = ? WHERE id = ?", [zlib.compress(_dumped(held).encode(), 6), pack])
    return changed


@dataclass(frozen=True)
class Places:
    """Change rows and packs, by id."""

    rows: tuple[int, ...]
    packs: tuple[int, ...]


def places(words: Words) -> Places:
    """Every change row and pack that may speak of somebody: a look through all of them."""
    test, params = holding(["data"], words)
    if not test:
        return Places((), ())
    rows = tuple(number for (number,) in store.rows(f"SELECT id FROM change WHERE {test}", params))
    literal = words.literal()
    plain = [form.casefold() for text in literal for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])]
    digits = words.digits()
    packs = tuple(number for (number,) in store.rows("SELECT id FROM change_pack") if _holds(number, plain, digits))
    return Places(rows, packs)


def _holds(pack: int, plain: Iterable[str], digits: Iterable[str]) -> bool:
    blob = store.value("SELECT data FROM change_pack WHERE id = ?", [pack])
    folded = zlib.decompress(blob).decode().casefold() if blob else ""
    squeezed = folded.translate(dict.fromkeys(map(ord, SIGNS)))
    return any(form in folded for form in plain) or any(form in squeezed for form in digits)


def holding(columns: Iterable[str], words: Words) -> tuple[str, list[str]]:
    """An SQL test and its parameters: rows one of whose columns may speak of somebody. Empty where nothing is looked for."""
    forms, digits = like_forms(words.literal()), [f"%{each}%" for each in words.digits()]
    parts, params = [], []
    for column in columns:
        squeezed = column
        for sign in SIGNS:
            squeezed = f"replace({squeezed}, '{sign}', '')"
        parts += [f"{column} LIKE ? ESCAPE '~'"] * len(forms) + [f"{squeezed} LIKE ?"] * len(digits)
        params += [*forms, *digits]
    return " OR ".join(parts), params


def everywhere(found: Places, replace: Replace) -> int:
    """Replace in the texts of these change rows and packs; how many changed. Inside ``writing``."""
    count = 0
    wanted = store.json_list(found.rows)
    sql = "SELECT id, record_type, data FROM change WHERE id IN (SELECT value FROM json_each(?)) AND data IS NOT NULL"
    for number, key, data in store.rows(sql, [wanted]):
        kept = _dumped([_scrub_of(key, replace)(side) for side in json.loads(data)])
        if kept != data:
            store.run("UPDATE change SET data = ? WHERE id = ?", [kept, number])
            count += 1
    for pack in found.packs:
        key, blob = store.rows("SELECT record_type, data FROM change_pack WHERE id = ?", [pack])[0]
        records = set(json.loads(zlib.decompress(blob)))
        count += _repack(pack, records, _scrub_of(key, replace))
    return count


def _scrub_of(key: str, replace: Replace) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The scrub of a type; of one that is gone, its texts as they are."""
    from smallcrm.records.record import find_type

    kind = find_type(key)
    return _Scrub(kind, frozenset(), replace) if kind is not None else lambda side: dict(replace(dict(side)))


class _Scrub:
    """One side of a change without what is to go."""

    def __init__(self, kind: RecordType, drop: frozenset[str], replace: Replace) -> None:
        self.drop = drop
        self.replace = replace
        self.keys = {
            field.columns[1]: field.columns[0]
            for field in fields_of(kind).values()
            if isinstance(field, Text) and len(field.columns) > 1
        }

    def __call__(self, side: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in side.items() if name not in self.drop}
        for name, value in kept.items():
            if isinstance(value, str | list | dict) and name not in self.keys:
                kept[name] = self.replace(value)
        for key, name in self.keys.items():
            if key in kept and isinstance(kept.get(name), str) and kept[name] != side.get(name):
                kept[key] = sort_key(kept[name])
        return kept


def values_held(kind: RecordType, ids: Iterable[int], columns: Collection[str]) -> dict[str, set[str]]:
    """Every text that these columns held at any time, by column, out of the history."""
    found: dict[str, set[str]] = {}
    rows = store.rows(
        "SELECT record, data, pack FROM change WHERE record_type = ? AND record IN (SELECT value FROM json_each(?))"
        " AND (data IS NOT NULL OR pack IS NOT NULL)",
        [kind.card.key, store.json_list(ids)],
    )
    for record, data, pack in rows:
        sides = json.loads(data) if data else _of_pack(pack, str(record))
        for side in sides:
            for name in set(columns) & side.keys():
                for text in side[name] if isinstance(side[name], list) else [side[name]]:
                    if isinstance(text, str):
                        found.setdefault(name, set()).add(text)
    return found


def _of_pack(pack: int, record: str) -> list[dict[str, Any]]:
    blob = store.value("SELECT data FROM change_pack WHERE id = ?", [pack])
    return list(json.loads(zlib.decompress(blob)).get(record, [])) if blob else []


_free_texts: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}


def free_text(table: str, *columns: str, as_json: Collection[str] = ()) -> None:
    """A table that is no record type and has columns in which people write freely, or that repeat what they wrote."""
    _free_texts[table] = (columns, tuple(as_json))


def all_texts(words: Words) -> int:
    """Take somebody out of every such table; how many rows. Inside ``writing``."""
    return sum(texts(table, columns, words, as_json=as_json) for table, (columns, as_json) in _free_texts.items())


def texts(table: str, columns: Iterable[str], words: Words, *, as_json: Collection[str] = ()) -> int:
    """Take somebody out of text columns of one of our own tables; how many rows. Inside ``writing``.

    Columns of ``as_json`` are read as JSON, their texts replaced one by one.
    """
    names = list(columns)
    test, params = holding(names, words)
    if not test:
        return 0
    found = store.rows(f'SELECT rowid, {", ".join(names)} FROM "{table}" WHERE {test}', params)
    replace = words.out_of_all
    count = 0
    for rowid, *held in found:
        kept = [_replaced(value, replace, as_json=name in as_json) for name, value in zip(names, held, strict=True)]
        if kept != held:
            assignments = ", ".join(f"{name} = ?" for name in names)
            store.run(f'UPDATE "{table}" SET {assignments} WHERE rowid = ?', [*kept, rowid])
            count += 1
    return count


def _replaced(value: Any, replace: Replace, *, as_json: bool) -> Any:
    if not isinstance(value, str):
        return value
    if not as_json:
        return replace(value)
    try:
        held = json.loads(value)
    except ValueError:
        return replace(value)
    kept = replace(held)
    return value if kept == held else json.dumps(kept, ensure_ascii=False)


def like_forms(like: Iterable[str]) -> list[str]:
    """Patterns for ``LIKE ? ESCAPE '~'``: the texts as they stand, and as JSON writes them."""
    found: dict[str, None] = {}
    for text in like:
        for form in (text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]):
            found[f"%{form.replace('~', '~~').replace('%', '~%').replace('_', '~_')}%"] = None
    return list(found)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

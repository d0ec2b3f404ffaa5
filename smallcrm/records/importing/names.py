"""Finding linked records by what people call them, within reach: case, accents and width make no difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base import ids
from smallcrm.base.text import fold, sort_key
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Text
from smallcrm.records.importing.problem import Finding
from smallcrm.records.record import RecordType

_MOST = 400


@dataclass(frozen=True)
class Named:
    """What a text led to: an id, or how many and why none. ``active`` is False for a user who is switched off."""

    id: int | None = None
    several: int = 0
    active: bool = True


class Finder:
    """Of one type and actor; remembers every text it was asked for."""

    def __init__(self, actor: Actor, kind: RecordType) -> None:
        self._actor, self._kind = actor, kind
        self._known: dict[str, Named] = {}
        fields = fields_of(kind)
        readable = access.readable(actor, kind)
        self._title = fields[kind.card.title]
        self._unique = [
            f for n, f in readable.items() if isinstance(f, Text) and f.unique_live and n != kind.card.title
        ]
        self._people = kind.card.key == "user"

    def learn(self, texts: Iterable[str]) -> None:
        """Look these up, many at once."""
        fresh = {key: text for text in texts if (key := fold(text)) and key not in self._known}
        items = list(fresh.items())
        for start in range(0, len(items), _MOST):
            self._look(dict(items[start : start + _MOST]))

    def __call__(self, text: str) -> Named:
        key = fold(text)
        if key not in self._known:
            self._look({key: text})
        return self._known[key]

    def finding(self, text: str, name: str, column: int | None = None) -> Finding | None:
        """What is wrong with a name; None where it leads to one record."""
        found = self(text)
        if found.several > 1:
            return Finding("several", name, column, {"text": text, "n": found.several})
        if not found.active:
            return Finding("switched_off", name, column, {"text": text})
        if found.id is None:
            return Finding("nobody" if self._people else "not_found", name, column, {"text": text})
        return None

    def _look(self, wanted: dict[str, str]) -> None:
        by_id = {number: key for key, text in wanted.items() if text[:1] == "#" and (number := ids.number(text[1:]))}
        hits: dict[str, set[int]] = {key: set() for key in wanted}
        active: dict[int, bool] = {}
        live = 't."active"' if self._people else "1"
        where, params = access.reach(self._actor, self._kind).where()
        table = self._kind._meta.table_name
        head = f'FROM "{table}" t WHERE t.deleted_at IS NULL AND {where}'
        for each in (self._title, *self._unique):
            column = each.filter_expr("t")
            keys = {self._stored(each, text): key for key, text in wanted.items()}
            sql = f"SELECT t.id, {live}, {each.expr('t')}, {column} {head} AND {column} IN (SELECT value FROM json_each(?))"
            for record, on, shown, stored in store.rows(sql, [*params, store.json_list(keys)]):
                key = fold(str(shown))
                key = key if key in hits else keys.get(stored, "")
                if key in hits and fold(wanted[key]) == fold(str(shown)):
                    hits[key].add(int(record))
                    active[int(record)] = bool(on)
        if by_id:
            sql = f"SELECT t.id, {live} {head} AND t.id IN (SELECT value FROM json_each(?))"
            for record, on in store.rows(sql, [*params, store.json_list(by_id)]):
                hits[by_id[int(record)]].add(int(record))
                active[int(record)] = bool(on)
        for key, found in hits.items():
            self._known[key] = _judged(found, active)

    @staticmethod
    def _stored(each: Any, text: str) -> str:
        return sort_key(text) if isinstance(each, Text) and each.keyed else fold(text)

    def forget(self) -> None:
        """Look everything up again: records were made meanwhile."""
        self._known.clear()


def _judged(found: set[int], active: dict[int, bool]) -> Named:
    on = {each for each in found if active[each]}
    if len(on) == 1:
        return Named(next(iter(on)))
    if len(on) > 1:
        return Named(None, len(on))
    return Named(None, 0, active=False) if found else Named()

"""Sort keys: what ``sort=-updated_at,name`` means and how a page continues after a row.

Empty values come last in either direction. All conditions are written so that the first key's index is walked from
the cursor on, whatever the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.fields import Field
from smallcrm.records.query.cursors import Cursor
from smallcrm.records.record import RecordType

MOST_KEYS = 4


@dataclass(frozen=True)
class Key:
    """One sort key."""

    name: str
    sql: str
    down: bool


@dataclass(frozen=True)
class Order:
    """The keys; rows with equal keys stand by id, in the direction of the last key."""

    keys: tuple[Key, ...]

    @property
    def text(self) -> str:
        """As in a link."""
        return ",".join(f"{'-' if key.down else ''}{key.name}" for key in self.keys)

    @property
    def id_down(self) -> bool:
        return self.keys[-1].down

    def by(self, alias: str = "t", *, empty: bool = False) -> str:
        """ORDER BY. With ``empty`` the first key is known to be NULL and left out."""
        parts = []
        for number, key in enumerate(self.keys):
            direction = "DESC" if key.down else "ASC"
            if number == 0:
                if not empty:
                    parts.append(f"{key.sql} {direction}")
                continue
            parts.append(f"({key.sql} IS NULL) ASC, {key.sql} {direction}")
        parts.append(f"{alias}.id {'DESC' if self.id_down else 'ASC'}")
        return ", ".join(parts)

    def after(self, cursor: Cursor, alias: str = "t") -> tuple[str, list[Any]]:
        """The rows after ``cursor`` within its own half (first key filled, or first key empty)."""
        first = cursor.values[0]
        start = 1 if first is None else 0
        alternatives: list[str] = []
        params: list[Any] = []
        same: list[str] = []
        same_params: list[Any] = []
        for key, value in list(zip(self.keys, cursor.values, strict=True))[start:]:
            sign = "<" if key.down else ">"
            if value is not None:
                beyond = f"{key.sql} {sign} ?"
                if key is not self.keys[0]:
                    beyond = f"({beyond} OR {key.sql} IS NULL)"
                alternatives.append(" AND ".join([*same, beyond]))
                params += [*same_params, value]
                same.append(f"{key.sql} = ?")
                same_params.append(value)
            else:
                same.append(f"{key.sql} IS NULL")
        alternatives.append(" AND ".join([*same, f"{alias}.id {'<' if self.id_down else '>'} ?"]))
        params += [*same_params, cursor.last]
        sql = f"({' OR '.join(f'({each})' for each in alternatives)})"
        if first is not None:
            # the leading bound lets the index be entered at the cursor
            sql = f"{self.keys[0].sql} {'<=' if self.keys[0].down else '>='} ? AND {sql}"
            params = [first, *params]
        return sql, params


def parse(actor: Actor, kind: RecordType, text: str | None, alias: str = "t") -> Order:
    """The order that ``text`` asks for, the type's own where it asks for none. Raises BadRequest."""
    keys: list[Key] = []
    for part in (text or kind.card.order).split(","):
        name = part.strip()
        down = name.startswith("-")
        name = name.lstrip("-+").strip()
        if not name:
            continue
        if name == "id":
            keys.append(Key("id", f"{alias}.id", down))
            continue
        keys.append(Key(name, sortable(actor, kind, name).sort_expr(alias), down))
    if not keys or len(keys) > MOST_KEYS or len({key.name for key in keys}) < len(keys):
        raise BadRequest(L("Sort by one to %(n)s different fields.", n=MOST_KEYS))
    return Order(tuple(keys))


def sortable(actor: Actor, kind: RecordType, name: str) -> Field:
    """The field to sort by. Raises BadRequest where there is none or it cannot be sorted by."""
    found = access.readable(actor, kind).get(name)
    if found is None:
        raise BadRequest(L("There is no field “%(field)s”.", field=name[:80]))
    if not can_sort(found) or (found.masked and access.masked_pools(actor, kind)):
        raise BadRequest(L("One cannot sort by “%(field)s”.", field=name[:80]))
    return found


def can_sort(found: Field) -> bool:
    """Whether lists offer this field for sorting."""
    if found.custom:
        return found.kind in ("number", "money", "date", "moment", "choice", "flag", "text")
    return found.sort

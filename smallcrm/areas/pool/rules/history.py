"""Who owned what, when, and why it moved: read back for pages, within what the reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.pool.rules import words
from smallcrm.records.record import RecordType

_COLUMNS = (
    "id, record_type, record, from_owner, from_pool, to_owner, to_pool, obtained_at, ended_at, operator, kind, reason,"
    " cause, days"
)


@dataclass(frozen=True)
class Move:
    """One move of a record."""

    id: int
    record_type: str
    record: int
    from_owner: int | None
    from_pool: int | None
    to_owner: int | None
    to_pool: int | None
    obtained_at: str
    ended_at: str | None
    operator: int
    kind: str
    reason: str | None
    cause: str | None
    days: int | None

    @property
    def what(self) -> str:
        """What kind of move it was, in words."""
        return str(words.MOVES.get(self.kind, self.kind))

    @property
    def why(self) -> str:
        """The reason in words; empty where none was given."""
        return words.reason(self.cause, self.days, self.reason)


def of_record(kind: RecordType, record: int, *, before: int = 2**62, limit: int = 50) -> list[Move]:
    """A record's moves, newest first."""
    sql = (
        f"SELECT {_COLUMNS} FROM owner_history WHERE record_type = ? AND record = ? AND id < ? ORDER BY id DESC LIMIT ?"
    )
    return _moves(store.rows(sql, [kind.card.key, record, before, limit]))


def of_pool(pool: int, *, before: int = 2**62, limit: int = 50) -> list[Move]:
    """What came into and went out of a pool, newest first."""
    half = f"SELECT * FROM (SELECT {_COLUMNS} FROM owner_history WHERE %s = ? AND id < ? ORDER BY id DESC LIMIT ?)"
    sql = f"{half % 'from_pool'} UNION {half % 'to_pool'} ORDER BY id DESC LIMIT ?"
    return _moves(store.rows(sql, [pool, before, limit, pool, before, limit, limit]))


def latest(kind: RecordType, ids: Iterable[int]) -> dict[int, Move]:
    """Record → its last move."""
    sql = (
        f"SELECT {_COLUMNS} FROM owner_history WHERE id IN (SELECT max(id) FROM owner_history WHERE record_type = ?"
        " AND record IN (SELECT value FROM json_each(?)) GROUP BY record)"
    )
    return {move.record: move for move in _moves(store.rows(sql, [kind.card.key, store.json_list(ids)]))}


def _moves(rows: Sequence[tuple[Any, ...]]) -> list[Move]:
    return [Move(*row) for row in rows]

"""Looking into one backup: which records it holds, what they were, what has become of them since.

A backup is unpacked once and kept open for a while, one at a time, for everybody who looks. Its records are told apart
from those of now by when they were made, not by their number alone: after a restore numbers may mean something else.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.areas.admin import means
from smallcrm.base import clock, ids
from smallcrm.base.errors import NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import rows
from smallcrm.records.record import RecordType, all_types, column_names
from smallcrm.store import backups, erasures, snapshot
from smallcrm.store.snapshot import Inside

KEPT = 15 * 60.0  # seconds without a question after which it is closed
FOUND = 50  # records a search shows


@dataclass
class Look:
    """An open backup."""

    name: str
    moment: str
    inside: Inside
    _stack: ExitStack = field(repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    asked: float = field(default_factory=time.monotonic)
    _columns: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def rows(self, sql: str, params: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask its database."""
        self.asked = time.monotonic()
        with self.lock:
            return self.inside.connection.execute(sql, tuple(params)).fetchall()

    def columns(self, kind: RecordType) -> list[str]:
        """Which of the type's columns it has; none where it does not know the type."""
        table = kind._meta.table_name
        if table not in self._columns:
            there = {name for (name,) in self.rows("SELECT name FROM pragma_table_info(?)", (table,))}
            self._columns[table] = [name for name in column_names(kind) if name in there]
        return self._columns[table]

    def load(self, kind: RecordType, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Id → everything stored of the records then, the bin included."""
        have = self.columns(kind)
        if not have:
            return {}
        quoted = ", ".join(f'"{name}"' for name in have)
        sql = f'SELECT {quoted} FROM "{kind._meta.table_name}" WHERE id IN (SELECT value FROM json_each(?))'
        found = {}
        for row in self.rows(sql, (store.json_list(ids),)):
            held = dict(zip(have, row, strict=True))
            found[int(held["id"])] = rows.as_dict(kind, [held.get(name) for name in column_names(kind)])
        return found

    def made_by(self, key: str, record: int) -> str | None:
        """When the change-set was written that made the record; None where that is not known."""
        found = self.rows(_MADE_BY, (key, record))
        return found[0][0] if found else None

    def close(self) -> None:
        """Close it and take its unpacked database away."""
        with self.lock:
            self._stack.close()


_MADE_BY = (
    "SELECT s.at FROM change c JOIN change_set s ON s.id = c.set_id"
    " WHERE c.record_type = ? AND c.record = ? AND c.act = 'create' ORDER BY c.id LIMIT 1"
)

_guard = threading.Lock()
_open: Look | None = None


def find_backup(name: str) -> backups.Listed:
    """The backup of that name. Raises NotFound."""
    for one in backups.listing(backups.folder_of(store.folder())):
        if one.path.name == name:
            return one
    raise NotFound(L("There is no such backup."))


def open_backup(name: str, passphrase: str = "") -> Look:
    """Unpack the backup, unless it is open; another one is closed. Raises what ``snapshot.opened`` raises."""
    global _open
    held = opened(name, must=False)
    if held is not None:
        return held
    close()
    stack = ExitStack()
    inside = stack.enter_context(snapshot.opened(find_backup(name).path, passphrase or means.now().passphrase or None))
    moment = inside.manifest.created_at if inside.manifest else clock.iso(find_backup(name).moment)
    look = Look(name, moment, inside, stack)
    with _guard:
        before, _open = _open, look
    if before is not None:
        before.close()
    _close_later(look)
    return look


def opened(name: str, *, must: bool = True) -> Look | None:
    """The backup if it is open. Raises WrongState where it ``must`` be and is not."""
    with _guard:
        held = _open
    if held is not None and held.name == name:
        held.asked = time.monotonic()
        return held
    if must:
        raise WrongState(L("The backup was closed meanwhile. Open it again."))
    return None


def close() -> None:
    """Close whatever is open."""
    global _open
    with _guard:
        before, _open = _open, None
    if before is not None:
        before.close()


def _close_later(look: Look) -> None:
    def closing() -> None:
        rest = KEPT - (time.monotonic() - look.asked)
        if rest > 0 and opened(look.name, must=False) is look:
            look.asked = time.monotonic() - (KEPT - rest)
            later(rest + 1)
        elif opened(look.name, must=False) is look:
            close()

    def later(seconds: float) -> None:
        timer = threading.Timer(seconds, closing)
        timer.daemon = True
        timer.start()

    later(KEPT)


# ---------------------------------------------------------------- what is in it


def kinds(actor: Actor) -> list[RecordType]:
    """The types whose records the actor may look up in a backup: those of which they see and change all."""
    found = [
        kind
        for kind in all_types()
        if all(actor.scope(kind.card.key, verb) is Scope.ALL for verb in ("view", "create", "edit"))
    ]
    return sorted(found, key=lambda kind: (kind.card.reach == "open", kind.card.number))


def search(look: Look, kind: RecordType, text: str) -> list[dict[str, Any]]:
    """Records of a type by what they were called, or by their number; at most ``FOUND``."""
    if not look.columns(kind):
        return []
    wanted, title = fold(text), kind.card.title
    number = ids.number(text.strip().lstrip("#"))
    further = "number" if "number" in look.columns(kind) and title != "number" else "''"
    keys = [
        key
        for key, name, code in look.rows(f'SELECT id, "{title}", {further} FROM "{kind._meta.table_name}" ORDER BY id')
        if key == number or (wanted and (wanted in fold(str(name or "")) or wanted in fold(str(code or ""))))
    ]
    keys = keys[: FOUND + 1]
    found = look.load(kind, keys)
    return [found[key] for key in keys if key in found]


def resolve(look: Look, key: str, record: int) -> int | None:
    """The id of the same record now: the number itself, if it still means what was made back then."""
    from smallcrm.records.record import by_key

    kind = by_key(key)
    now = rows.load(kind, [record]).get(record)
    if now is None:
        return None
    then = look.load(kind, [record]).get(record)
    if then is None or then["created_at"] != now["created_at"]:
        return None
    made_now = store.row(_MADE_BY, (key, record))
    made_then = look.made_by(key, record)
    if made_now is not None and made_then is not None and made_now[0] != made_then:
        return None
    return record


def erased(look: Look) -> frozenset[tuple[str, str]]:
    """(kind, key) of what was erased after the backup was made: a person's data do not come back this way either."""
    folder = backups.folder_of(store.folder())
    since = clock.iso(clock.moment(look.moment) - dt.timedelta(hours=1))
    return frozenset((each.kind, each.key) for each in erasures.since(since, folder))


# ---------------------------------------------------------------- by day


@dataclass(frozen=True)
class Day:
    """A day on which something was changed, as the backup has it. ``lost``: change-sets that are not there now."""

    day: dt.date
    sets: int
    changes: int
    lost: int


def days(look: Look, most: int = 60) -> list[Day]:
    """The last days with changes, newest first."""
    found: dict[dt.date, list[tuple[int, str, int]]] = {}
    for number, at, count in look.rows("SELECT id, at, count FROM change_set ORDER BY id DESC LIMIT 20000"):
        day = clock.day_of(clock.moment(at))
        if day not in found and len(found) == most:
            break
        found.setdefault(day, []).append((number, at, count))
    still = _still_there(number for each in found.values() for number, _, _ in each)
    return [
        Day(
            day, len(sets), sum(count for _, _, count in sets), sum((number, at) not in still for number, at, _ in sets)
        )
        for day, sets in sorted(found.items(), reverse=True)
    ]


def _still_there(numbers: Iterable[int]) -> set[tuple[int, str]]:
    sql = "SELECT id, at FROM change_set WHERE id IN (SELECT value FROM json_each(?))"
    return {(number, at) for number, at in store.rows(sql, (store.json_list(numbers),))}


def changed_on(look: Look, day: dt.date) -> Iterator[tuple[str, int]]:
    """(type, id) of every record changed on a day, in the order of its first change then."""
    start, end = clock.iso(clock.start_of(day)), clock.iso(clock.start_of(day + dt.timedelta(days=1)))
    sql = (
        "SELECT c.record_type, c.record FROM change c JOIN change_set s ON s.id = c.set_id"
        " WHERE s.at >= ? AND s.at < ? GROUP BY c.record_type, c.record ORDER BY min(c.id)"
    )
    for key, record in look.rows(sql, (start, end)):
        yield str(key), int(record)


def path_of(name: str) -> Path:
    """Where a backup lies. Raises NotFound."""
    return find_backup(name).path

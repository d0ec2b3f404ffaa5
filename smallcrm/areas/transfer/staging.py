"""Files on their way in or out: kept for a day in the data folder, each for the user who sent or asked for it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import peewee

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import RecordType

KEPT = timedelta(days=1)
IN, OUT = "in", "out"


class TransferFile(store.Table):
    """A staged file. ``mapping`` is the contract's JSON as far as somebody said it; ``result`` what came of its work."""

    token = peewee.TextField(primary_key=True)
    way = peewee.TextField()
    user = peewee.IntegerField()
    record_type = peewee.TextField()
    name = peewee.TextField()
    at = peewee.TextField()
    mapping = peewee.TextField(default="{}")
    work = peewee.IntegerField(null=True)
    result = peewee.TextField(null=True)

    ddl = (
        "CREATE INDEX transfer_file_at ON transfer_file (at)",
        "CREATE INDEX transfer_file_user ON transfer_file (user, at)",
    )

    class Meta:
        table_name = "transfer_file"


@dataclass
class Staged:
    """A file and where it stands."""

    token: str
    way: str
    user: int
    record_type: str
    name: str
    at: str
    mapping: dict[str, Any] = field(default_factory=dict)
    work: int | None = None
    result: dict[str, Any] | None = None

    @property
    def folder(self) -> Path:
        """Its own folder."""
        return _root() / self.token

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / "file"

    def put(self, **changes: Any) -> None:
        """Keep changes of mapping, work or result."""
        for name, value in changes.items():
            setattr(self, name, value)
        with store.writing():
            store.run(
                "UPDATE transfer_file SET mapping = ?, work = ?, result = ? WHERE token = ?",
                [_json(self.mapping), self.work, _json(self.result) if self.result else None, self.token],
            )

    def add(self, **more: Any) -> None:
        """Keep more of the result, beside what somebody else kept of it meanwhile."""
        with store.writing():
            held = store.value("SELECT result FROM transfer_file WHERE token = ?", [self.token])
            self.put(result={**(json.loads(held) if held else {}), **more})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _root() -> Path:
    return store.folder() / "transfer"


_COLUMNS = "token, way, user, record_type, name, at, mapping, work, result"


def _staged(row: Any) -> Staged:
    *head, mapping, work, result = row
    token, way, user, key, name, at = head
    return Staged(token, way, user, key, name, at, json.loads(mapping), work, json.loads(result) if result else None)


def begin(actor: Actor, kind: RecordType, name: str, way: str = IN) -> Staged:
    """A place for a file; whoever calls writes it to ``path``, then calls ``keep``."""
    made = Staged(ids.token(20), way, actor.id, kind.card.key, name, clock.stamp())
    made.folder.mkdir(parents=True, mode=0o700)
    return made


def keep(made: Staged) -> Staged:
    """Make a staged file known."""
    with store.writing():
        store.run(
            f"INSERT INTO transfer_file ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
            [
                made.token,
                made.way,
                made.user,
                made.record_type,
                made.name,
                made.at,
                _json(made.mapping),
                made.work,
                None,
            ],
        )
    return made


def find(actor: Actor, token: str, *, kind: RecordType | None = None, way: str = IN) -> Staged:
    """A file of the actor's own. Raises NotFound, also when its day is over."""
    row = store.row(
        f"SELECT {_COLUMNS} FROM transfer_file WHERE token = ? AND user = ? AND way = ?", [token, actor.id, way]
    )
    found = _staged(row) if row else None
    if found is None or (kind is not None and kind.card.key != found.record_type) or not found.folder.is_dir():
        raise NotFound(L("This file is not kept any more: files wait for a day. Send it once more."))
    return found


@contextmanager
def changing(token: str) -> Iterator[None]:
    """One at a time: what is said about a file is read, amended and kept. Two answers given quickly are both taken."""
    with _guard:
        lock = _locks.setdefault(token, threading.Lock())
    with lock:
        yield


_guard = threading.Lock()
_locks: WeakValueDictionary[str, Any] = WeakValueDictionary()


def latest(actor: Actor, *, way: str = IN, limit: int = 10) -> list[Staged]:
    """The actor's files, newest first."""
    sql = f"SELECT {_COLUMNS} FROM transfer_file WHERE user = ? AND way = ? ORDER BY at DESC LIMIT ?"
    return [_staged(row) for row in store.rows(sql, [actor.id, way, limit])]


def everybodys() -> list[Staged]:
    """Every file there is, whoever it is for."""
    return [_staged(row) for row in store.rows(f"SELECT {_COLUMNS} FROM transfer_file ORDER BY at")]


def drop(found: Staged) -> None:
    """Forget a file."""
    shutil.rmtree(found.folder, ignore_errors=True)
    forget(found)


def forget(found: Staged) -> None:
    """Nobody finds the file any more; its folder is the caller's to remove."""
    with store.writing():
        store.run("DELETE FROM transfer_file WHERE token = ?", [found.token])


def discard(made: Staged) -> None:
    """A file that was never kept."""
    shutil.rmtree(made.folder, ignore_errors=True)


def purgeable() -> bool:
    """Whether there is anything to purge."""
    return bool(store.value("SELECT 1 FROM transfer_file WHERE at < ? LIMIT 1", [_border()])) or bool(_strays())


def purge() -> dict[str, int]:
    """Forget files whose day is over, and folders that nobody knows."""
    busy = "SELECT id FROM work WHERE state IN ('queued', 'running')"
    sql = f"SELECT {_COLUMNS} FROM transfer_file WHERE at < ? AND (work IS NULL OR work NOT IN ({busy}))"
    old = [_staged(row) for row in store.rows(sql, [_border()])]
    for each in old:
        drop(each)
    strays = _strays()
    for path in strays:
        shutil.rmtree(path, ignore_errors=True)
    return {"files": len(old) + len(strays)}


def _border() -> str:
    return clock.iso(clock.now() - KEPT)


def _strays() -> list[Path]:
    """Folders of uploads that broke off, an hour old and more."""
    root = _root()
    if not root.is_dir():
        return []
    known = {row[0] for row in store.rows("SELECT token FROM transfer_file")}
    limit = clock.now().timestamp() - 3600
    return [path for path in root.iterdir() if path.name not in known and path.stat().st_mtime < limit]


# ---------------------------------------------------------------- what was said for a file of the same shape


class ImportMemory(store.Table):
    """The mapping that a user confirmed last for files of a shape."""

    user = peewee.IntegerField()
    record_type = peewee.TextField()
    shape = peewee.TextField()
    mapping = peewee.TextField()
    at = peewee.TextField()

    class Meta:
        table_name = "import_memory"
        primary_key = peewee.CompositeKey("user", "record_type", "shape")
        without_rowid = True


def remember(actor: Actor, kind: RecordType, shape: str, mapping: Mapping[str, Any]) -> None:
    """Keep the mapping of an import that is being run."""
    with store.writing():
        store.run(
            "INSERT OR REPLACE INTO import_memory (user, record_type, shape, mapping, at) VALUES (?,?,?,?,?)",
            [actor.id, kind.card.key, shape, _json(mapping), clock.stamp()],
        )


def remembered(actor: Actor, kind: RecordType, shape: str) -> tuple[dict[str, Any], str]:
    """The mapping kept for that shape and when; the user's own, else a colleague's latest."""
    row = store.row(
        "SELECT mapping, at FROM import_memory WHERE record_type = ? AND shape = ? ORDER BY user = ? DESC, at DESC LIMIT 1",
        [kind.card.key, shape, actor.id],
    )
    return (json.loads(row[0]), row[1]) if row else ({}, "")

"""Long works as they are kept."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L


class WorkRow(store.Table):
    """A long work. ``detail`` and ``result`` are JSON objects; ``owner`` names the lock of the process it runs in."""

    kind = peewee.TextField()
    title = peewee.TextField()
    user = peewee.IntegerField(null=True)
    state = peewee.TextField(default="queued")
    done = peewee.IntegerField(default=0)
    total = peewee.IntegerField(default=0)
    message = peewee.TextField(default="")
    detail = peewee.TextField(default="{}")
    result = peewee.TextField(null=True)
    created_at = peewee.TextField()
    started_at = peewee.TextField(null=True)
    finished_at = peewee.TextField(null=True)
    cancel = peewee.IntegerField(default=0)
    changeset = peewee.IntegerField(null=True)
    owner = peewee.TextField()

    ddl = (
        "CREATE INDEX work_user ON work (user, id)",
        "CREATE INDEX work_open ON work (id) WHERE state IN ('queued', 'running')",
    )

    class Meta:
        table_name = "work"


@dataclass(frozen=True)
class Work:
    """A work as a page shows it. ``state``: queued, running, done, failed, cancelled or interrupted."""

    id: int
    kind: str
    title: str
    user: int | None
    state: str
    done: int
    total: int
    message: str
    detail: dict[str, Any]
    result: dict[str, Any] | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel: bool
    changeset: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is still under way."""
        return self.state in ("queued", "running")

    def seconds_left(self) -> int | None:
        """A guess from the pace so far; None while there is nothing to guess from."""
        if self.state != "running" or not self.started_at or not 0 < self.done < self.total:
            return None
        gone = (clock.now() - clock.moment(self.started_at)).total_seconds()
        return max(1, round(gone / self.done * (self.total - self.done))) if gone > 2 else None


_COLUMNS = (
    "id, kind, title, user, state, done, total, message, detail, result, created_at, started_at, finished_at, cancel,"
    " changeset"
)


def insert(kind: str, title: str, user: int | None, owner: str) -> int:
    """A queued work; its id."""
    with store.writing():
        store.run(
            "INSERT INTO work (kind, title, user, state, done, total, message, detail, created_at, cancel, owner)"
            " VALUES (?, ?, ?, 'queued', 0, 0, '', '{}', ?, 0, ?)",
            (kind, title, user, clock.stamp(), owner),
        )
        return int(store.connection().last_insert_rowid())


def one(key: int) -> Work:
    """The work of that id as it is written. Raises NotFound."""
    found = store.row(f"SELECT {_COLUMNS} FROM work WHERE id = ?", (key,))
    if found is None:
        raise NotFound(L("There is no such work."))
    return _work(found)


def several(where: str, params: tuple[Any, ...] = ()) -> list[Work]:
    """Works that meet ``where``, which may end in an order and a limit."""
    return [_work(found) for found in store.rows(f"SELECT {_COLUMNS} FROM work WHERE {where}", params)]


def owners() -> list[tuple[int, str]]:
    """Id and owner of works not yet ended."""
    found = store.rows("SELECT id, owner FROM work WHERE state IN ('queued', 'running') ORDER BY id")
    return [(int(key), str(owner)) for key, owner in found]


def _work(found: tuple[Any, ...]) -> Work:
    values = list(found)
    values[8] = json.loads(values[8])
    values[9] = json.loads(values[9]) if values[9] else None
    values[13] = bool(values[13])
    return Work(*values)


def dumps(data: object) -> str:
    """As JSON columns hold it."""
    return json.dumps(data, ensure_ascii=False, default=str)


def prune(now: dt.datetime, *, days: int = 90) -> int:
    """Forget works that ended longer ago; how many."""
    with store.writing():
        return store.run("DELETE FROM work WHERE finished_at < ?", (clock.iso(now - dt.timedelta(days=days)),))


def prunable(now: dt.datetime, *, days: int = 90) -> bool:
    """Whether ``prune`` would find anything."""
    oldest = store.value("SELECT finished_at FROM work WHERE finished_at IS NOT NULL ORDER BY id LIMIT 1")
    return bool(oldest and oldest < clock.iso(now - dt.timedelta(days=days)))

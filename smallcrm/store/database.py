"""One SQLite file, a connection for each thread, one writer at a time in the order of asking.

Reads run on the thread's own connection and see a committed state. A write is ``with writing():`` and nothing else:
it queues fairly, begins IMMEDIATE, commits or rolls back whole, and only then runs what ``after_commit`` was given.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase

from smallcrm.base.errors import Busy, Damaged, DiskFull
from smallcrm.base.i18n import L
from smallcrm.store import durable, guard, lock, ours, troubles

Params = Sequence[Any]

_PRAGMAS = (
    "busy_timeout = 10000",
    "foreign_keys = ON",
    "synchronous = FULL",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "temp_store = FILE",
    "cache_size = -6000",
    "mmap_size = 0",
    "wal_autocheckpoint = 1000",
    "journal_size_limit = 67108864",
    "secure_delete = ON",
)


class _Local(threading.local):
    depth = 0
    callbacks: list[Callable[[], None]]
    deadline = 0.0
    opening = 0
    serial = 0

    def __init__(self) -> None:
        self.callbacks = []


class _Queue:
    """A lock that is given in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class Database(APSWDatabase):
    """peewee's database on apsw, with our settings on every new connection."""

    def _connect(self) -> apsw.Connection:
        connection = super()._connect()
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.set_progress_handler(_over_time, 20_000)
        with _registry_guard:
            _registry.add(connection)
        return connection

    def _close(self, conn: apsw.Connection) -> None:
        with _registry_guard:
            _registry.discard(conn)
        super()._close(conn)


db = Database(None, timeout=10, autoconnect=False)
_local = _Local()
_queue = _Queue()
_registry: set[apsw.Connection] = set()
_registry_guard = threading.Lock()
_folder: Path | None = None
_serials = count(1)
_commits = 0
_presence: int | None = None  # our lock on the folder that is open
_opening = 0  # which opening of a folder this is; a thread that remembers an earlier one starts anew


def folder() -> Path:
    """The data folder that is open."""
    if _folder is None:
        raise RuntimeError("no data folder is open")
    return _folder


def is_open() -> bool:
    """Whether a data folder is open in this process."""
    return _folder is not None


def open_folder(path: Path, *, create: bool = False) -> None:
    """Open the database in the data folder ``path``; ``create`` makes a new one where there never was one.

    Finishes a restore that was stopped half way. Raises Damaged, naming the last good backup, when the file is missing
    from a folder that has data, is not ours, is empty, or the disk cannot carry it; FolderInUse during a restore.
    """
    global _folder, _presence
    ours.check_library()
    close()
    if create:
        durable.make_folder(path)
    if not path.is_dir():
        raise Damaged(L("There is no database in %(folder)s.", folder=str(path)))
    _presence = ours.enter(path)
    _folder = path
    try:
        fresh = ours.refuse_unfit(path, create)
        lineage = 0 if fresh else ours.lineage_in(path / "smallcrm.db")
        db.init(str(path / "smallcrm.db"))
        if fresh:
            ours.begin_anew(connection())
        else:
            ours.refuse_strange(connection(), path, lineage)
        ours.begin_using(connection())
    except (apsw.Error, peewee.PeeweeException) as error:
        close()
        raise troubles.unopenable(error, path) from None
    except BaseException:
        close()
        raise


def close() -> None:
    """Close every thread's connection. Only when no request is under way."""
    global _folder, _opening, _presence
    _opening += 1
    with _registry_guard:
        connections = list(_registry)
        _registry.clear()
    for each in connections:
        _shut(each)
    db._state.reset()
    _folder = None
    if _presence is not None:
        lock.leave(_presence)
        _presence = None


def _shut(connection_: apsw.Connection, patience: float = 5.0) -> None:
    """Close it, waiting for a thread that is about to end with it in its hands."""
    end = time.monotonic() + patience
    while True:
        try:
            connection_.close(True)
            return
        except apsw.ThreadingViolationError:
            if time.monotonic() > end:
                raise
        time.sleep(0.01)


def leave_to_parent() -> None:
    """In a process that was forked off: the open database is the parent's; it is neither used nor closed here."""
    global _folder
    db._state.reset()
    db.init(None)
    _folder = None


def connection() -> apsw.Connection:
    """This thread's connection, opened on first use."""
    if _local.opening != _opening:
        db._state.reset()
        _local.opening = _opening
    if db.is_closed():
        db.connect()
    return db.connection()


def close_thread() -> None:
    """Close this thread's connection, at the thread's end."""
    if not db.is_closed():
        db.close()


def forget_samples() -> None:
    """Drop the samples of keys that the planner keeps; its counts stay. Inside ``writing``."""
    if value("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'"):
        run("DELETE FROM sqlite_stat4")


def forget_freed(patience: float = 5.0) -> bool:
    """Leave nothing of what was deleted: empty the journal, drop the samples that the planner keeps of keys.

    Whether the journal could be emptied; a reader that goes on for longer than ``patience`` seconds holds it up.
    """
    with writing():
        forget_samples()
    end = time.monotonic() + patience
    while True:
        busy = connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy is not None and not busy[0]:
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.1)


# ---------------------------------------------------------------- reading


def rows(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """All rows as tuples."""
    try:
        return connection().execute(sql, params).fetchall()
    except apsw.InterruptError:
        raise troubles.too_slow() from None


def row(sql: str, params: Params = ()) -> tuple[Any, ...] | None:
    """The first row, or None."""
    try:
        return connection().execute(sql, params).fetchone()
    except apsw.InterruptError:
        raise troubles.too_slow() from None


def value(sql: str, params: Params = ()) -> Any:
    """The first column of the first row, or None."""
    found = row(sql, params)
    return found[0] if found else None


def data_version() -> int:
    """Changes whenever another connection, of this process or another, has committed."""
    return int(value("PRAGMA data_version"))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """A reading statement inside that runs longer ends in TimedOut."""
    before = _local.deadline
    _local.deadline = time.monotonic() + seconds
    try:
        yield
    finally:
        _local.deadline = before


def _over_time() -> bool:
    return bool(_local.deadline) and not _local.depth and time.monotonic() > _local.deadline


def scratch(sql: str, params: Params = ()) -> None:
    """Execute a statement that touches only this connection's temporary tables."""
    connection().execute(sql, params)


def json_list(items: Iterable[Any]) -> str:
    """``items`` as one bound value, for ``IN (SELECT value FROM json_each(?))``."""
    return json.dumps(list(items))


# ---------------------------------------------------------------- writing


@contextmanager
def writing() -> Iterator[None]:
    """One transaction. Joins the one that is already under way in this thread.

    Raises Busy when the file stays locked, DiskFull when there is no room; in both cases nothing was written.
    """
    if _local.depth:
        _local.depth += 1
        try:
            yield
        finally:
            _local.depth -= 1
        return
    if guard.low_space(folder()):
        raise DiskFull(L("The disk is nearly full. Reading goes on, nothing new is kept until there is room."))
    callbacks: list[Callable[[], None]] = []
    with _queue:
        connection_ = _begin()
        _local.depth = 1
        _local.serial = next(_serials)
        _local.callbacks = callbacks
        try:
            yield
            connection_.execute("COMMIT")
        except BaseException as error:
            if not connection_.get_autocommit():
                connection_.execute("ROLLBACK")
            callbacks.clear()
            said = troubles.translated(error)
            if said is error:
                raise  # not from itself: whoever follows the causes would never end
            raise said from error
        finally:
            _local.depth = 0
            _local.callbacks = []
    _count_commit()
    for callback in callbacks:
        callback()


def commits() -> int:
    """How many transactions this process has committed: a cheap "has anything changed here?"."""
    return _commits


def _count_commit() -> None:
    global _commits
    _commits += 1


def in_writing() -> bool:
    """Whether this thread is inside ``writing``."""
    return _local.depth > 0


def transaction() -> int:
    """A number of its own for each transaction; 0 outside."""
    return _local.serial if _local.depth else 0


def after_commit(callback: Callable[[], None]) -> None:
    """Run ``callback`` once the transaction has been committed; at once when there is none."""
    if _local.depth:
        _local.callbacks.append(callback)
    else:
        callback()


@contextmanager
def loading() -> Iterator[None]:
    """A whole folder is filled by this thread: room for its pages, the log written back less often, the disk waited for once.

    What stands there when the power goes meanwhile is worth nothing; the program may be killed as ever.
    """

    def settle(*pragmas: str) -> None:
        for pragma in pragmas:
            connection().execute(f"PRAGMA {pragma}")

    changed = ("cache_size", "wal_autocheckpoint", "synchronous")
    with durable.synced_at_the_end():
        settle("cache_size = -128000", "wal_autocheckpoint = 16000", "synchronous = OFF")
        try:
            yield
        finally:
            settle(*(each for each in _PRAGMAS if each.startswith(changed)))


def run(sql: str, params: Params = ()) -> int:
    """Execute one writing statement inside ``writing``; the number of rows it touched."""
    assert _local.depth, "write inside store.writing()"
    connection_ = connection()
    connection_.execute(sql, params)
    return int(connection_.changes())


def run_many(sql: str, many: Iterable[Params]) -> None:
    """Execute one writing statement for each set of values."""
    assert _local.depth, "write inside store.writing()"
    connection().executemany(sql, many)


def _begin() -> apsw.Connection:
    """This thread's connection with a transaction begun. Raises Busy, DiskFull."""
    if connection().readonly("main"):
        close_thread()  # opened while the file could not be written, it would never write again
    connection_ = connection()
    for attempt in range(4):
        try:
            connection_.execute("BEGIN IMMEDIATE")
            return connection_
        except apsw.BusyError:
            if attempt < 3:
                time.sleep(random.uniform(0.02, 0.2))
        except apsw.Error as error:
            said = troubles.translated(error)
            if said is error:
                raise
            raise said from error
    raise Busy(L("Somebody else is writing a great deal just now. Nothing was changed; try again in a moment."))

"""Is the live database sound, and the disk it lies on fit for it? For ``check``, the nightly job and every start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from smallcrm.base import formats
from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import backups, database, examine, guard, ours
from smallcrm.store.backups import Level
from smallcrm.store.watching import Stop, stopped

_LARGE_JOURNAL = 256 * 1024 * 1024  # octets: some reader keeps the journal from being cleared
_LITTLE_ROOM = 1024 * 1024 * 1024
_START_SECONDS = 0.3  # a small database is read whole at every start, a large one as far as this goes


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, by a name that stays the same in every language."""

    name: str
    level: Level
    words: Lazy


def check(*, cancelled: Stop | None = None) -> list[Finding]:
    """Everything about the open database, reading all of it. Raises Cancelled."""
    data = database.folder()
    return [*_database(cancelled), *disk(data)]


def at_start() -> None:
    """Raises Damaged when what can be seen in a moment of the open database shows damage. Changes nothing."""
    connection = database.connection()
    until = time.monotonic() + _START_SECONDS
    try:
        examine.read_a_little(connection)
        with examine.stoppable(connection, lambda: time.monotonic() > until):
            found = examine.damages(connection, quick=True)
    except apsw.InterruptError:
        return  # the nightly check reads the rest
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, apsw.IOError) as error:
        found = [str(error)]
    if found:
        raise damaged(found[0])


def damaged(error: str) -> Damaged:
    """The error that names the last good backup."""
    folder = database.folder()
    return Damaged(
        L(
            "The database is damaged: %(error)s. Nothing was changed. %(advice)s",
            error=error,
            advice=backups.advice(folder),
        )
    )


def damage_in(error: BaseException) -> Damaged | None:
    """The error that says so, where something failed because the open database is damaged; None for anything else."""
    seen: BaseException | None = error
    met: set[int] = set()
    while seen is not None and id(seen) not in met:
        met.add(id(seen))
        if isinstance(seen, (apsw.CorruptError, apsw.NotADBError)):
            return (
                damaged(str(seen))
                if database.is_open()
                else Damaged(L("The database is damaged: %(error)s.", error=str(seen)))
            )
        seen = seen.__cause__ or seen.__context__
    return None


def _database(cancelled: Stop | None) -> Iterator[Finding]:
    connection = database.connection()
    version = ours.check_library()
    yield Finding("sqlite", "ok", L("SQLite %(version)s.", version=version))
    if not examine.is_ours(connection):
        yield Finding("application", "bad", L("smallcrm.db is not a database of smallcrm."))
        return
    yield Finding("application", "ok", L("The database is one of smallcrm's."))
    try:
        with examine.stoppable(connection, cancelled):
            found = examine.damages(connection)
            links = 0 if found else examine.broken_links(connection)
    except apsw.InterruptError:
        raise stopped() from None
    if found:
        words = damaged(found[0]).message
        assert isinstance(words, Lazy)
        yield Finding("integrity", "bad", words)
        return
    yield Finding("integrity", "ok", L("Every page of the database was read and is sound."))
    if links:
        yield Finding("links", "bad", L("%(n)s rows point to others that are not there.", n=formats.number(links)))
    else:
        yield Finding("links", "ok", L("All links between rows hold."))


def disk(data: Path) -> Iterator[Finding]:
    """About the disk alone: quick."""
    for look in (_journal, _room, _file_system):
        yield look(data)


def _journal(data: Path) -> Finding:
    wal = data / "smallcrm.db-wal"
    size = wal.stat().st_size if wal.exists() else 0
    level: Level = "warn" if size > _LARGE_JOURNAL else "ok"
    return Finding("journal", level, L("The journal beside the database has %(size)s.", size=formats.size(size)))


def _room(data: Path) -> Finding:
    free = guard.free_space(data)
    words = L("%(size)s are free on the disk.", size=formats.size(free))
    if free < guard.floor(data):
        words = L(
            "The disk is full: %(size)s are free. Nothing new is kept until there is room.", size=formats.size(free)
        )
        return Finding("room", "bad", words)
    database_size = (data / "smallcrm.db").stat().st_size
    return Finding("room", "warn" if free < max(_LITTLE_ROOM, 2 * database_size) else "ok", words)


def _file_system(data: Path) -> Finding:
    kind = guard.file_system(data) or "?"
    if guard.is_network(data):
        words = L("The data folder lies on a network share (%(kind)s), where a database gets damaged.", kind=kind)
        return Finding("file_system", "bad", words)
    if kind in ("overlay", "tmpfs"):
        words = L("The data folder lies on a disk that does not last (%(kind)s): mount a volume.", kind=kind)
        return Finding("file_system", "warn", words)
    return Finding("file_system", "ok", L("The data folder lies on a local disk (%(kind)s).", kind=kind))

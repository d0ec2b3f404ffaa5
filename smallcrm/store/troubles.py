"""What SQLite complains of, in our own words."""

from __future__ import annotations

from pathlib import Path

import apsw

from smallcrm.base.errors import Busy, Damaged, DiskFull, TimedOut
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import backups, durable


def unopenable(error: Exception, path: Path) -> Busy | Damaged:
    """SQLite's refusal to open in words; peewee wraps what happens while it connects."""
    cause = error if isinstance(error, apsw.Error) else error.__context__
    if isinstance(cause, (apsw.NotADBError, apsw.CorruptError)):
        return damaged(L("The database is damaged: %(error)s.", error=str(cause)), path)
    return Busy(L("The database in %(folder)s cannot be opened: %(error)s.", folder=str(path), error=str(error)))


def damaged(what: Lazy, path: Path) -> Damaged:
    return Damaged(L("%(what)s Nothing was changed. %(advice)s", what=what, advice=backups.advice(path)))


def too_slow() -> TimedOut:
    return TimedOut(L("That took too long. Narrow the filter, or ask for it as an export."))


def translated(error: BaseException) -> BaseException:
    """An error of SQLite's in our own words; any other as it is."""
    if isinstance(error, apsw.FullError) or (isinstance(error, apsw.Error) and "disk is full" in str(error)):
        return DiskFull(L("The disk is full. Nothing was changed."))
    if isinstance(error, apsw.BusyError):
        return Busy(L("The database is busy. Nothing was changed; try again in a moment."))
    if isinstance(error, apsw.ReadOnlyError):
        return Busy(L("The data folder cannot be written to. Nothing was changed."))
    if isinstance(error, apsw.IOError | apsw.CantOpenError):
        return Busy(L("The disk reports a fault: %(error)s. Nothing was changed.", error=str(error)))
    return (durable.refusal(error) if isinstance(error, OSError) else None) or error

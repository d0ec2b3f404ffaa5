"""Bringing a backup back: everything happens beside the data in use, and one exchange at the very end makes it count.

    hold the folder alone → unpack and check → bring the schema up to date → ``after_restore`` and ``replay_erasures``
    → exchange (``store/swap.py``), the replaced data kept in ``replaced-<stamp>/``

So what a restored database must not do (send the mails of back then again, know sessions that were signed out, hold
people who were erased since) it never can: it only takes its place when that is done.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import apsw
import peewee

from smallcrm.base import clock
from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import database, durable, erasures, lock, migrations, swap
from smallcrm.store.erasures import Erasure
from smallcrm.store.snapshot import archive as archives
from smallcrm.store.snapshot.archive import Archive, Unusable
from smallcrm.store.snapshot.checking import unpack
from smallcrm.store.snapshot.manifest import DATABASE
from smallcrm.store.snapshot.report import Report
from smallcrm.store.watching import Progress, Stop, Watch

# Other packages add to these. Each is called inside ``writing``, the restored folder open, before it takes its place.
after_restore: list[Callable[[], None]] = []
replay_erasures: list[Callable[[Sequence[Erasure]], None]] = []


@dataclass(frozen=True)
class Restored:
    """What a restore did. ``replaced`` is where the former data lie now, None where there were none."""

    report: Report
    replaced: Path | None
    migrated: tuple[str, ...]
    erased_again: int


def restore(
    file: Path,
    data: Path,
    *,
    passphrase: str | None = None,
    now: dt.datetime | None = None,
    lock_held: bool = False,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Restored:
    """Put the backup ``file`` in the place of what the data folder ``data`` holds. The store is closed afterwards.

    A server that holds its own folder says ``lock_held`` and must have no request under way. Raises FolderInUse,
    NotFound, Unusable for a backup that is not sound, Invalid for its passphrase, Damaged for one of a newer
    version, DiskFull and Cancelled; after each of them the data are as they were.
    """
    file, data = file.absolute(), data.absolute()
    now = now or clock.now()
    stamp = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    with durable.disk_words(), ExitStack() as stack:
        durable.make_folder(data)
        if not lock_held:
            stack.enter_context(lock.holding(data))
        database.close()
        stack.enter_context(lock.alone(data))
        swap.finish(data)
        durable.sweep(data)
        place = stack.enter_context(durable.workplace(data))
        new = swap.new_folder(place.path)
        with archives.opening(file, passphrase) as archive:
            _refuse_newer(archive)
            durable.need_room(data, archive.size())
            report = unpack(archive, new, Watch(progress, cancelled, archive.size()), keep_files=True)
        report = replace(report, checked_at=clock.iso(now))
        if not report.ok:
            raise _unsound(file, report)
        erased = _erased_since(report, data / "backups", file.parent)
        migrated = _make_ready(new, erased)
        swap.refuse_impossible(data)
        os.sync()
        place.keep = True
        return Restored(report, swap.commit(data, place.path, stamp), migrated, len(erased))


def _refuse_newer(archive: Archive) -> None:
    known = migrations.known()
    if archive.manifest and (newer := [name for name in archive.manifest.schema if name not in known]):
        raise Damaged(
            L(
                "This backup was made by a newer smallcrm (%(version)s, %(name)s). Use that one. Nothing was changed.",
                version=archive.manifest.version,
                name=", ".join(newer),
            )
        )


def _unsound(file: Path, report: Report) -> Unusable:
    problem: Lazy = report.problems[0]
    return Unusable(L("%(file)s was not restored. %(why)s Nothing was changed.", file=file.name, why=problem))


def _erased_since(report: Report, *folders: Path) -> list[Erasure]:
    """Erasures that the backup may not know of; all of them where it does not say when it was made.

    One is noted before it is committed, so those of the hour before are done again: that changes nothing.
    """
    moment = report.created_at
    if moment:
        moment = clock.iso(clock.moment(moment) - dt.timedelta(hours=1))
    return erasures.since(moment, *dict.fromkeys(folders))


def _make_ready(new: Path, erased: list[Erasure]) -> tuple[str, ...]:
    """Migrate the unpacked database and run what others registered on it; the names of the migrations that ran."""
    database.open_folder(new)
    try:
        migrated = tuple(migrations.apply())
        with database.writing():
            for hook in after_restore:
                hook()
            if erased:
                for replay in replay_erasures:
                    replay(erased)
        database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except (apsw.Error, peewee.PeeweeException) as error:
        raise Damaged(L("The backup could not be brought up to date: %(error)s.", error=str(error))) from error
    finally:
        database.close()
    durable.sync_file(new / DATABASE)
    return migrated

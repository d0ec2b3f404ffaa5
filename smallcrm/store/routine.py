"""A whole backup as the nightly job, the page and the command line make it: take, check, remember, copy, thin out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import backups, database, rotation, snapshot
from smallcrm.store.backups import Run
from smallcrm.store.rotation import Copied
from smallcrm.store.snapshot import Backup, Cancelled, Report
from smallcrm.store.watching import Progress, Stop


@dataclass(frozen=True)
class Outcome:
    """What came of it. ``copied`` is None where no second folder is set."""

    backup: Backup
    report: Report
    copied: Copied | None
    deleted: tuple[Path, ...]

    @property
    def ok(self) -> bool:
        """Is there a new backup that can be restored?"""
        return self.report.ok


def back_up(
    *,
    label: str = "",
    now: dt.datetime | None = None,
    passphrase: str | None = None,
    second: Path | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Outcome:
    """Back up the open data folder into its own ``backups``, check the result, copy it to ``second``, delete old ones.

    An empty ``passphrase`` is none. Raises what ``snapshot.take`` raises. Whatever happens is remembered for
    ``backups.health``.
    """
    now = now or clock.now()
    folder = backups.folder_of(database.folder())
    try:
        backup = snapshot.take(
            folder,
            label=label,
            now=now,
            encrypt_to=passphrase or None,
            progress=_part(progress, 0),
            cancelled=cancelled,
        )
        report = snapshot.verify(
            backup.path, passphrase, work=folder, now=now, progress=_part(progress, 1), cancelled=cancelled
        )
    except Cancelled:
        raise
    except Exception as error:
        backups.note_run(folder, Run(clock.iso(now), False, (_reason(error),)))
        raise
    _remember(folder, backup, report)
    copied = rotation.copy_to(second, backup.path, backup.sha256, now) if second and report.ok else None
    words = report.problems or (copied.words if copied else ()) or report.remarks
    backups.note_run(folder, Run(clock.iso(now), report.ok, words, backup.path.name))
    return Outcome(backup, report, copied, tuple(rotation.prune(folder, now)))


def check(
    file: Path, passphrase: str | None = None, *, now: dt.datetime | None = None, data: Path | None = None
) -> Report:
    """``snapshot.verify``, remembered where the file is one of the data folder's own backups.

    ``data`` is that folder where its database is not open: a backup can be checked when the database is damaged.
    """
    folder = backups.folder_of(data or database.folder()) if data or database.is_open() else None
    report = snapshot.verify(file, passphrase, now=now, work=folder if folder and folder.is_dir() else None)
    if folder and file.absolute().parent == folder.absolute():
        backups.note(
            file.parent,
            file.name,
            size=file.stat().st_size,
            good=report.ok,
            checked_at=report.checked_at,
            words=report.problems or report.remarks,
            encrypted=report.encrypted,
            version=report.version,
            files=report.files,
        )
    return report


def _remember(folder: Path, backup: Backup, report: Report) -> None:
    backups.note(
        folder,
        backup.path.name,
        size=backup.size,
        sha256=backup.sha256,
        good=report.ok,
        checked_at=report.checked_at,
        words=report.problems or report.remarks,
        encrypted=backup.encrypted,
        version=backup.version,
        label=backup.label,
        files=backup.files,
    )


def _reason(error: Exception) -> Lazy:
    message = error.message if isinstance(error, SmallcrmError) else None
    if isinstance(message, Lazy):
        return message
    return L("An unexpected error: %(error)s.", error=str(error) or type(error).__name__)


def _part(progress: Progress | None, number: int) -> Progress | None:
    """The first or second half of ``progress``: taking and checking handle the same octets."""
    if progress is None:
        return None
    report = progress
    return lambda done, total: report(done + number * total, 2 * total)

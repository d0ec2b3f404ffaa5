"""Which backups stay, and their copies in a second folder.

Seven days, four weeks, six months: the newest good one of each, counted by days on which there is one, so that a NAS
that was off for a summer keeps what it has. Days are the business's.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import backups, durable, erasures
from smallcrm.store.watching import Cancelled, Stop, Watch

DAYS, WEEKS, MONTHS = 7, 4, 6
_FAILED_KEPT = dt.timedelta(days=7)  # a red one is worth a look, not for ever


@dataclass(frozen=True)
class Dated:
    """A backup as far as keeping it is concerned. ``good`` is None while it has not been checked."""

    path: Path
    moment: dt.datetime
    good: bool | None = None


@dataclass(frozen=True)
class Plan:
    """Which to keep and which to delete, each newest first."""

    keep: tuple[Path, ...]
    delete: tuple[Path, ...]


def plan(
    found: Iterable[Dated], now: dt.datetime, *, days: int = DAYS, weeks: int = WEEKS, months: int = MONTHS
) -> Plan:
    """What to keep of ``found``. While the newest has not been checked and found good, everything."""
    ordered = sorted(found, key=lambda one: one.moment, reverse=True)
    if not ordered or not ordered[0].good:
        return Plan(tuple(one.path for one in ordered), ())
    good = [one for one in ordered if one.good]
    kept = {good[0].path}
    kept |= _newest_of_each(good, lambda day: day, days)
    kept |= _newest_of_each(good, lambda day: day.isocalendar()[:2], weeks)
    kept |= _newest_of_each(good, lambda day: (day.year, day.month), months)
    kept |= {one.path for one in ordered if not one.good and now - one.moment < _FAILED_KEPT}
    return Plan(
        tuple(one.path for one in ordered if one.path in kept),
        tuple(one.path for one in ordered if one.path not in kept),
    )


def _newest_of_each(ordered: list[Dated], period: Callable[[dt.date], Hashable], count: int) -> set[Path]:
    newest: dict[Hashable, Path] = {}
    for one in ordered:
        newest.setdefault(period(clock.day_of(one.moment)), one.path)
    return set(list(newest.values())[:count])


def prune(folder: Path, now: dt.datetime) -> list[Path]:
    """Delete what the plan lets go of those backups in ``folder`` that we named; what was deleted."""
    found = [Dated(one.path, one.moment, one.good) for one in backups.listing(folder) if one.ours]
    gone = plan(found, now).delete
    for path in gone:
        path.unlink(missing_ok=True)
    return list(gone)


# ---------------------------------------------------------------- the second folder


@dataclass(frozen=True)
class Copied:
    """How a copy went. ``words`` are empty when it is there and its hash is right."""

    words: tuple[Lazy, ...] = ()
    deleted: tuple[Path, ...] = ()

    @property
    def ok(self) -> bool:
        """Is the copy there?"""
        return not self.words


def copy_to(second: Path, backup: Path, sha256: str, now: dt.datetime, *, cancelled: Stop | None = None) -> Copied:
    """Copy ``backup`` into the folder ``second``, read it back and compare, then thin out our copies there.

    Whatever is wrong with the second folder is said, not raised. It is never made: a disk that is not plugged in would
    be replaced by an ordinary folder on the NAS's own.
    """
    try:
        if not second.is_dir():
            return Copied((L("The second folder %(folder)s is not there. No copy was made.", folder=str(second)),))
        if second.resolve() == backup.parent.resolve():
            return Copied((L("The second folder is the folder of the backups itself. No copy was made."),))
        with durable.disk_words():
            durable.sweep(second)
            if _is_anothers(second / backup.name, backup.parent, sha256):
                return Copied((L("%(file)s is there already and is not ours.", file=str(second / backup.name)),))
            if not _copy(second / backup.name, backup, sha256, cancelled):
                return Copied(
                    (L("The copy in %(folder)s is not what was copied. The disk may fail.", folder=str(second)),)
                )
            erasures.merge(backup.parent, second)
        backups.note_copy(backup.parent, backup.name, sha256)
        return Copied((), tuple(_thin_out(second, backup.parent, now)))
    except Cancelled:
        raise
    except SmallcrmError as error:
        return Copied((L("No copy was made in %(folder)s: %(error)s", folder=str(second), error=str(error)),))
    except OSError as error:
        return Copied((L("No copy was made in %(folder)s: %(error)s", folder=str(second), error=str(error)),))


def _is_anothers(target: Path, folder: Path, sha256: str) -> bool:
    """Whether another smallcrm that copies to the same folder had this name first."""
    return target.exists() and target.name not in backups.copies(folder) and durable.sha256_of(target) != sha256


def _copy(target: Path, source: Path, sha256: str, cancelled: Stop | None) -> bool:
    if target.exists() and durable.sha256_of(target) == sha256:
        return True
    with durable.drafting(target.parent) as draft, source.open("rb") as file:
        durable.pour(file, draft.file.write, Watch(None, cancelled).tick)
        draft.file.flush()
        os.fsync(draft.file.fileno())
        durable.forget_cached(draft.file)
        if durable.sha256_of(draft.path) != sha256:
            return False
        draft.publish(target)
    return True


def _thin_out(second: Path, folder: Path, now: dt.datetime) -> list[Path]:
    """Delete there what the plan lets go, of the copies that we know to be ours."""
    ours = [second / name for name in backups.copies(folder)]
    dated = [
        Dated(path, moment, True)
        for path in ours
        if path.exists() and (moment := backups.moment_of(path.name)) is not None
    ]
    gone = plan(dated, now).delete
    for path in gone:
        path.unlink(missing_ok=True)
    backups.forget_copies(folder, [path.name for path in ours if not path.exists()])
    return list(gone)

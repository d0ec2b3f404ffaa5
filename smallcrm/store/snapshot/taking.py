"""Making a backup while everybody goes on writing: the database first, then the files, into one zip.

    YYYYMMDDTHHMMSSZ-<version>.zip   (….zip.enc when sealed)
        smallcrm.db     a compacted copy, checked before it goes in
        files/ab/cd/…   every attachment
        secret.key      so that a move to another NAS is one backup and one restore
        manifest.json   the hash of each, row counts, versions

The secret key is always inside, sealed if the backup is; the file is for the owner's eyes only (0600) either way. The
zip gets its name when it is complete and on the disk: under a backup's name there is never half a one.
"""

from __future__ import annotations

import datetime as dt
import itertools
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

import smallcrm
from smallcrm.base import clock
from smallcrm.base.errors import BadUsage, Damaged, DiskFull, Invalid
from smallcrm.base.i18n import L, _
from smallcrm.store import blobs, database, durable, examine, guard, ours
from smallcrm.store.snapshot.manifest import DATABASE, Content, Manifest
from smallcrm.store.snapshot.packing import pack
from smallcrm.store.watching import Progress, Stop, Watch, stopped

_KEPT_BEFORE_MIGRATING = 3


@dataclass(frozen=True)
class Backup:
    """A finished backup. ``left_out`` counts attachments that could not be read from the disk."""

    path: Path
    size: int
    sha256: str
    created_at: str
    version: str
    schema: tuple[str, ...]
    files: int
    label: str = ""
    encrypted: bool = False
    left_out: int = 0


def take(
    target: Path,
    *,
    label: str = "",
    now: dt.datetime | None = None,
    encrypt_to: str | None = None,
    name: str | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Backup:
    """Back the open data folder up into the folder ``target``.

    ``encrypt_to`` is a passphrase, ``name`` a file name of one's own. Raises Damaged when the database itself is
    damaged, DiskFull, BadUsage when ``name`` is taken, Invalid for an empty passphrase, and Cancelled; in each case
    nothing is left behind and earlier backups are as they were.
    """
    assert not database.in_writing(), "a backup cannot be made inside a transaction"
    if encrypt_to is not None and not encrypt_to.strip():
        raise Invalid({"passphrase": [_("An empty passphrase protects nothing. No backup was made.")]})
    now = now or clock.now()
    data = database.folder()
    with durable.disk_words(), durable.workplace(data / "backups") as place:
        durable.make_folder(target)
        durable.sweep(target)
        if name is not None:
            _refuse_taken(target, name)
        _check_room(data, target)
        before = blobs.laid_aside(data / "files")
        manifest = _copy_database(place.path / DATABASE, clock.iso(now), label, cancelled)
        files = _files(data / "files", before)
        total = manifest.database.size + sum(_size_of(path) for path in files.values())
        watch = Watch(progress, cancelled, total)
        with durable.drafting(target) as draft:
            packed = pack(
                draft.file,
                encrypt_to,
                manifest=manifest,
                database=place.path / DATABASE,
                data=data,
                files=files,
                now=now,
                watch=watch,
            )
            chosen = _publish(draft, target, now, bool(encrypt_to), name)
    return Backup(
        path=chosen,
        size=packed.size,
        sha256=packed.sha256,
        created_at=manifest.created_at,
        version=manifest.version,
        schema=manifest.schema,
        files=len(packed.manifest.files),
        label=label,
        encrypted=bool(encrypt_to),
        left_out=len(packed.manifest.unreadable),
    )


def before_migrating(*, now: dt.datetime | None = None) -> Path:
    """Copy the open database to ``backups/before-<version>-<stamp>.db`` and keep the last three such copies."""
    folder = database.folder() / "backups"
    stamp = f"{(now or clock.now()).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    target = folder / f"before-{smallcrm.__version__}-{stamp}.db"
    with durable.disk_words(), durable.workplace(folder) as place:
        durable.need_room(folder, (database.folder() / DATABASE).stat().st_size)
        copy = place.path / DATABASE
        _vacuum_into(copy, None)
        _examined(copy, None)
        durable.sync_file(copy)
        copy.rename(target)
        durable.sync_folder(folder)
    copies = sorted(folder.glob("before-*.db"), key=lambda path: path.stem.rpartition("-")[2])
    for old in copies[:-_KEPT_BEFORE_MIGRATING]:
        old.unlink()
    return target


def _refuse_taken(target: Path, name: str) -> None:
    if name != Path(name).name or (target / name).exists():
        raise BadUsage(L("%(file)s is there already. Nothing was overwritten.", file=str(target / name)))


def _publish(draft: durable.Draft, target: Path, now: dt.datetime, sealed: bool, name: str | None) -> Path:
    """Give the finished draft its name: the given one, else the first free one of this second."""
    stem = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{smallcrm.__version__}"
    ending = ".zip.enc" if sealed else ".zip"
    for number in itertools.count(1):
        chosen = target / (name or f"{stem}{'' if number == 1 else f'-{number}'}{ending}")
        try:
            draft.publish(chosen, replace=False)
            return chosen
        except FileExistsError:
            if name is not None:
                _refuse_taken(target, name)
    raise AssertionError


def _check_room(data: Path, target: Path) -> None:
    """The copy needs as much as the database; the zip as much as all attachments and some of the database."""
    copy = (data / DATABASE).stat().st_size + _size_of(data / f"{DATABASE}-wal")
    packed = copy // 3 + sum(path.stat().st_size for path in blobs.listing(data / "files"))
    if data.stat().st_dev == target.stat().st_dev:
        durable.need_room(data, copy + packed)
    else:
        durable.need_room(data, copy)
        durable.need_room(target, packed)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _files(files: Path, discarded_before: set[Path]) -> dict[str, Path]:
    """Every blob that the copied database can name.

    Those there, those discarded since it was copied, and those that an undo has made a row name again.
    """
    found = {path.name: path for path in blobs.listing(files)}
    discarded = blobs.laid_aside(files)
    used = blobs.used(blobs.name_of(entry) for entry in discarded)
    for entry in discarded:
        if entry not in discarded_before or blobs.name_of(entry) in used:
            found.setdefault(blobs.name_of(entry), entry)
    return found


# ---------------------------------------------------------------- the database


def _copy_database(copy: Path, created_at: str, label: str, cancelled: Stop | None) -> Manifest:
    """Copy the database to ``copy`` and describe it. Where nobody wrote meanwhile, source and copy are compared."""
    source = database.connection()
    try:
        version, counts = database.data_version(), examine.row_counts(source)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise _no_copy(str(error)) from None
    _vacuum_into(copy, cancelled)
    quiet = database.data_version() == version
    rows, links, schema = _examined(copy, cancelled)
    if quiet and rows != counts:
        raise Damaged(
            L("The database is damaged: a copy of it has other rows. No backup was made; earlier ones are untouched.")
        )
    return Manifest(
        version=smallcrm.__version__,
        created_at=created_at,
        label=label,
        sqlite=str(apsw.sqlite_lib_version()),
        schema=schema,
        database=Content(copy.stat().st_size, durable.sha256_of(copy)),
        rows=rows,
        broken_links=links,
    )


def _vacuum_into(copy: Path, cancelled: Stop | None) -> None:
    copy.touch(mode=0o600)
    source = database.connection()
    try:
        with examine.stoppable(source, cancelled):
            source.execute("VACUUM INTO ?", (str(copy),)).fetchall()
        with closing(apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)) as copied:
            ours.draw_lineage(copied)
    except apsw.InterruptError:
        raise stopped() from None
    except apsw.FullError:
        raise DiskFull(L("The disk is full. No backup was made; earlier ones are untouched.")) from None
    except apsw.IOError:
        if guard.free_space(copy.parent) < durable.PIECE:
            raise DiskFull(L("The disk is full. No backup was made; earlier ones are untouched.")) from None
        raise
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise _no_copy(str(error)) from None


def _examined(copy: Path, cancelled: Stop | None) -> tuple[dict[str, int], int, tuple[str, ...]]:
    """Row counts, broken links and migrations of a sound copy. Raises Damaged for one that is not."""
    try:
        with examine.looking_into(copy) as connection, examine.stoppable(connection, cancelled):
            if damages := examine.damages(connection):
                raise _no_copy(damages[0])
            return (
                examine.row_counts(connection),
                examine.broken_links(connection),
                tuple(examine.migrations(connection)),
            )
    except apsw.InterruptError:
        raise stopped() from None


def _no_copy(error: str) -> Damaged:
    return Damaged(
        L("The database is damaged: %(error)s. No backup was made; earlier ones are untouched.", error=error)
    )

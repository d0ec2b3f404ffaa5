"""Is a backup good? Unpack it as a restore would, compare every hash, and ask the database."""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import apsw

from smallcrm.base import clock
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import database, durable, examine
from smallcrm.store.snapshot import archive as archives
from smallcrm.store.snapshot.archive import Archive, Unusable
from smallcrm.store.snapshot.manifest import DATABASE, Content, Manifest
from smallcrm.store.snapshot.report import Report
from smallcrm.store.watching import Progress, Stop, Watch, stopped


def verify(
    file: Path,
    passphrase: str | None = None,
    *,
    work: Path | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Report:
    """Restore ``file`` into a temporary place below ``work``, else the open data folder's ``backups``, and check it.

    A file that is damaged or no backup at all gives a red report. Raises NotFound where there is no file, Invalid
    for a missing or wrong passphrase, DiskFull, and Cancelled.
    """
    checked_at = clock.iso(now or clock.now())
    with durable.disk_words(), durable.workplace(work or place_to_work()) as place:
        try:
            with archives.opening(file, passphrase) as archive:
                durable.need_room(
                    place.path, archive.size() if archive.manifest is None else _largest(archive.manifest)
                )
                watch = Watch(progress, cancelled, archive.size())
                found = unpack(archive, place.path, watch, keep_files=False)
        except Unusable as error:
            found = Report(file, (error.why,))
    return replace(found, checked_at=checked_at)


def place_to_work() -> Path:
    """Where big intermediate files may lie: in the data folder, on the disk that is meant for it."""
    return database.folder() / "backups" if database.is_open() else Path(tempfile.gettempdir())


def unpack(archive: Archive, into: Path, watch: Watch, *, keep_files: bool) -> Report:
    """Write every member below ``into`` and say what is wrong. The one way a backup is read.

    Without ``keep_files`` an attachment goes again as soon as it has been compared, so that a check needs little room.
    """
    problems: list[Lazy] = []
    for name, expected in archive.contents().items():
        target = into / name
        _write(archive, name, expected, target, watch, problems)
        if name.startswith("files/") and not keep_files:
            target.unlink()
    if archive.manifest:
        (into / "files").mkdir(mode=0o700, exist_ok=True)
    problems += database_problems(into / DATABASE, archive.manifest, watch.stop)
    return _report(archive, tuple(problems), into / DATABASE)


def _write(
    archive: Archive, name: str, expected: Content | None, target: Path, watch: Watch, problems: list[Lazy]
) -> None:
    durable.make_folder(target.parent)
    with archives.reading(archive.file), archive.member(name) as source, open(target, "xb", opener=_private) as file:
        found = durable.pour(source, file.write, watch.tick)
    if expected and found != expected.sha256:
        problems.append(L("%(name)s in it is not what was put in.", name=name))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def database_problems(path: Path, manifest: Manifest | None, stop: Stop | None = None) -> list[Lazy]:
    """What is wrong with an unpacked database, compared to what the manifest says of it."""
    if path.stat().st_size == 0:
        return [L("The database in it is empty: a file of 0 bytes.")]
    try:
        with examine.looking_into(path) as connection, examine.stoppable(connection, stop):
            return _ask(connection, manifest)
    except apsw.InterruptError:
        raise stopped() from None
    except apsw.Error as error:
        return [L("The database in it is damaged: %(error)s.", error=str(error))]


def _ask(connection: apsw.Connection, manifest: Manifest | None) -> list[Lazy]:
    if not examine.is_ours(connection):
        return [L("The database in it is not one of smallcrm's.")]
    if damages := examine.damages(connection):
        return [L("The database in it is damaged: %(error)s.", error=damages[0])]
    examine.read_a_little(connection)
    problems = []
    if examine.broken_links(connection) > (manifest.broken_links if manifest else 0):
        problems.append(L("Records in it point to others that are not there."))
    if manifest and examine.row_counts(connection) != manifest.rows:
        problems.append(L("The database in it does not hold as many rows as it should."))
    if manifest and tuple(examine.migrations(connection)) != manifest.schema:
        problems.append(L("The database in it is of another version than the backup says."))
    return problems


def _report(archive: Archive, problems: tuple[Lazy, ...], unpacked: Path) -> Report:
    manifest = archive.manifest
    if manifest is None:
        rows, schema = _facts(unpacked) if not problems else (0, ())
        return Report(archive.file, problems, created_at=_moment_in(archive.file.name), schema=schema, rows=rows)
    remarks = []
    if manifest.broken_links:
        remarks.append(L("Some records already pointed to others that were not there when it was made."))
    if bad := len(manifest.damaged) + len(manifest.unreadable):
        remarks.append(L("%(n)s attachments were already damaged on the disk when it was made.", n=bad))
    return Report(
        archive.file,
        problems,
        tuple(remarks),
        created_at=manifest.created_at,
        version=manifest.version,
        schema=manifest.schema,
        encrypted=archive.sealed,
        rows=sum(manifest.rows.values()),
        files=len(manifest.files),
    )


def _moment_in(name: str) -> str:
    """When a plain copy was made, out of the name that we gave it; empty for a name that says nothing."""
    found = re.search(r"(\d{8}T\d{6})Z", name)
    if not found:
        return ""
    try:
        return clock.iso(dt.datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=dt.UTC))
    except ValueError:
        return ""


def _facts(path: Path) -> tuple[int, tuple[str, ...]]:
    with examine.looking_into(path) as connection:
        return sum(examine.row_counts(connection).values()), tuple(examine.migrations(connection))


def _largest(manifest: Manifest) -> int:
    """Octets that a check has on the disk at once."""
    return manifest.database.size + max((content.size for content in manifest.files.values()), default=0)

"""Attachments by the hash of their content: ``<data>/files/ab/cd/<sha256>``, written once, never changed.

A file is on the disk for good before the row that names it is committed, and it goes in two steps: ``discard`` lays it
aside, ``sweep`` purges it once every backup that could need it is gone. So a copy of the database taken first and of
the files taken after always fits together. A discarded file that is asked for again comes back.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from smallcrm.base import clock, formats
from smallcrm.base.errors import DiskFull, NotFound, TooLarge
from smallcrm.base.i18n import L
from smallcrm.store import database, durable, guard

KEEP_DAYS = 200  # longer than the oldest of six monthly backups
_ORPHAN_SECONDS = 86_400  # a file without a row may still be on its way into one for so long
_SHA = re.compile(r"[0-9a-f]{64}")
_STAMP = "%Y%m%dT%H%M%SZ"

InUse = Callable[[Sequence[str]], Collection[str]]

# Whoever keeps hashes in rows adds a function: given up to 500 hashes, which of them do its rows name (bin included)?
uses: list[InUse] = []


@dataclass(frozen=True)
class Blob:
    """What ``put`` kept."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Swept:
    """What ``sweep`` did, in numbers of files."""

    purged: int
    discarded: int
    brought_back: int


def is_name(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in hex as we write it."""
    return bool(_SHA.fullmatch(text))


def place(files: Path, sha256: str) -> Path:
    """Where the blob lies below a ``files`` folder. Raises NotFound for anything that is no hash."""
    if not is_name(sha256):
        raise NotFound(L("There is no such file."))
    return files / sha256[:2] / sha256[2:4] / sha256


def put(stream: BinaryIO, limit: int | None = None) -> Blob:
    """Keep what ``stream`` holds, durably. ``limit`` is in octets; 0 or None means none.

    Raises TooLarge past the limit and DiskFull when there is no room; in both cases nothing stays behind.
    """
    assert not database.in_writing(), "keep the file before the transaction"
    files = _files()
    if guard.low_space(files.parent):
        raise DiskFull(L("The disk is nearly full. Files are not taken until there is room."))
    size = 0

    def count(octets: int) -> None:
        nonlocal size
        size += octets
        if limit and size > limit:
            raise TooLarge(L("The file is larger than %(limit)s.", limit=formats.size(limit)), limit=limit)

    with durable.disk_words():
        durable.make_folder(files)
        with durable.drafting(files) as draft:
            sha256 = durable.pour(stream, draft.file.write, count)
            target = place(files, sha256)
            durable.make_folder(target.parent)
            draft.publish(target)
    for old in _discarded(files, sha256):
        old.unlink(missing_ok=True)
    return Blob(sha256, size)


def path(sha256: str) -> Path:
    """The blob's file. Raises NotFound where there is none."""
    files = _files()
    found = place(files, sha256)
    if not found.exists() and not _bring_back(files, sha256):
        raise NotFound(L("This file is no longer there."))
    return found


def open(sha256: str) -> BinaryIO:
    """The blob, open for reading. Raises NotFound where there is none."""
    return path(sha256).open("rb")


def exists(sha256: str) -> bool:
    """Whether the blob can be opened."""
    return is_name(sha256) and (place(_files(), sha256).exists() or bool(_discarded(_files(), sha256)))


def discard(sha256: str) -> None:
    """Lay the blob aside because no row names it any more; inside ``writing`` only once that is committed."""
    database.after_commit(lambda: _lay_aside(_files(), sha256))


def erase(sha256: str) -> None:
    """Take the blob away for good, as a person's erasure asks; inside ``writing`` only once that is committed."""

    def gone() -> None:
        place(_files(), sha256).unlink(missing_ok=True)
        for entry in _discarded(_files(), sha256):
            entry.unlink(missing_ok=True)

    database.after_commit(gone)


def used(names: Iterable[str]) -> set[str]:
    """Which of the hashes some row names; all of them while nobody has said how to find out."""
    asked = sorted(set(names))
    if not uses:
        return set(asked)
    batches = [asked[start : start + 500] for start in range(0, len(asked), 500)]
    return {name for batch in batches for use in uses for name in use(batch)}


def sweep(*, keep_days: int = KEEP_DAYS, now: dt.datetime | None = None) -> Swept:
    """Purge what was discarded more than ``keep_days`` ago, lay aside what no row ever came to name, drop leftovers.

    Nothing that ``uses`` knows of is purged: it comes back to its place.
    """
    files = _files()
    durable.sweep(files)
    at = now or clock.now()
    oldest = (at - dt.timedelta(days=keep_days)).strftime(_STAMP)
    resting = [entry for entry in _discarded(files) if entry.name.partition("-")[0] < oldest]
    needed = used(name_of(entry) for entry in resting)
    purged = back = discarded = 0
    for entry in resting:
        if name_of(entry) in needed:
            back += _bring_back(files, name_of(entry))
        else:
            entry.unlink(missing_ok=True)
            purged += 1
    settled = [each.name for each in listing(files) if at.timestamp() - each.stat().st_mtime > _ORPHAN_SECONDS]
    for name in set(settled) - used(settled):
        _lay_aside(files, name)
        discarded += 1
    return Swept(purged, discarded, back)


def listing(files: Path) -> Iterator[Path]:
    """Every blob below a ``files`` folder, those laid aside left out, in the order of their names."""
    for first in _folders(files):
        for second in _folders(first):
            for each in sorted(second.iterdir()):
                if is_name(each.name):
                    yield each


def name_of(entry: Path) -> str:
    """The hash of a blob by its file, also of one laid aside."""
    return entry.name.rpartition("-")[2]


def laid_aside(files: Path) -> set[Path]:
    """Every blob that has been discarded and not yet purged."""
    return set(_discarded(files))


def find(files: Path, sha256: str) -> Path | None:
    """The blob below ``files``, also where it has been laid aside."""
    found = place(files, sha256)
    return found if found.exists() else next(iter(_discarded(files, sha256)), None)


def _files() -> Path:
    return database.folder() / "files"


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if len(each.name) == 2 and each.is_dir())


def _discarded(files: Path, sha256: str = "") -> list[Path]:
    """What was laid aside, as ``.discarded/<stamp>-<sha256>``; only one blob's where ``sha256`` is given."""
    return sorted((files / ".discarded").glob(f"*Z-{sha256 or '*'}"))


def _lay_aside(files: Path, sha256: str) -> None:
    source = place(files, sha256)
    if not source.exists():
        return
    durable.make_folder(files / ".discarded")
    source.rename(files / ".discarded" / f"{clock.now().strftime(_STAMP)}-{sha256}")


def _bring_back(files: Path, sha256: str) -> bool:
    target = place(files, sha256)
    for entry in reversed(_discarded(files, sha256)):
        durable.make_folder(target.parent)
        os.replace(entry, target)
        durable.sync_folder(target.parent)
        return True
    return False

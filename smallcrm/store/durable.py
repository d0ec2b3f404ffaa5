"""Writing that survives a power cut: a draft becomes a file all at once, and a kill leaves nothing that looks like one.

A draft (file or folder) is called ``.draft-…`` and locked by whoever works on it. The lock ends with the process, so
``sweep`` takes away exactly what nobody works on any more, also while other processes are at work.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from smallcrm.base.errors import Busy, DiskFull
from smallcrm.base.i18n import L
from smallcrm.store import guard

PIECE = 256 * 1024  # octets read at a time
_PREFIX = ".draft-"


_at_the_end: ContextVar[bool] = ContextVar("synced at the end", default=False)


@contextmanager
def synced_at_the_end() -> Iterator[None]:
    """Let the disk take its time until the end: for a folder that is worth nothing before it is whole."""
    mark = _at_the_end.set(True)
    try:
        yield
    finally:
        _at_the_end.reset(mark)
        os.sync()


def _sync(handle: int) -> None:
    if not _at_the_end.get():
        os.fsync(handle)


class Draft:
    """A file that nobody sees until ``publish``. ``file`` is open for writing and reading."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file

    def publish(self, target: Path, *, replace: bool = True) -> None:
        """Make it last and give it its name, on the same disk; FileExistsError if taken, unless told to ``replace``."""
        self.file.flush()
        _sync(self.file.fileno())
        forget_cached(self.file)
        if replace:
            self.path.rename(target)
        else:
            _rename_to_new(self.path, target)
        sync_folder(target.parent)


class Workplace:
    """A folder of one's own for intermediate files. ``keep`` leaves it standing at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keep = False


@contextmanager
def drafting(folder: Path) -> Iterator[Draft]:
    """A new draft in ``folder``; gone at the end unless it was published."""
    while True:
        path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _lock(handle)
        if os.fstat(handle).st_nlink:  # else a sweep came between the two lines above
            break
        os.close(handle)
    file = os.fdopen(handle, "w+b")
    try:
        yield Draft(path, file)
    finally:
        path.unlink(missing_ok=True)
        _close_anyhow(file)


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """A new folder (0700) below ``folder``, which is made if need be; gone at the end with all that is in it."""
    make_folder(folder)
    while True:
        path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        path.mkdir(mode=0o700)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        _lock(handle)
        if path.exists():
            break
        os.close(handle)
    place = Workplace(path)
    try:
        yield place
    finally:
        if not place.keep:
            shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def sweep(folder: Path) -> int:
    """Take away the drafts in ``folder`` that nobody works on any more; how many there were."""
    found = sorted(folder.glob(f"{_PREFIX}*")) if folder.is_dir() else []
    return sum(_remove_unlocked(path) for path in found)


def _remove_unlocked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if not _lock(handle, wait=False):
            return False
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool = True) -> bool:
    """Lock ``handle`` alone. A disk without locks (some shares) says yes when we make a draft and no when we sweep."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return wait
    return True


def _rename_to_new(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no second names: a USB stick, some shares
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from None
        path.rename(target)
    else:
        path.unlink()


def _close_anyhow(file: BinaryIO) -> None:
    with suppress(OSError):  # what could not be written belongs to a draft that is thrown away
        file.close()


def make_folder(folder: Path) -> None:
    """Make ``folder`` and what lies above it, for our eyes only, so that they last."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


def write(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, whole or not at all."""
    with drafting(path.parent) as draft:
        draft.file.write(content)
        draft.publish(path)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` last. A share that cannot is left to itself."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _sync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the content of ``path`` last."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_cached(file: BinaryIO) -> None:
    """Ask the system to read ``file`` from the disk next time, so that a check reads what is really there."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def pour(
    source: BinaryIO, into: Callable[[bytes], object] | None = None, tick: Callable[[int], None] | None = None
) -> str:
    """Hand all of ``source`` to ``into`` in pieces, calling ``tick`` with each piece's length; its SHA-256 in hex."""
    hashed = hashlib.sha256()
    while piece := source.read(PIECE):
        hashed.update(piece)
        if into:
            into(piece)
        if tick:
            tick(len(piece))
    return hashed.hexdigest()


def sha256_of(path: Path, tick: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return pour(file, None, tick)


@contextmanager
def disk_words() -> Iterator[None]:
    """What the disk refuses becomes DiskFull or Busy, in words. The body must leave nothing half done behind."""
    try:
        yield
    except OSError as error:
        if (said := refusal(error)) is not None:
            raise said from error
        raise


def refusal(error: OSError) -> DiskFull | Busy | None:
    """What the disk refuses, in words; None for what is no refusal of the disk's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(L("The disk is full. Nothing was changed."))
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        where = str(error.filename or "")
        return Busy(L("%(file)s cannot be written to. Nothing was changed.", file=where))
    if error.errno in (errno.EIO, errno.EFBIG):
        return Busy(L("The disk reports a fault: %(error)s. Nothing was changed.", error=os.strerror(error.errno)))
    return None


def need_room(folder: Path, octets: int) -> None:
    """Raises DiskFull unless ``octets`` fit below ``folder`` and leave what the database needs to go on."""
    from smallcrm.base.formats import size

    free = guard.free_space(folder)
    wanted = octets + guard.floor(folder)
    if free < wanted:
        raise DiskFull(
            L(
                "The disk is too full: %(wanted)s are needed, %(free)s are free. Nothing was changed.",
                wanted=size(wanted),
                free=size(free),
            )
        )

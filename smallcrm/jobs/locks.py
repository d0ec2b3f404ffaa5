"""Named locks between processes that the kernel gives back when a process dies, however it dies.

Each name is one byte of ``jobs.lock`` in the data folder, locked through an open file description. No clock takes
part, so neither a jump of the clock nor a long pause makes a living process look dead.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smallcrm import store
from smallcrm.base.errors import Busy
from smallcrm.base.i18n import L

_FLOCK = "hhqqi4x"  # struct flock of 64-bit Linux: type, whence, start, length, process


class Hold:
    """A lock in hand."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def hold(name: str) -> Hold | None:
    """Take the lock called ``name``, or None when somebody alive has it, be it a thread of this process."""
    try:
        descriptor = os.open(_file(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Busy(L("The data folder cannot be written to: %(why)s.", why=error.strerror or "")) from None
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _request(name))
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return None
        raise
    return Hold(descriptor)


@contextmanager
def holding(name: str) -> Iterator[bool]:
    """Whether the lock could be had; it is given back at the end."""
    mine = hold(name)
    try:
        yield mine is not None
    finally:
        if mine:
            mine.release()


def is_held(name: str) -> bool:
    """Whether somebody alive, this process included, has the lock."""
    try:
        descriptor = os.open(_file(), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _request(name))
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
    finally:
        os.close(descriptor)


def _file() -> Path:
    return store.folder() / "jobs.lock"


def _request(name: str) -> bytes:
    start = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 2
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)

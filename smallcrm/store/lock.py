"""Who may use a data folder. Every lock is free at once after a kill.

``holding``: one server (or restore, migrate, demo, init) for one folder, by a lock on a file of its own.
``present`` and ``alone``: whoever has the database open is present, and a restore exchanges it only when nobody is.
These lock the folder itself: a command that worked on beside a restore would write into the wrong journal.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smallcrm.base.errors import FolderInUse
from smallcrm.base.i18n import L

_PATIENCE = 5.0  # seconds


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Hold ``folder`` alone. Raises FolderInUse when another process holds it."""
    file = (folder / "smallcrm.lock").open("a+")
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FolderInUse(
                L("%(folder)s is in use by another smallcrm. Stop that one first.", folder=str(folder))
            ) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
        file.flush()
        yield
    finally:
        file.close()


def is_held(folder: Path) -> bool:
    """Whether some process holds ``folder`` now."""
    path = folder / "smallcrm.lock"
    if not path.exists():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def present(folder: Path) -> int:
    """Say that this process has the database of ``folder`` open; to be ended with ``leave``.

    Waits for a restore to end. Raises FolderInUse when it takes longer than some seconds.
    """
    return _lock_folder(
        folder,
        fcntl.LOCK_SH,
        FolderInUse(L("%(folder)s is being restored. Try again when that is done.", folder=str(folder))),
    )


def leave(handle: int) -> None:
    """End what ``present`` began."""
    os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody has the database of ``folder`` open inside. Raises FolderInUse when somebody keeps it open."""
    handle = _lock_folder(
        folder,
        fcntl.LOCK_EX,
        FolderInUse(L("A command of smallcrm is still working in %(folder)s. Wait for it first.", folder=str(folder))),
    )
    try:
        yield
    finally:
        os.close(handle)


def _lock_folder(folder: Path, kind: int, refusal: FolderInUse) -> int:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise refusal from None
            time.sleep(0.05)
        except OSError:  # a disk that cannot lock folders; the database's own test refuses the dangerous ones
            return handle

"""One server for one data folder: a lock on a file of its own, held for life, free at once after a kill."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smallcrm.base.errors import FolderInUse
from smallcrm.base.i18n import L


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

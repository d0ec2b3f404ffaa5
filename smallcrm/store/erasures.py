"""Which people's data were erased and when, kept beside the backups so that restoring an old one erases them again.

The list stands outside the database because the database is what gets restored. It holds record types and ids, or
hashes, never what was erased. Copies of backups in a second folder take the list along.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from smallcrm.base import clock
from smallcrm.store import database, durable

NAME = "erased.jsonl"


@dataclass(frozen=True, order=True)
class Erasure:
    """One thing erased. ``kind`` and ``key`` mean something to whoever noted it; ``at`` is a stored moment."""

    at: str
    kind: str
    key: str


def note(kind: str, key: str, *, now: dt.datetime | None = None) -> None:
    """Remember, for good, that ``key`` is being erased. Called before the erasure is committed."""
    folder = database.folder() / "backups"
    line = json.dumps(asdict(Erasure(clock.iso(now or clock.now()), kind, key))).encode() + b"\n"
    with durable.disk_words():
        durable.make_folder(folder)
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            line = b"\n" + line  # ends a line that a power cut left open
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, "no room for the list of erasures")
            os.fsync(handle)
        finally:
            os.close(handle)
        durable.sync_folder(folder)


def since(moment: str, *folders: Path) -> list[Erasure]:
    """What was noted in any of the folders at or after a stored moment, in order, each once."""
    found = {entry for folder in folders for entry in _read(folder / NAME) if entry.at >= moment}
    return sorted(found)


def merge(source: Path, target: Path) -> None:
    """Make the list in the folder ``target`` hold also what the one in ``source`` holds."""
    theirs, ours = set(_read(source / NAME)), set(_read(target / NAME))
    if theirs <= ours:
        return
    lines = [json.dumps(asdict(entry)) + "\n" for entry in sorted(theirs | ours)]
    durable.write(target / NAME, "".join(lines).encode())


def _read(path: Path) -> Iterator[Erasure]:
    if not path.is_file():
        return
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            found = json.loads(line)
            yield Erasure(str(found["at"]), str(found["kind"]), str(found["key"]))
        except (ValueError, KeyError, TypeError):
            continue

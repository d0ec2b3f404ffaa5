"""Putting a restored data folder in the place of the old one, whole or not at all, whenever the power goes.

In this order:

1. Everything new lies complete, checked and on the disk in ``.draft-…/new``. A stop up to here: the old data stand.
2. ``restore.json`` is written: from now on the new data are the ones. A stop from here on: ``finish`` goes on, called
   by ``open_folder`` before anybody can open anything.
3. What is to be replaced moves to ``replaced-<stamp>/``: the database with its -wal and -shm, so that no stale journal
   is ever played onto another database; the files; the secret key.
4. The new ones move in.
5. ``restore.json`` goes.

Each move is one rename and done only if it has not been done, so ``finish`` may be repeated at will.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path

from smallcrm.base.errors import BadUsage, Damaged, FolderInUse
from smallcrm.base.i18n import L
from smallcrm.store import durable, lock

MARKER = "restore.json"
_DATABASE = ("smallcrm.db", "smallcrm.db-wal", "smallcrm.db-shm")
_NEW = "new"
_REPLACED = (*_DATABASE, "files", "secret.key")
_SHARED_LOCKS = (0x40000002, 510)  # where SQLite's connections hold their read locks in the file


def refuse_impossible(data: Path) -> None:
    """Raises BadUsage where a rename cannot do it, FolderInUse while another program has the database open."""
    for name in _REPLACED:
        each = data / name
        if each.is_symlink() or each.is_mount() or (each.exists() and each.stat().st_dev != data.stat().st_dev):
            raise BadUsage(
                L(
                    "%(file)s lies on another disk than the data folder, so it cannot be exchanged safely.",
                    file=str(each),
                )
            )
    database = data / _DATABASE[0]
    if database.exists():
        with database.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_LOCKS[1], _SHARED_LOCKS[0])
            except OSError:
                raise FolderInUse(L("Another program has %(file)s open. Close it first.", file=str(database))) from None


def new_folder(draft: Path) -> Path:
    """Where in a draft folder below the data folder the new data are to lie."""
    new = draft / _NEW
    new.mkdir(mode=0o700, exist_ok=True)
    return new


def commit(data: Path, draft: Path, stamp: str) -> Path | None:
    """Exchange the data in ``data`` for those in ``new_folder(draft)``; where the old ones lie now, None if none."""
    new = draft / _NEW
    marker = {
        "draft": draft.name,
        "aside": _unused(data, stamp).name,
        "names": [name for name in _REPLACED if (new / name).exists()],
    }
    durable.sync_folder(new)
    durable.write(data / MARKER, json.dumps(marker).encode())
    return finish(data)


def is_pending(data: Path) -> bool:
    """Whether a restore was stopped half way and must be finished."""
    return (data / MARKER).exists()


def finish_interrupted(data: Path) -> None:
    """Finish what a killed process began, unless it still lives. Costs one look where there is nothing."""
    if is_pending(data):
        with lock.alone(data):
            finish(data)


def finish(data: Path) -> Path | None:
    """Do whatever is left of the exchange that the marker describes; where the old data lie now, None without any."""
    if not is_pending(data):
        return None
    draft, aside, names = _read(data)
    new = draft / _NEW
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in dict.fromkeys((*_DATABASE, *names)):
        still_old = name not in names or (new / name).exists()
        if still_old and (data / name).exists():
            (data / name).rename(aside / name)
    durable.sync_folder(aside)
    durable.sync_folder(data)
    for name in names:
        if (new / name).exists():
            (new / name).rename(data / name)
    durable.sync_folder(data)
    (data / MARKER).unlink()
    durable.sync_folder(data)
    shutil.rmtree(draft, ignore_errors=True)
    if any(aside.iterdir()):
        return aside
    aside.rmdir()
    return None


def _read(data: Path) -> tuple[Path, Path, list[str]]:
    try:
        found = json.loads((data / MARKER).read_bytes())
        draft, aside, names = str(found["draft"]), str(found["aside"]), [str(name) for name in found["names"]]
    except (ValueError, KeyError, TypeError):
        draft, aside, names = "", "", []
    if not names or not set(names) <= set(_REPLACED) or "/" in draft + aside or not draft or not aside:
        raise Damaged(
            L("%(file)s cannot be read, so an interrupted restore cannot be finished.", file=str(data / MARKER))
        )
    return data / draft, data / aside, names


def _unused(data: Path, stamp: str) -> Path:
    aside = data / f"replaced-{stamp}"
    number = 1
    while aside.exists():
        number += 1
        aside = data / f"replaced-{stamp}-{number}"
    return aside

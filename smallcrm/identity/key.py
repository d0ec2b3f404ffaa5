"""The installation's own key: it seals secrets and signs forms. A file beside the database, 0600, in every backup.

The database holds a mark of the key it belongs to, so that a lost or foreign key is noticed instead of made anew.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import peewee

from smallcrm import store
from smallcrm.base import ids
from smallcrm.base.errors import Damaged, DiskFull
from smallcrm.base.i18n import L

FILE = "secret.key"
LEAST = 32  # octets


class KeyMark(store.Table):
    """One row: what tells whether a key is this database's, and nothing about the key."""

    id = peewee.IntegerField(primary_key=True)
    mark = peewee.TextField()

    class Meta:
        table_name = "key_mark"


_held: tuple[tuple[str, int, int], bytes] | None = None


def secret() -> bytes:
    """The key; made at first use. Raises Damaged where there was one once and it is gone or cut short."""
    global _held
    path = store.folder() / FILE
    try:
        found = path.stat()
    except FileNotFoundError:
        _make(path)
        found = path.stat()
    known = (str(path), found.st_mtime_ns, found.st_size)
    if _held is None or _held[0] != known:
        _held = (known, _read(path))
    return _held[1]


def _read(path: Path) -> bytes:
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    if len(raw) < LEAST:
        raise Damaged(L("secret.key in the data folder is damaged. Put the one from a backup in its place."))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):
            path.chmod(0o600)
    return raw


def _make(path: Path) -> None:
    if _mark() is not None:
        raise Damaged(
            L(
                "secret.key is missing from the data folder. Put it back from a backup: "
                "without it, kept passwords cannot be read."
            )
        )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())


def _mark() -> str | None:
    found = store.value("SELECT mark FROM key_mark WHERE id = 1")
    return str(found) if found else None


def begin_anew() -> None:
    """The key is lost for good: let another one be made. What was sealed with it cannot be read any more."""
    (store.folder() / FILE).unlink(missing_ok=True)
    with store.writing():
        store.run("DELETE FROM key_mark")


def check() -> None:
    """Called at start: the key is there and is this database's. Raises Damaged."""
    mine = ids.sign(secret(), "mark", "smallcrm")
    known = _mark()
    if known is None:
        with suppress(DiskFull), store.writing():
            store.run("INSERT OR IGNORE INTO key_mark (id, mark) VALUES (1, ?)", [mine])
    elif not ids.same(known, mine):
        raise Damaged(
            L("secret.key does not belong to this database. Put the one back that came with it, from the same backup.")
        )

"""Whether what lies in a data folder is a database of ours, whole and with its own journal."""

from __future__ import annotations

import secrets
from pathlib import Path

import apsw

from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L
from smallcrm.store import backups, lock, swap, troubles

APPLICATION_ID = 0x736D6372  # "smcr": how we know our own file
OLDEST_SQLITE = (3, 51, 3)  # earlier ones can lose a committed transaction in WAL mode


def check_library() -> str:
    """The SQLite version in use. Raises Damaged when it is one that can lose committed data."""
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        raise Damaged(L("SQLite %(version)s can lose data. Install a newer apsw.", version=version))
    return str(version)


def enter(path: Path) -> int:
    """Our presence in the folder, once no restore is left half done in it."""
    while True:
        swap.finish_interrupted(path)
        handle = lock.present(path)
        if not swap.is_pending(path):
            return handle
        lock.leave(handle)  # one began and was killed between the two lines above


def refuse_unfit(path: Path, create: bool) -> bool:
    """Whether a new database is to be made. Raises Damaged rather than make one in the place of another."""
    file = path / "smallcrm.db"
    if file.exists():
        if file.stat().st_size == 0:
            raise troubles.damaged(L("The database is damaged: a file of 0 bytes."), path)
        return False
    had_data = (path / "smallcrm.db-wal").exists() or any((path / "files").glob("??/??/*"))
    if had_data or backups.last_good(path):
        raise troubles.damaged(
            L("The database is damaged: smallcrm.db is missing in %(folder)s.", folder=str(path)), path
        )
    if not create:
        raise Damaged(L("There is no database in %(folder)s.", folder=str(path)))
    return True


def lineage_in(file: Path) -> int:
    """The number by which we know a database and its journal to belong together, as the file alone has it.

    It stands where SQLite keeps ``user_version``, is drawn for each new database and each copy, and never changes. A
    journal left beside a file that was exchanged by hand shows another one as soon as it is played in.
    """
    with file.open("rb") as raw:  # no connection of this process has it open: closing would end its locks
        return int.from_bytes(raw.read(64)[60:], "big", signed=True)


def draw_lineage(connection_: apsw.Connection) -> None:
    """Make this database (a new one or a copy) one that no journal but its own belongs to."""
    connection_.execute(f"PRAGMA user_version = {secrets.randbelow(2**31 - 1) + 1}")


def begin_anew(connection_: apsw.Connection) -> None:
    """Mark a new file as ours, readable to us alone."""
    Path(connection_.filename).chmod(0o600)
    connection_.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    draw_lineage(connection_)


def refuse_strange(connection_: apsw.Connection, path: Path, lineage: int) -> None:
    """Raises Damaged for a database that is not ours and for one whose journal is another's; plays neither in."""
    connection_.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    mark = connection_.execute("PRAGMA application_id").fetchone()
    if mark is None or mark[0] != APPLICATION_ID:
        raise troubles.damaged(L("The database is damaged: smallcrm.db is not one of smallcrm's."), path)
    if connection_.execute("PRAGMA user_version").fetchone() != (lineage,):
        raise troubles.damaged(L("The database is damaged: smallcrm.db-wal belongs to another database."), path)
    connection_.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)


def begin_using(connection_: apsw.Connection) -> None:
    """Raises Damaged where the disk cannot carry a journal."""
    mode = connection_.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode is None or mode[0] != "wal":
        raise Damaged(L("The data folder lies on a disk that cannot keep the database safely. Use a local disk."))
    connection_.execute("SELECT count(*) FROM sqlite_master").fetchone()

"""Looking into a database file that is not the open one: a copy just made, a backup, something somebody uploaded.

Such a file is opened read-only, hardened, and as if nobody else could touch it. The questions themselves (is it whole,
do its links hold, how many rows) can be asked of any connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from smallcrm.store.ours import APPLICATION_ID

_SETTINGS = (
    (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
    (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0),
)
_PRAGMAS = ("cell_size_check = ON", "mmap_size = 0", "query_only = ON", "cache_size = -6000", "temp_store = FILE")


@contextmanager
def looking_into(path: Path) -> Iterator[apsw.Connection]:
    """A read-only connection to a closed database file that nobody else uses. Raises apsw.Error for a hopeless one."""
    connection = apsw.Connection(
        f"file:{quote(str(path))}?mode=ro&immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    try:
        for setting, value in _SETTINGS:
            connection.config(setting, value)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        yield connection
    finally:
        connection.close(True)


@contextmanager
def stoppable(connection: apsw.Connection, stop: Callable[[], bool] | None) -> Iterator[None]:
    """Statements inside end in apsw.InterruptError once ``stop`` says so."""
    if stop is None:
        yield
        return
    connection.set_progress_handler(stop, 10_000, id=stop)
    try:
        yield
    finally:
        connection.set_progress_handler(None, id=stop)


def is_ours(connection: apsw.Connection) -> bool:
    """Whether the file carries smallcrm's mark."""
    return _value(connection, "PRAGMA application_id") == APPLICATION_ID


def damages(connection: apsw.Connection, *, quick: bool = False) -> list[str]:
    """What SQLite finds wrong with the file, in its own words, at most ten; empty for a sound one."""
    pragma = "quick_check" if quick else "integrity_check"
    try:
        found = [str(line[0]) for line in connection.execute(f"PRAGMA {pragma}(10)").fetchall()]
    except apsw.InterruptError:
        raise
    except apsw.Error as error:
        return [str(error)]
    return [] if found == ["ok"] else found


def broken_links(connection: apsw.Connection) -> int:
    """How many rows point to a row that is not there."""
    return sum(1 for _ in connection.execute("PRAGMA foreign_key_check"))


def tables(connection: apsw.Connection) -> list[str]:
    """The tables that hold rows of their own; of a virtual table, those that it is kept in."""
    found = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [str(name) for (name,) in found.fetchall()]


def row_counts(connection: apsw.Connection) -> dict[str, int]:
    """Table → number of rows."""
    return {name: int(_value(connection, f"SELECT count(*) FROM {quoted(name)}")) for name in tables(connection)}


def read_a_little(connection: apsw.Connection) -> None:
    """Read the first rows of every table, all columns. Raises apsw.Error where that fails."""
    for name in tables(connection):
        connection.execute(f"SELECT * FROM {quoted(name)} LIMIT 3").fetchall()


def migrations(connection: apsw.Connection) -> list[str]:
    """The names of the migrations that have run in the file, in order."""
    if "schema_migration" not in tables(connection):
        return []
    return [str(name) for (name,) in connection.execute("SELECT name FROM schema_migration ORDER BY name").fetchall()]


def quoted(name: str) -> str:
    """A table's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _value(connection: apsw.Connection, sql: str) -> int:
    found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0

"""What an earlier smallcrm kept comes whole into this one: a backup of each landed schema, restored, looked at by everybody.

``earlier/<last migration>.zip`` is a backup of a demo company of twelve customers, made by the program that had that schema.
"""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from smallcrm import app, store
from smallcrm.config import Config
from smallcrm.records import cache, indexes
from smallcrm.store import migrations, snapshot
from tests.client import Browser
from tests.store.test_migrations import declared, shape

BACKUPS = sorted((Path(__file__).parent / "earlier").glob("*.zip"))
PEOPLE = ("owner", "manager", "sales1", "service", "marketing", "viewer")
PAGES = (
    "/", "/customers", "/customers/1", "/contacts", "/activities", "/calendar", "/pool", "/files", "/opportunities/board", "/leads",
    "/products", "/forecast", "/reports", "/dashboard", "/targets", "/settings", "/search?q=a",
)  # fmt: skip

Rows = dict[str, list[tuple[object, ...]]]


def contents(backup: Path) -> Rows:
    """Table → its rows, as the earlier program wrote them."""
    with zipfile.ZipFile(backup) as packed:
        held = sqlite3.connect(":memory:")
        held.deserialize(io.BytesIO(packed.read("smallcrm.db")).getvalue())
    names = held.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").fetchall()
    return {
        name: held.execute(f'SELECT * FROM "{name}"').fetchall()
        for (name,) in names
        if not name.startswith(("sqlite_", "search", "schema_migration"))
    }


@pytest.fixture(params=BACKUPS, ids=lambda path: path.stem)
def backup(request: pytest.FixtureRequest) -> Path:
    """A backup of an earlier schema."""
    return Path(request.param)


@pytest.fixture
def brought(backup: Path, tmp_path: Path) -> Iterator[Path]:
    """The data folder it was restored into, open."""
    data = tmp_path / "data"
    restored = snapshot.restore(backup, data)
    known = migrations.known()
    assert list(restored.migrated) == known[known.index(backup.stem) + 1 :]
    store.open_folder(data)
    cache.forget()
    yield data
    store.close()


def test_nothing_is_lost(brought: Path, backup: Path) -> None:
    for table, rows in contents(backup).items():
        columns = ", ".join(f'"{name}"' for (name,) in store.rows("SELECT name FROM pragma_table_info(?)", [table]))
        width = len(rows[0]) if rows else 0
        if table == "role":  # learns rights over what came since
            rows, width = [row[:4] for row in rows], 4
        now = {row[:width] for row in store.rows(f'SELECT {columns} FROM "{table}"')}
        assert set(rows) <= now, table


def test_it_is_the_schema_of_today(brought: Path, tmp_path: Path) -> None:
    indexes.ensure()
    made = shape()
    store.close()
    assert made == declared(tmp_path / "declared")


def test_everybody_opens_every_page(brought: Path) -> None:
    site = app.build_app(Config())
    site.config["TESTING"] = True
    for name in PEOPLE:
        number = store.value('SELECT id FROM "user" WHERE email = ?', [f"{name}@demo.test"])
        browser = Browser(site.test_client(), number)
        for page in PAGES:
            answer = browser.get(page)
            assert answer.status_code in (200, 403, 404), (name, page, answer.status_code)
            assert name != "owner" or answer.status_code == 200, page

"""The numbered files make the same database as the declarations, and are run once."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import smallcrm
import smallcrm.app
from smallcrm import store
from smallcrm.base.errors import Damaged
from smallcrm.records import indexes
from smallcrm.store import migrations, table

Shape = dict[tuple[str, str], str]


def shape() -> Shape:
    """(kind, name) → SQL of everything in the open database, white space levelled."""
    found = store.rows("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {
        (kind, name): re.sub(r"\s+", " ", sql or "").replace("( ", "(").replace(" )", ")").replace(" ,", ",")
        for kind, name, sql in found
    }


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Path]:
    """A folder that only the migrations have touched."""
    store.open_folder(tmp_path, create=True)
    migrations.apply()
    yield tmp_path
    store.close()


def declared(folder: Path) -> Shape:
    """What the declarations would make."""
    store.open_folder(folder, create=True)
    with store.writing():
        for statement in table.statements():
            store.run(statement)
    indexes.ensure()
    try:
        return shape()
    finally:
        store.close()


def test_they_make_what_is_declared(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    indexes.ensure()
    made = shape()
    store.close()
    wanted = declared(tmp_path_factory.mktemp("declared"))
    assert made == wanted, "write a migration"


def test_every_table_is_strict(migrated: Path) -> None:
    loose = store.rows(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    assert loose == []


def test_no_table_is_forgotten() -> None:
    """The schema is written from what ``smallcrm.app`` imports: nothing declares a table that it does not reach."""
    known = {model._meta.table_name for model in table.all_tables() if model.__module__.startswith("smallcrm.")}
    for module in pkgutil.walk_packages(smallcrm.__path__, "smallcrm."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    every = {model._meta.table_name for model in table.all_tables() if model.__module__.startswith("smallcrm.")}
    assert every == known


def test_they_run_once_and_are_noted(migrated: Path) -> None:
    assert migrations.pending() == []
    assert migrations.apply() == []
    assert [each["name"] for each in migrations.status()] == migrations.known()
    assert all(each["applied"] for each in migrations.status())


def test_a_newer_database_is_refused(migrated: Path) -> None:
    with store.writing():
        store.run("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', 'then')")
    with pytest.raises(Damaged, match="newer smallcrm"):
        migrations.pending()
    with pytest.raises(Damaged):
        migrations.apply()


def test_one_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store.open_folder(tmp_path, create=True)
    try:
        with store.writing():
            store.run("CREATE TABLE work (id INTEGER PRIMARY KEY) STRICT")  # in its way, late in the file
        with pytest.raises(Damaged, match="It is as it was"):
            migrations.apply()
        assert migrations.is_fresh()
        names = {name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names == {"work", "schema_migration"}
    finally:
        store.close()


# Migrations that have landed: installations have run them, so that not a letter of them changes any more.
FROZEN = {"0001_first.py": "8b3ceb49ca857606ad9ab8794cd2a2f79e432669cba366c8fa942fcb685743d9"}


def test_what_has_landed_is_never_edited() -> None:
    folder = Path(__file__).resolve().parents[2] / "migrations"
    for name, digest in FROZEN.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} has landed: write a new one"

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
FROZEN = {
    "0001_first.py": "8b3ceb49ca857606ad9ab8794cd2a2f79e432669cba366c8fa942fcb685743d9",
    "0002_catalog.py": "2cf16f4b789983333e1b950088e050df3f3ce704bad17e0bbd2958d9063dba6e",
    "0003_pipeline.py": "7c7a3904b0b0a1ea3f1fb0c49775cfa760677f9712ba9185bb8c42a23e40f177",
    "0004_leads.py": "7d056038b427296108f80f929c5d677a05fa5168e5ab09aea7bc04c07f734c9a",
    "0005_outside.py": "6455e2226824746ae33c58bb36d86cc4629964efbd099d376a8f34a3e5426d16",
    "0006_figures.py": "78f591d02be858537564dda512c893479469555ab3bcfc4af75c2258278bcf91",
    "0007_admissions.py": "2543c2c09819959c24958045f9c3715469f8027bb52ec2c3d77ec9abed97b0d9",
}


def test_what_has_landed_is_never_edited() -> None:
    folder = Path(__file__).resolve().parents[2] / "migrations"
    assert {path.name for path in folder.glob("[0-9]*.py")} >= set(FROZEN)
    for name, digest in FROZEN.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} has landed: write a new one"

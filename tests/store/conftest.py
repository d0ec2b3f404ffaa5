"""A small company's data folder: linked rows, a search table, attachments, a secret key. And a disk that is small."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.store import blobs, migrations
from smallcrm.store.table import statements_of

SCHEMA = (
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL DEFAULT '') STRICT",
    "CREATE INDEX customer_name ON customer (name)",
    "CREATE TABLE contact (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer (id)) STRICT",
    "CREATE VIRTUAL TABLE words USING fts5(title, content='', contentless_delete=1, prefix='1 2')",
    "CREATE TABLE session (token TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)


@pytest.fixture(autouse=True)
def _nobody_uses_blobs() -> Iterator[None]:
    """Areas that a test before this one imported have no tables here."""
    kept = list(blobs.uses)
    blobs.uses.clear()
    yield
    blobs.uses[:] = kept


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An open data folder that knows of no migration yet: the store is tested with tables of its own."""
    store.open_folder(tmp_path, create=True)
    note_migrations()
    yield tmp_path
    store.close()


def note_migrations() -> None:
    """The table in which migrations are noted."""
    with store.writing():
        for statement in statements_of(migrations.SchemaMigration):
            store.run(statement)


@dataclass
class Company:
    """An open data folder and what was put into it."""

    data: Path
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    def names(self) -> list[str]:
        return [name for (name,) in store.rows("SELECT name FROM customer ORDER BY id")]

    def add(self, *names: str) -> None:
        with store.writing():
            for name in names:
                store.run("INSERT INTO customer (name) VALUES (?)", (name,))
                store.run("INSERT INTO contact (customer) SELECT max(id) FROM customer")
                store.run("INSERT INTO words (rowid, title) SELECT max(id), ? FROM customer", (name,))

    def attach(self, content: bytes) -> str:
        blob = blobs.put(io.BytesIO(content), 10**8)
        self.files[blob.sha256] = content
        return blob.sha256


def fill(data: Path) -> Company:
    """Make the tables in the open folder and some rows and files."""
    with store.writing():
        for statement in SCHEMA:
            store.run(statement)
        if store.value("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migration'"):
            for name in migrations.known():
                store.run("INSERT OR IGNORE INTO schema_migration (name, applied) VALUES (?, 'then')", (name,))
        store.run("INSERT INTO session VALUES ('signed in')")
    (data / "secret.key").write_bytes(b"k" * 32)
    company = Company(data)
    company.add("王伟贸易", "Παπαδόπουλος ΑΕ", "Example Ltd", *(f"Customer {number}" for number in range(200)))
    company.attach(b"")
    company.attach(b"a note in plain text. " * 400)
    company.attach(bytes(range(256)) * 40)
    return company


@pytest.fixture
def company(folder: Path) -> Company:
    """The open folder of a small company."""
    return fill(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(place)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")
    if made.returncode:
        pytest.skip(f"no disk of its own can be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        store.close()
        subprocess.run(["umount", "-l", str(place)], check=True)

"""Opening a data folder: what is damaged is said, with the last good backup, and nothing new takes its place."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base.errors import Damaged
from smallcrm.store import integrity, routine
from tests.store.conftest import Company


@pytest.fixture
def closed(company: Company) -> Company:
    """A folder with a checked backup, all of the database in its file, nobody in it."""
    assert routine.back_up().ok
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    return company


def refused(data: Path, *, create: bool = True) -> str:
    """The words with which a start refuses; the database file must stay as it is."""
    file = data / "smallcrm.db"
    before = file.read_bytes() if file.exists() else None

    def start() -> None:
        store.open_folder(data, create=create)
        integrity.at_start()

    with pytest.raises(Damaged) as caught:
        start()
    store.close()
    assert caught.value.exit_code == 4
    assert (file.read_bytes() if file.exists() else None) == before
    return str(caught.value)


def other_database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")
    content = connection.serialize()
    connection.close()
    return content


def random_page(content: bytes) -> bytes:
    pages = len(content) // 4096
    return content[: (pages // 2) * 4096] + b"\xa5" * 4096 + content[(pages // 2 + 1) * 4096 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"\0" * 100 + content[100:], id="zero header"),
        pytest.param(random_page, id="random page"),
        pytest.param(lambda content: content[: len(content) // 2], id="truncated half"),
        pytest.param(lambda content: content[:-4096], id="last page gone"),
        pytest.param(lambda content: content[: len(content) // 2 + 1000], id="cut within a page"),
        pytest.param(lambda _: b"", id="0 bytes"),
        pytest.param(lambda _: b"Dear Sir or Madam", id="text file"),
        pytest.param(lambda _: other_database(), id="another program's"),
        pytest.param(lambda content: content[:50], id="50 bytes"),
        pytest.param(lambda content: os.urandom(len(content)), id="noise"),
    ],
)
def test_damage_is_said_with_the_last_good_backup(closed: Company, damage: object) -> None:
    file = closed.data / "smallcrm.db"
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    words = refused(closed.data)
    assert "database is damaged" in words
    assert "The last good backup is" in words
    assert ".zip" in words
    assert "Nothing was changed" in words


def test_a_missing_database_is_not_made_anew(closed: Company) -> None:
    (closed.data / "smallcrm.db").unlink()
    words = refused(closed.data)
    assert "missing" in words
    assert "The last good backup is" in words
    assert not (closed.data / "smallcrm.db").exists()


def test_also_not_beside_files_or_a_journal_alone(company: Company) -> None:
    store.close()
    (company.data / "smallcrm.db").unlink()
    assert "There is no backup" in refused(company.data)
    for path in (company.data / "files").glob("??/??/*"):
        path.unlink()
    (company.data / "smallcrm.db-wal").write_bytes(b"x")
    assert "There is no backup" in refused(company.data)
    (company.data / "smallcrm.db-wal").unlink()
    store.open_folder(company.data, create=True)
    assert store.rows("SELECT name FROM sqlite_master") == []


def test_a_folder_that_never_had_any(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="There is no database"):
        store.open_folder(tmp_path)
    with pytest.raises(Damaged, match="There is no database"):
        store.open_folder(tmp_path / "missing")
    store.open_folder(tmp_path / "new" / "data", create=True)
    store.close()
    assert (tmp_path / "new" / "data" / "smallcrm.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_an_unchecked_backup_is_named_as_such(closed: Company) -> None:
    (closed.backups / "backups.json").unlink()
    (closed.data / "smallcrm.db").write_bytes(b"")
    assert "not checked yet" in refused(closed.data)


def killed_in(data: Path, sql: str) -> None:
    """Run ``sql`` ninety times in a process that is killed afterwards, so that all of it stands in the journal."""
    script = (
        "import os, sys; from pathlib import Path; from smallcrm import store\n"
        "store.open_folder(Path(sys.argv[1]), create=True)\n"
        "with store.writing():\n"
        "    for _ in range(90): store.run(sys.argv[2])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(data), sql], check=False)
    assert (data / "smallcrm.db-wal").stat().st_size > 0


def test_another_databases_journal(closed: Company, tmp_path: Path) -> None:
    """SQLite would play it in, and find nothing wrong: it holds every page of that other database."""
    killed_in(tmp_path / "other", "CREATE TABLE IF NOT EXISTS big (x TEXT) STRICT")
    (closed.data / "smallcrm.db-wal").write_bytes((tmp_path / "other" / "smallcrm.db-wal").read_bytes())
    assert "belongs to another database" in refused(closed.data)
    (closed.data / "smallcrm.db-wal").unlink()
    store.open_folder(closed.data)
    assert len(closed.names()) == 203


def test_a_backup_put_in_by_hand_beside_a_journal(closed: Company) -> None:
    """Of the same company even, which is what people do."""
    with zipfile.ZipFile(next(closed.backups.glob("*.zip"))) as packed:
        copy = packed.read("smallcrm.db")
    killed_in(closed.data, "INSERT INTO customer (name) SELECT name FROM customer LIMIT 100")
    (closed.data / "smallcrm.db").write_bytes(copy)
    assert "belongs to another database" in refused(closed.data)


def test_sound_ones_open(closed: Company) -> None:
    store.open_folder(closed.data)
    integrity.at_start()
    assert len(closed.names()) == 203


def test_a_killed_writer_is_no_damage(closed: Company) -> None:
    killed_in(closed.data, "INSERT INTO customer (name) SELECT name FROM customer LIMIT 10")
    store.open_folder(closed.data)
    integrity.at_start()
    assert len(closed.names()) == 203 + 900


def test_closing_leaves_the_folder_to_others(company: Company) -> None:
    from smallcrm.store import lock

    store.close()
    with lock.alone(company.data):
        assert not store.is_open()
    store.open_folder(company.data)
    assert store.value("SELECT count(*) FROM customer") > 0

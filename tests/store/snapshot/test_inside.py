"""Reading one record or file out of a backup, and nothing else."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from smallcrm import store
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.store import blobs, snapshot
from tests.store.conftest import Company
from tests.store.snapshot import hostile
from tests.store.snapshot.test_taking import leftovers


@pytest.mark.parametrize("passphrase", [None, "right"])
def test_a_record_and_its_file_come_back(company: Company, passphrase: str | None) -> None:
    sha256 = company.attach(b"the contract")
    path = snapshot.take(company.backups, encrypt_to=passphrase).path
    with store.writing():
        store.run("UPDATE customer SET name = 'changed by mistake' WHERE id = 1")
    blobs.erase(sha256)
    with snapshot.opened(path, passphrase) as backup:
        name = backup.connection.execute("SELECT name FROM customer WHERE id = 1").fetchone()[0]
        with backup.blob(sha256) as file:
            assert blobs.put(file).sha256 == sha256
        assert backup.manifest is not None
        assert backup.manifest.rows["customer"] == 203
    assert name == "王伟贸易"
    assert company.names()[0] == "changed by mistake"
    assert blobs.path(sha256).read_bytes() == b"the contract"
    assert leftovers(company.data) == []


def test_the_search_table_can_be_read(company: Company) -> None:
    with snapshot.opened(snapshot.take(company.backups).path) as backup:
        found = backup.connection.execute("SELECT rowid FROM words WHERE words MATCH 'example'").fetchall()
    assert found == [(3,)]


def test_nothing_can_be_written(company: Company) -> None:
    path = snapshot.take(company.backups).path
    before = path.read_bytes()
    with snapshot.opened(path) as backup:
        for sql in ("DELETE FROM customer", "PRAGMA writable_schema = ON; DELETE FROM sqlite_master"):
            with pytest.raises((apsw.ReadOnlyError, apsw.SQLError)):
                backup.connection.execute(sql).fetchall()
    assert path.read_bytes() == before


def test_a_plain_copy(company: Company) -> None:
    with snapshot.opened(snapshot.before_migrating()) as backup:
        assert backup.manifest is None
        assert backup.connection.execute("SELECT count(*) FROM customer").fetchone() == (203,)
        with pytest.raises(NotFound), backup.blob("0" * 64):
            pass


def test_a_file_that_it_does_not_have(company: Company) -> None:
    with snapshot.opened(snapshot.take(company.backups).path) as backup:
        for name in ("0" * 64, "../../smallcrm.db", ""):
            with pytest.raises(NotFound), backup.blob(name):
                pass


def test_wrong_passphrases_and_files(company: Company, tmp_path: Path) -> None:
    path = snapshot.take(company.backups, encrypt_to="right").path
    with pytest.raises(Invalid), snapshot.opened(path, "wrong"):
        pass
    (tmp_path / "letter.zip").write_bytes(b"Dear Sir")
    with pytest.raises(snapshot.Unusable), snapshot.opened(tmp_path / "letter.zip"):
        pass
    other = apsw.Connection(str(tmp_path / "other.db"))
    other.execute("CREATE TABLE customer (x)")
    other.close()
    with pytest.raises(snapshot.Unusable), snapshot.opened(tmp_path / "other.db"):
        pass
    assert leftovers(company.data) == []


def test_a_changed_database(company: Company) -> None:
    path = snapshot.take(company.backups).path

    def change(found: list[hostile.Member]) -> list[hostile.Member]:
        def exchanged(content: bytes) -> bytes:
            return content.replace(b"Example Ltd", b"Exbmple Ltd")

        return [(info, exchanged(content) if info.filename == "smallcrm.db" else content) for info, content in found]

    with pytest.raises(snapshot.Unusable), snapshot.opened(hostile.rewritten(path, change)):
        pass

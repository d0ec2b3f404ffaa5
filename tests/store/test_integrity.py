"""The doctor's view of the live database and its disk."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base.errors import Damaged
from smallcrm.store import integrity, routine, snapshot
from tests.store.conftest import Company


def findings() -> dict[str, str]:
    return {one.name: one.level for one in integrity.check()}


def damage(company: Company, old: bytes, new: bytes) -> None:
    """Change something in the closed file, as a failing disk does."""
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    file = company.data / "smallcrm.db"
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
    store.open_folder(company.data)


def test_all_well(company: Company) -> None:
    found = findings()
    assert found.pop("file_system") in ("ok", "warn")  # warn in a container
    assert found.pop("room") in ("ok", "warn")
    assert found == {"sqlite": "ok", "application": "ok", "integrity": "ok", "links": "ok", "journal": "ok"}
    assert all(str(one.words) for one in integrity.check())


def test_a_flipped_bit_is_found_by_the_full_check_only(company: Company) -> None:
    routine.back_up()
    damage(company, b"Example Ltd", b"Eyample Ltd")
    integrity.at_start()
    found = {one.name: one for one in integrity.check()}
    assert found["integrity"].level == "bad"
    assert "The last good backup is" in str(found["integrity"].words)


def test_broken_links(company: Company) -> None:
    connection = store.connection()
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    connection.execute("INSERT INTO contact (customer) VALUES (99999)")
    assert findings()["links"] == "bad"


def test_little_room(small_disk: Path) -> None:
    store.open_folder(small_disk, create=True)
    assert findings()["room"] == "warn"
    (small_disk / "filling").write_bytes(b"x" * 8_200_000)
    assert findings()["room"] == "bad"
    assert findings()["file_system"] == "warn"  # tmpfs


def test_stopping_it(company: Company) -> None:
    company.add(*(f"More {number}" for number in range(4000)))
    with pytest.raises(snapshot.Cancelled):
        integrity.check(cancelled=lambda: True)
    assert findings()["integrity"] == "ok"


def test_the_start_reads_a_large_one_only_as_far_as_time_allows(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.add(*(f"More {number}" for number in range(4000)))
    monkeypatch.setattr(integrity, "_START_SECONDS", -1.0)
    before = time.monotonic()
    integrity.at_start()
    assert time.monotonic() - before < 5


def test_a_table_that_cannot_be_read_stops_the_start(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_START_SECONDS", -1.0)
    page = store.value("SELECT rootpage FROM sqlite_master WHERE name = 'customer'")
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    file = company.data / "smallcrm.db"
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    store.open_folder(company.data)
    with pytest.raises(Damaged, match="database is damaged"):
        integrity.at_start()

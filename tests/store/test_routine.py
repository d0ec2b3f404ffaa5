"""The backup of a night from end to end, and that whatever happens is known afterwards."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base.errors import Damaged, DiskFull
from smallcrm.store import backups, routine, snapshot
from tests.store.conftest import SCHEMA, Company

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def test_a_night(company: Company, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    done = routine.back_up(label="nightly", now=NOON, second=second)
    assert done.ok
    assert done.copied is not None
    assert done.copied.ok
    one = backups.listing(company.backups)[0]
    assert (one.good, one.encrypted, one.label, one.files) == (True, False, "nightly", 3)
    assert one.sha256 == done.backup.sha256
    assert (second / one.path.name).read_bytes() == one.path.read_bytes()
    assert backups.health(company.data, now=NOON).level == "ok"
    assert backups.runs(company.backups)[0].ok


def test_a_month_of_nights(company: Company) -> None:
    for night in range(30):
        assert routine.back_up(now=NOON - dt.timedelta(days=29 - night)).ok
    assert len(backups.listing(company.backups)) == 7 + 2 + 1


def test_encrypted(company: Company) -> None:
    assert routine.back_up(passphrase="", now=NOON - dt.timedelta(days=1)).ok
    assert not backups.listing(company.backups)[0].encrypted
    assert routine.back_up(passphrase="right", now=NOON).ok
    assert backups.listing(company.backups)[0].encrypted


def test_a_failure_is_remembered_and_raised(company: Company) -> None:
    (company.backups).mkdir()
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    file = company.data / "smallcrm.db"
    content = file.read_bytes()
    at = content.index(b"Example Ltd")
    file.write_bytes(content[:at] + b"F" + content[at + 1 :])
    store.open_folder(company.data)
    with pytest.raises(Damaged):
        routine.back_up(now=NOON)
    assert not backups.runs(company.backups)[0].ok
    health = backups.health(company.data, now=NOON)
    assert health.level == "bad"
    assert "database is damaged" in " ".join(map(str, health.words))


def test_a_full_disk_is_remembered(small_disk: Path) -> None:
    store.open_folder(small_disk, create=True)
    with store.writing():
        for statement in SCHEMA:
            store.run(statement)
    company = Company(small_disk)
    company.attach(os.urandom(5_000_000))
    with pytest.raises(DiskFull):
        routine.back_up(now=NOON)
    assert "are needed" in str(backups.runs(company.backups)[0].words[0])


def test_a_missing_second_folder_is_a_warning(company: Company, tmp_path: Path) -> None:
    done = routine.back_up(now=NOON, second=tmp_path / "unplugged")
    assert done.ok
    assert backups.health(company.data, now=NOON).level == "warn"


def test_stopping_it_is_no_failure(company: Company) -> None:
    routine.back_up(now=NOON)
    with pytest.raises(snapshot.Cancelled):
        routine.back_up(cancelled=lambda: True)
    assert backups.health(company.data, now=NOON).level == "ok"


def test_progress_goes_once_through_both_halves(company: Company) -> None:
    seen: list[tuple[int, int]] = []
    routine.back_up(progress=lambda done, total: seen.append((done, total)))
    assert [done / total for done, total in seen] == sorted(done / total for done, total in seen)
    assert seen[-1][0] == seen[-1][1]


def test_checking_an_old_one_is_remembered(company: Company, tmp_path: Path) -> None:
    path = snapshot.take(company.backups).path
    assert backups.listing(company.backups)[0].good is None
    assert routine.check(path).ok
    assert backups.listing(company.backups)[0].good is True
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    assert not routine.check(path).ok
    one = backups.listing(company.backups)[0]
    assert one.good is False
    assert one.words
    elsewhere = tmp_path / "elsewhere.zip"
    elsewhere.write_bytes(content)
    assert not routine.check(elsewhere).ok
    assert len(backups.listing(company.backups)) == 1

"""A backup is whole, made while everybody writes, and under its name or not there at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import apsw
import pytest

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import BadUsage, Damaged, DiskFull, Invalid
from smallcrm.store import blobs, examine, snapshot
from smallcrm.store.snapshot import taking
from tests.store.conftest import SCHEMA, Company

NOON = dt.datetime(2026, 11, 21, 12, 0, 0, tzinfo=dt.UTC)


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".draft-")]


def manifest_of(path: Path) -> dict[str, object]:
    with zipfile.ZipFile(path) as packed:
        return dict(json.loads(packed.read("manifest.json")))


def test_what_is_in_it(company: Company) -> None:
    backup = snapshot.take(company.backups, label="by hand", now=NOON)
    assert backup.path == company.backups / "20261121T120000Z-0.1.0.zip"
    assert backup.size == backup.path.stat().st_size
    assert backup.sha256 == hashlib.sha256(backup.path.read_bytes()).hexdigest()
    assert (backup.files, backup.encrypted, backup.label, backup.left_out) == (3, False, "by hand", 0)
    with zipfile.ZipFile(backup.path) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert packed.read("secret.key") == b"k" * 32
        for sha256, content in company.files.items():
            assert packed.read(f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}") == content
    assert names[0] == "smallcrm.db"
    assert names[-1] == "manifest.json"
    assert len(names) == 3 + 3
    assert leftovers(company.data) == []


def test_it_is_for_the_owners_eyes_only(company: Company) -> None:
    backup = snapshot.take(company.backups)
    assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(company.backups.stat().st_mode) == 0o700


def test_the_manifest_says_what_is_there(company: Company) -> None:
    found = manifest_of(snapshot.take(company.backups, now=NOON).path)
    rows = found["rows"]
    assert isinstance(rows, dict)
    assert (rows["customer"], rows["contact"], rows["session"]) == (203, 203, 1)
    assert "words" not in rows  # the tables behind it are counted
    assert "words_docsize" in rows
    assert found["created_at"] == "2026-11-21T12:00:00.000Z"
    assert found["sqlite"] == apsw.sqlite_lib_version()
    assert found["broken_links"] == 0


def test_sealed_nothing_of_it_can_be_read(company: Company) -> None:
    backup = snapshot.take(company.backups, encrypt_to="a long passphrase", now=NOON)
    assert backup.path.name == "20261121T120000Z-0.1.0.zip.enc"
    content = backup.path.read_bytes()
    for canary in (b"a note in plain text", b"smallcrm.db", b"k" * 32, "王伟贸易".encode(), b"manifest"):
        assert canary not in content
    assert leftovers(company.data) == []


def test_an_empty_passphrase_is_refused(company: Company) -> None:
    for passphrase in ("", "  "):
        with pytest.raises(Invalid):
            snapshot.take(company.backups, encrypt_to=passphrase)
    assert not company.backups.exists()


def test_two_in_one_second_are_two(company: Company) -> None:
    paths = {snapshot.take(company.backups, now=NOON).path for _ in range(3)}
    assert {path.name for path in paths} == {
        "20261121T120000Z-0.1.0.zip",
        "20261121T120000Z-0.1.0-2.zip",
        "20261121T120000Z-0.1.0-3.zip",
    }


def test_a_name_of_ones_own_is_never_overwritten(company: Company, tmp_path: Path) -> None:
    target = tmp_path / "usb" / "stick"
    backup = snapshot.take(target, name="mine.zip")
    assert backup.path == target / "mine.zip"
    before = backup.path.read_bytes()
    with pytest.raises(BadUsage):
        snapshot.take(target, name="mine.zip")
    assert backup.path.read_bytes() == before
    with pytest.raises(BadUsage):
        snapshot.take(target, name="../mine.zip")
    assert [path.name for path in target.iterdir()] == ["mine.zip"]


def test_while_others_write(company: Company) -> None:
    """Each transaction adds a customer and its contact: no backup holds one without the other."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            company.add(f"{threading.get_ident()} {number}")
            blobs.put(io.BytesIO(b"%d" % number))
        store.close_thread()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(4):
            acknowledged = store.value("SELECT count(*) FROM customer")
            backup = snapshot.take(company.backups)
            assert snapshot.verify(backup.path).ok
            rows = manifest_of(backup.path)["rows"]
            assert isinstance(rows, dict)
            assert rows["customer"] == rows["contact"] == rows["words_docsize"]
            assert rows["customer"] >= acknowledged
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert store.value("PRAGMA integrity_check") == "ok"


def test_beside_a_writing_process(company: Company) -> None:
    script = (
        "import sys; from pathlib import Path; from smallcrm import store\n"
        "store.open_folder(Path(sys.argv[1]))\n"
        "print('ready', flush=True)\n"
        "for number in range(100000):\n"
        "    with store.writing():\n"
        "        store.run('INSERT INTO customer (name) VALUES (?)', (str(number),))\n"
        "        store.run('INSERT INTO contact (customer) SELECT max(id) FROM customer')\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(company.data)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            backup = snapshot.take(company.backups)
        finally:
            writer.kill()
    assert snapshot.verify(backup.path).ok
    rows = manifest_of(backup.path)["rows"]
    assert isinstance(rows, dict)
    assert rows["customer"] == rows["contact"]


def test_a_blob_discarded_while_the_backup_runs_is_in_it(company: Company) -> None:
    sha256 = company.attach(b"deleted just now")
    company.add(*(f"More {number}" for number in range(4000)))  # enough for SQLite to ask whether to stop
    gone = []

    def discard_meanwhile() -> bool:
        if not gone and leftovers(company.backups) and (leftovers(company.backups)[0] / "smallcrm.db").exists():
            blobs.discard(sha256)
            gone.append(sha256)
        return False

    backup = snapshot.take(company.backups, cancelled=discard_meanwhile)
    assert gone
    files = manifest_of(backup.path)["files"]
    assert isinstance(files, dict)
    assert sha256 in files
    assert snapshot.verify(backup.path).ok


def test_a_discarded_blob_is_in_it_only_if_a_row_names_it(company: Company) -> None:
    undone, gone = company.attach(b"deleted, then undone"), company.attach(b"deleted")
    blobs.discard(undone)
    blobs.discard(gone)

    def which(asked: object) -> set[str]:
        return {undone}

    blobs.uses.append(which)
    try:
        files = manifest_of(snapshot.take(company.backups).path)["files"]
    finally:
        blobs.uses.remove(which)
    assert isinstance(files, dict)
    assert undone in files
    assert gone not in files


def test_one_bad_attachment_does_not_cost_the_backup(company: Company) -> None:
    rotten, missing = company.attach(b"will rot"), company.attach(b"will be a folder")
    blobs.path(rotten).write_bytes(b"has rotted")
    path = blobs.path(missing)
    path.unlink()
    path.mkdir()  # what opens but cannot be read
    backup = snapshot.take(company.backups)
    assert backup.left_out == 1
    report = snapshot.verify(backup.path)
    assert report.ok
    assert any("2 attachments" in word for word in report.words())


def test_a_damaged_database_makes_no_backup(company: Company) -> None:
    earlier = snapshot.take(company.backups).path
    before = earlier.read_bytes()
    page = store.value("SELECT rootpage FROM sqlite_master WHERE name = 'customer_name'")
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    file = company.data / "smallcrm.db"
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    file.write_bytes(content)
    store.open_folder(company.data)
    with pytest.raises(Damaged, match="No backup was made"):
        snapshot.take(company.backups)
    assert [path.name for path in company.backups.iterdir()] == [earlier.name]
    assert earlier.read_bytes() == before


def test_a_flipped_bit_makes_no_backup(company: Company) -> None:
    """One bit of a text in the table: SQLite reads it happily, only the full check against the index finds it."""
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.close()
    file = company.data / "smallcrm.db"
    content = file.read_bytes()
    at = content.index(b"Example Ltd")
    file.write_bytes(content[:at] + b"F" + content[at + 1 :])
    store.open_folder(company.data)
    with pytest.raises(Damaged):
        snapshot.take(company.backups)
    assert list(company.backups.iterdir()) == []


def test_links_that_were_broken_before_are_no_reason_to_refuse(company: Company) -> None:
    connection = store.connection()
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    connection.execute("INSERT INTO contact (customer) VALUES (99999)")
    connection.execute("PRAGMA foreign_keys = ON").fetchall()
    report = snapshot.verify(snapshot.take(company.backups).path)
    assert report.ok
    assert any("already pointed" in word for word in report.words())


def test_stopping_it(company: Company) -> None:
    company.attach(os.urandom(3_000_000))
    for after in (0, 1, 3, 8):
        asked = iter(range(100_000))
        with pytest.raises(snapshot.Cancelled):
            snapshot.take(company.backups, cancelled=lambda after=after, asked=asked: next(asked) >= after)
    assert list(company.backups.iterdir()) == []
    assert snapshot.verify(snapshot.take(company.backups).path).ok


def test_progress_grows_to_the_whole(company: Company) -> None:
    company.attach(os.urandom(2_000_000))
    seen: list[tuple[int, int]] = []
    snapshot.take(company.backups, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] > 2_000_000
    assert len({total for _, total in seen}) == 1


def test_an_old_clock_is_no_reason_to_fail(company: Company) -> None:
    backup = snapshot.take(company.backups, now=dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
    assert snapshot.verify(backup.path).ok


def test_not_inside_a_transaction(company: Company) -> None:
    with pytest.raises(AssertionError), store.writing():
        snapshot.take(company.backups)


def test_packing_is_for_what_packs(company: Company) -> None:
    text, noise = company.attach(b"plain text " * 1000), company.attach(os.urandom(11_000))
    with zipfile.ZipFile(snapshot.take(company.backups).path) as packed:
        sizes = {Path(info.filename).name: info.compress_size for info in packed.infolist()}
    assert sizes[text] < 1000
    assert sizes[noise] == 11_000


def test_a_full_disk_leaves_earlier_ones_and_the_database(small_disk: Path) -> None:
    store.open_folder(small_disk, create=True)
    with store.writing():
        for statement in SCHEMA:
            store.run(statement)
    company = Company(small_disk)
    company.add("one")
    first = snapshot.take(company.backups)
    with store.writing():
        store.run("INSERT INTO customer (name, note) VALUES ('two', hex(randomblob(600000)))")
    company.attach(os.urandom(2_600_000))
    with pytest.raises(DiskFull, match="are needed"):
        snapshot.take(company.backups)
    (small_disk / "filling").write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096 - 40_000))
    with pytest.raises(DiskFull):
        snapshot.take(company.backups)
    assert [path.name for path in company.backups.iterdir()] == [first.path.name]
    (small_disk / "filling").unlink()
    assert snapshot.verify(first.path, work=first.path.parent).ok
    company.add("three")
    assert company.names() == ["one", "two", "three"]


def test_the_disk_fills_while_it_is_written(small_disk: Path, company: Company) -> None:
    """The target is another disk that is full before the end; what is needed was guessed too low."""
    company.attach(os.urandom(5_600_000))
    (small_disk / "others").write_bytes(b"x" * 1_190_000)
    with store.writing():
        store.run("INSERT INTO customer (name, note) VALUES ('noise', hex(randomblob(1500000)))")
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with pytest.raises(DiskFull, match="is full"):
        snapshot.take(small_disk)
    assert [path.name for path in small_disk.iterdir()] == ["others"]
    assert leftovers(company.data) == []


def test_before_migrating_three_copies_stay(company: Company) -> None:
    moments = [NOON + dt.timedelta(days=number) for number in range(5)]
    paths = [snapshot.before_migrating(now=moment) for moment in moments]
    assert paths[0].name == "before-0.1.0-20261121T120000Z.db"
    assert sorted(company.backups.iterdir()) == paths[2:]
    with examine.looking_into(paths[-1]) as connection:
        assert examine.damages(connection) == []
        assert examine.row_counts(connection)["customer"] == 203
    assert stat.S_IMODE(paths[-1].stat().st_mode) == 0o600


def test_clocks_other_than_utc(company: Company) -> None:
    zone = clock.zone("Asia/Shanghai")
    backup = snapshot.take(company.backups, now=dt.datetime(2026, 11, 21, 3, 0, tzinfo=zone))
    assert backup.path.name.startswith("20261120T190000Z-")
    assert taking.smallcrm.__version__ in backup.path.name

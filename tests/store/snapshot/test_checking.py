"""Green only for what restores; red with words for everything else, whatever was done to the file."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.base.errors import DiskFull, Invalid, NotFound
from smallcrm.store import snapshot
from smallcrm.store.snapshot import archive
from tests.store.conftest import Company
from tests.store.snapshot import hostile
from tests.store.snapshot.hostile import Member, member


@pytest.fixture
def backup(company: Company) -> Path:
    return snapshot.take(company.backups).path


def red(path: Path) -> str:
    """The words of a check that must be red and leave nothing behind."""
    report = snapshot.verify(path)
    assert not report.ok
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".draft-")] == []
    return " ".join(report.words())


def test_green(company: Company, backup: Path) -> None:
    report = snapshot.verify(backup)
    assert report.ok
    assert report.words() == [
        f"This backup can be restored: {report.rows:,} rows and 3 files were unpacked and checked."
    ]
    assert (report.version, report.files, report.encrypted) == ("0.1.0", 3, False)
    assert report.rows > 600
    assert report.created_at
    assert report.checked_at
    assert sorted(path.name for path in company.backups.iterdir()) == [backup.name]


def test_green_without_an_open_folder(backup: Path, tmp_path: Path) -> None:
    store.close()
    assert snapshot.verify(backup).ok
    assert snapshot.verify(backup, work=tmp_path / "elsewhere").ok


def test_sealed(company: Company) -> None:
    path = snapshot.take(company.backups, encrypt_to="right").path
    report = snapshot.verify(path, "right")
    assert report.ok
    assert report.encrypted
    for passphrase in ("wrong", "", None):
        with pytest.raises(Invalid) as caught:
            snapshot.verify(path, passphrase)
        assert list(caught.value.errors) == ["passphrase"]
    renamed = path.rename(path.with_name("called-anything.zip"))
    assert snapshot.verify(renamed, "right").ok
    content = bytearray(renamed.read_bytes())
    content[len(content) // 2] ^= 1
    renamed.write_bytes(content)
    assert not snapshot.verify(renamed, "right").ok
    renamed.write_bytes(content[:-100])
    assert not snapshot.verify(renamed, "right").ok


def test_a_plain_copy(company: Company) -> None:
    path = snapshot.before_migrating()
    report = snapshot.verify(path)
    assert report.ok
    assert report.created_at.startswith(path.stem.rpartition("-")[2][:4])
    assert report.rows > 600
    path.with_name(path.name + "-wal").write_bytes(b"journal")
    assert "not closed properly" in red(path)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(NotFound):
            snapshot.verify(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PK", b"PK\3\4", b"Dear Sir or Madam,\n" * 99, b"SQLite format 3\0", b"smcrseal", os.urandom(5000)],
)
def test_other_files(folder: Path, content: bytes) -> None:
    path = folder / "backups" / "some.zip"
    path.parent.mkdir()
    path.write_bytes(content)
    if content.startswith(b"smcrseal"):
        with pytest.raises(Invalid):
            snapshot.verify(path)
        assert not snapshot.verify(path, "x").ok
    else:
        assert red(path)


def test_another_programs_database_and_zip(folder: Path) -> None:
    path = folder / "backups" / "other.db"
    path.parent.mkdir()
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    other.close()
    assert "not one of smallcrm's" in red(path)
    path.write_bytes(hostile.zip_of(member("letter.txt", b"x")))
    assert "not a backup of smallcrm" in red(path)


def test_a_newer_format(backup: Path) -> None:
    path = hostile.rewritten(backup, lambda found: hostile.with_manifest(found, lambda m: m.update(format=2)))
    assert "newer smallcrm" in red(path)


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "/etc/cron.d/x",
        "..\\..\\x",
        "C:\\x",
        "files/../../x",
        "files/aa/bb/" + "a" * 64,
        "smallcrm.db-wal",
        "x/",
    ],
)
def test_members_that_do_not_belong(company: Company, backup: Path, name: str) -> None:
    path = hostile.rewritten(backup, lambda found: [*found, member(name, b"evil")])
    assert "does not belong" in red(path)
    assert not (company.data.parent / "x").exists()


def test_a_traversal_that_the_manifest_names(backup: Path) -> None:
    def change(found: list[Member]) -> list[Member]:
        changed = hostile.with_manifest(found, lambda m: m["files"].update({"../../x": 4}))  # type: ignore[attr-defined]
        return [*changed, member("files/../../x", b"evil")]

    assert red(hostile.rewritten(backup, change))


def test_links(company: Company, backup: Path) -> None:
    def change(found: list[Member]) -> list[Member]:
        for info, _ in found:
            if info.filename == "secret.key":
                info.external_attr = 0o120777 << 16
        return found

    assert "link" in red(hostile.rewritten(backup, change))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice(backup: Path) -> None:
    path = hostile.rewritten(backup, lambda found: [*found, member("secret.key", b"k" * 32)])
    assert "twice" in red(path)
    path = hostile.rewritten(backup, lambda found: [*found, next(m for m in found if m[0].filename == "manifest.json")])
    assert red(path)


def test_something_missing(backup: Path) -> None:
    for gone in ("smallcrm.db", "secret.key", "manifest.json"):
        assert red(hostile.rewritten(backup, lambda found, gone=gone: [m for m in found if m[0].filename != gone]))
    assert red(hostile.rewritten(backup, lambda found: [m for m in found if not m[0].filename.startswith("files/")]))


def test_content_exchanged(backup: Path) -> None:
    def change(found: list[Member]) -> list[Member]:
        return [(info, b"K" * 32 if info.filename == "secret.key" else content) for info, content in found]

    assert "secret.key" in red(hostile.rewritten(backup, change))


def test_a_bomb(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much of nothing in a megabyte: refused by what the members say of themselves, before anything is unpacked."""
    monkeypatch.setattr(archive, "_ALLOWED_OCTETS", 8 * 1024 * 1024)
    huge = bytes(64 * 1024 * 1024)
    sha256 = hashlib.sha256(huge).hexdigest()

    def change(found: list[Member]) -> list[Member]:
        changed = hostile.with_manifest(found, lambda m: m["files"].update({sha256: len(huge)}))  # type: ignore[attr-defined]
        return [*changed, member(f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}", huge)]

    path = hostile.rewritten(backup, change)
    assert path.stat().st_size < 200_000
    assert "beyond all measure" in red(path)


def test_members_that_lie_about_their_length(backup: Path) -> None:
    def change(manifest: dict[str, object]) -> None:
        manifest["secret_key"] = {"size": 2**40, "sha256": "0" * 64}

    assert "as long as" in red(hostile.rewritten(backup, lambda found: hostile.with_manifest(found, change)))


def test_more_than_the_disk_can_take(small_disk: Path, backup: Path) -> None:
    def change(found: list[Member]) -> list[Member]:
        noise = os.urandom(9_000_000)
        sha256 = hashlib.sha256(noise).hexdigest()
        changed = hostile.with_manifest(found, lambda m: m["files"].update({sha256: len(noise)}))  # type: ignore[attr-defined]
        return [*changed, member(f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}", noise)]

    path = hostile.rewritten(backup, change)
    with pytest.raises(DiskFull):
        snapshot.verify(path, work=small_disk)
    assert list(small_disk.iterdir()) == []
    assert snapshot.verify(path).ok


Change = Callable[[apsw.Connection], object]


def with_database(backup: Path, change: Change) -> Path:
    """The backup with its database changed and the manifest made to fit what can be made to fit."""

    def rewrite(found: list[Member]) -> list[Member]:
        place = backup.with_name("changed.db")
        place.write_bytes(next(content for info, content in found if info.filename == "smallcrm.db"))
        connection = apsw.Connection(str(place))
        change(connection)
        connection.close()
        content = place.read_bytes()
        place.unlink()
        facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        changed = hostile.with_manifest(found, lambda m: m.update(database=facts))
        return [(info, content if info.filename == "smallcrm.db" else other) for info, other in changed]

    return hostile.rewritten(backup, rewrite)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM contact", "not hold as many rows"),
        ("PRAGMA application_id = 1", "not one of smallcrm's"),
        ("INSERT INTO contact VALUES (999, 99999); DELETE FROM contact WHERE id = 1", "point to others"),
        ("CREATE TABLE extra (x)", "not hold as many rows"),
        ("PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'customer_name'", "damaged"),
        ("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'nonsense'", "damaged"),
    ],
)
def test_the_database_is_asked(backup: Path, sql: str, words: str) -> None:
    path = with_database(backup, lambda connection: connection.execute(sql))
    assert words in red(path)


def test_an_empty_database(backup: Path) -> None:
    empty = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}

    def change(found: list[Member]) -> list[Member]:
        changed = hostile.with_manifest(found, lambda m: m.update(database=empty))
        return [(info, b"" if info.filename == "smallcrm.db" else content) for info, content in changed]

    assert "0 bytes" in red(hostile.rewritten(backup, change))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.data())
def test_flipped_bits(backup: Path, data: st.DataObject) -> None:
    """Red, or else the flip changed nothing that comes out: a date or a version that nobody reads."""
    content = bytearray(backup.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = backup.with_name("flipped.zip")
    path.write_bytes(content)
    if snapshot.verify(path).ok:
        assert {info.filename: inside for info, inside in hostile.members(path)} == {
            info.filename: inside for info, inside in hostile.members(backup)
        }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(data=st.data())
def test_cut_short(backup: Path, data: st.DataObject) -> None:
    content = backup.read_bytes()
    path = backup.with_name("cut.zip")
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert not snapshot.verify(path).ok


def test_every_flip_in_the_manifest_is_red(backup: Path) -> None:
    """Its own check sum guards the manifest; a zip written anew with a changed one is caught by what it says."""
    found = json.loads(zipfile.ZipFile(io.BytesIO(backup.read_bytes())).read("manifest.json"))
    assert {"database", "rows", "files", "secret_key", "schema", "created_at"} <= found.keys()
    for change in (
        lambda m: m.update(schema=["0009_later"]),
        lambda m: m["rows"].update(customer=1),
        lambda m: m["database"].update(sha256="0" * 64),
        lambda m: m.update(created_at="yesterday"),
        lambda m: m.update(application="other"),
        lambda m: m.pop("rows"),
    ):
        path = hostile.rewritten(backup, lambda members, change=change: hostile.with_manifest(members, change))
        assert red(path)


def test_an_encrypted_zip_of_another_kind(backup: Path) -> None:
    content = bytearray(hostile.zip_of(member("manifest.json", b"{}")))
    content[6] |= 1  # the flag of a password, in the member's head and in the directory
    content[content.index(b"PK\1\2") + 8] |= 1
    path = backup.with_name("password.zip")
    path.write_bytes(content)
    assert red(path)


def test_stopping_it(backup: Path, company: Company) -> None:
    with pytest.raises(snapshot.Cancelled):
        snapshot.verify(backup, cancelled=lambda: True)
    assert [path.name for path in company.backups.iterdir()] == [backup.name]


def test_progress(backup: Path) -> None:
    seen: list[tuple[int, int]] = []
    snapshot.verify(backup, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0

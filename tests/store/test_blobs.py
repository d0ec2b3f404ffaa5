"""Attachments by hash: kept once, whole or not at all, gone in two steps."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import DiskFull, NotFound, TooLarge
from smallcrm.store import blobs

NOBODY = "0" * 64


@pytest.fixture
def used() -> Iterator[set[str]]:
    """The hashes that rows name; until a test asks for it, nobody says which."""
    names: set[str] = set()

    def which(asked: Sequence[str]) -> set[str]:
        assert len(asked) <= 500
        return names & set(asked)

    blobs.uses.append(which)
    yield names
    blobs.uses.remove(which)


def put(content: bytes, limit: int = 0) -> str:
    return blobs.put(io.BytesIO(content), limit).sha256


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "files").rglob("*") if path.is_file())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.binary(max_size=3000))
def test_what_is_put_comes_out(folder: Path, content: bytes) -> None:
    blob = blobs.put(io.BytesIO(content))
    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert blob.size == len(content)
    with blobs.open(blob.sha256) as file:
        assert file.read() == content


def test_a_blob_lies_under_its_hash_for_our_eyes_only(folder: Path) -> None:
    sha256 = put(b"x")
    path = blobs.path(sha256)
    assert path == folder / "files" / sha256[:2] / sha256[2:4] / sha256
    assert path.stat().st_mode & 0o777 == 0o600
    assert (folder / "files").stat().st_mode & 0o777 == 0o700
    assert everything(folder) == [f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_the_same_content_is_kept_once_and_mends_a_damaged_one(folder: Path) -> None:
    sha256 = put(b"the same")
    blobs.path(sha256).write_bytes(b"damaged")
    assert put(b"the same") == sha256
    assert blobs.path(sha256).read_bytes() == b"the same"
    assert len(everything(folder)) == 1


def test_too_large_names_the_limit_and_leaves_nothing(folder: Path) -> None:
    assert put(b"12345", 5)
    with pytest.raises(TooLarge, match="2 KB") as caught:
        put(b"x" * 3000, 2048)
    assert caught.value.detail["limit"] == 2048
    assert len(everything(folder)) == 1


class Breaking(io.RawIOBase):
    """An upload that breaks off."""

    def read(self, _: int = -1) -> bytes:
        if self.tell_count:
            raise ConnectionResetError
        self.tell_count += 1
        return b"half"

    tell_count = 0


def test_an_upload_that_breaks_off_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ConnectionResetError):
        blobs.put(Breaking())  # type: ignore[arg-type]
    assert everything(folder) == []


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "é" * 64]
)
def test_a_name_that_is_no_hash_is_not_found(folder: Path, name: str) -> None:
    assert not blobs.exists(name)
    with pytest.raises(NotFound):
        blobs.path(name)
    with pytest.raises(NotFound):
        blobs.erase(name)


def test_a_hash_without_a_blob_is_not_found(folder: Path) -> None:
    assert not blobs.exists(NOBODY)
    with pytest.raises(NotFound):
        blobs.open(NOBODY)


def test_a_discarded_blob_comes_back_when_it_is_asked_for(folder: Path) -> None:
    sha256 = put(b"deleted, then undone")
    blobs.discard(sha256)
    assert not (folder / "files" / sha256[:2] / sha256[2:4] / sha256).exists()
    assert blobs.exists(sha256)
    with blobs.open(sha256) as file:
        assert file.read() == b"deleted, then undone"
    assert everything(folder) == [f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_discard_waits_for_the_commit(folder: Path) -> None:
    sha256 = put(b"x")

    def rolled_back() -> None:
        with store.writing():
            blobs.discard(sha256)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rolled_back()
    assert ".discarded" not in everything(folder)[0]
    with store.writing():
        blobs.discard(sha256)
        assert ".discarded" not in everything(folder)[0]
    assert ".discarded" in everything(folder)[0]
    blobs.discard(sha256)  # twice does no harm
    blobs.discard(NOBODY)
    assert len(everything(folder)) == 1


def test_putting_a_discarded_blob_again_ends_its_rest(folder: Path) -> None:
    sha256 = put(b"x")
    blobs.discard(sha256)
    put(b"x")
    assert everything(folder) == [f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_sweep_purges_after_its_days_only(folder: Path, used: set[str]) -> None:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    sha256 = put(b"x")
    with clock.at(start):
        blobs.discard(sha256)
    assert blobs.sweep(keep_days=30, now=start + dt.timedelta(days=29)) == blobs.Swept(0, 0, 0)
    assert blobs.exists(sha256)
    assert blobs.sweep(keep_days=30, now=start + dt.timedelta(days=31)) == blobs.Swept(1, 0, 0)
    assert not blobs.exists(sha256)
    assert everything(folder) == []


def test_sweep_never_purges_what_a_row_names(folder: Path, used: set[str]) -> None:
    sha256 = put(b"x")
    blobs.discard(sha256)
    used.add(sha256)
    later = clock.now() + dt.timedelta(days=999)
    assert blobs.sweep(now=later) == blobs.Swept(0, 0, 1)
    assert everything(folder) == [f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_sweep_lays_aside_what_no_row_came_to_name(folder: Path, used: set[str]) -> None:
    kept, orphan, fresh = put(b"kept"), put(b"orphan"), put(b"fresh")
    used.add(kept)
    for sha256 in (kept, orphan):
        os.utime(blobs.path(sha256), (1, 1))
    assert blobs.sweep() == blobs.Swept(0, 1, 0)
    assert [blobs.name_of(path) for path in blobs.laid_aside(folder / "files")] == [orphan]
    assert {path.name for path in blobs.listing(folder / "files")} == {kept, fresh}


def test_while_nobody_says_what_is_used_nothing_is_purged(folder: Path) -> None:
    resting, orphan = put(b"resting"), put(b"orphan")
    os.utime(blobs.path(orphan), (1, 1))
    blobs.discard(resting)
    assert blobs.sweep(now=clock.now() + dt.timedelta(days=999)) == blobs.Swept(0, 0, 1)
    assert blobs.exists(resting)
    assert blobs.exists(orphan)


def test_erase_takes_it_for_good(folder: Path) -> None:
    there, resting = put(b"there"), put(b"resting")
    blobs.discard(resting)
    with store.writing():
        blobs.erase(there)
        blobs.erase(resting)
        assert blobs.exists(there)
    assert everything(folder) == []


def test_sweep_takes_leftovers(folder: Path) -> None:
    put(b"x")
    (folder / "files" / ".draft-0123456789abcdef").write_bytes(b"half")
    blobs.sweep()
    assert len(everything(folder)) == 1


def test_many_at_once(folder: Path) -> None:
    contents = [bytes([number % 5]) * 70_000 for number in range(20)]
    threads = [
        threading.Thread(target=lambda content=content: [put(content) for _ in range(5)]) for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(everything(folder)) == 5
    for path in blobs.listing(folder / "files"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_a_full_disk_leaves_what_was_there(small_disk: Path) -> None:
    store.open_folder(small_disk, create=True)
    sha256 = put(b"kept")
    with pytest.raises(DiskFull):
        put(os.urandom(9_000_000))
    assert everything(small_disk) == [f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"]
    (small_disk / "filling").write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096 - 100_000))
    with pytest.raises(DiskFull, match="full"):
        [put(b"%d" % number * 9000) for number in range(200)]
    assert blobs.path(sha256).read_bytes() == b"kept"

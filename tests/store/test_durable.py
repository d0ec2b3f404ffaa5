"""Drafts: whole or not there, and leftovers told from work in progress."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smallcrm.base.errors import Busy, DiskFull
from smallcrm.store import durable


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_published_draft_has_its_name_and_is_private(tmp_path: Path) -> None:
    with durable.drafting(tmp_path) as draft:
        draft.file.write(b"whole")
        assert names(tmp_path) != ["there"]
        draft.publish(tmp_path / "there")
    assert names(tmp_path) == ["there"]
    assert (tmp_path / "there").read_bytes() == b"whole"
    assert (tmp_path / "there").stat().st_mode & 0o777 == 0o600


def test_a_draft_that_fails_is_gone(tmp_path: Path) -> None:
    def fail() -> None:
        with durable.drafting(tmp_path) as draft:
            draft.file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(tmp_path) == []


def test_publish_does_not_replace_unless_told(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"first")
    with pytest.raises(FileExistsError), durable.drafting(tmp_path) as draft:
        draft.publish(tmp_path / "there", replace=False)
    assert (tmp_path / "there").read_bytes() == b"first"
    durable.write(tmp_path / "there", b"second")
    assert (tmp_path / "there").read_bytes() == b"second"
    assert names(tmp_path) == ["there"]


def test_sweep_leaves_work_in_progress(tmp_path: Path) -> None:
    with durable.drafting(tmp_path) as draft, durable.workplace(tmp_path) as place:
        (place.path / "part").write_bytes(b"x")
        assert durable.sweep(tmp_path) == 0
        assert draft.path.exists()
        assert (place.path / "part").exists()
    assert names(tmp_path) == []


def test_sweep_takes_what_a_killed_process_left(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from smallcrm.store import durable\n"
        "folder = Path(sys.argv[1])\n"
        "with durable.drafting(folder) as draft, durable.workplace(folder) as place:\n"
        "    draft.file.write(b'x' * 9999); draft.file.flush(); (place.path / 'part').mkdir()\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert len(names(tmp_path)) == 2
    assert durable.sweep(tmp_path) == 2
    assert names(tmp_path) == []
    assert durable.sweep(tmp_path / "missing") == 0


def test_a_workplace_that_is_kept_stays(tmp_path: Path) -> None:
    with durable.workplace(tmp_path / "new") as place:
        place.keep = True
    assert place.path.is_dir()
    assert place.path.stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_said_and_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(DiskFull), durable.disk_words():
        durable.write(small_disk / "there", b"x" * 9_000_000)
    assert names(small_disk) == []


def test_need_room_names_both_figures(small_disk: Path) -> None:
    durable.need_room(small_disk, 1000)
    with pytest.raises(DiskFull, match=r"19\.5 MB are needed, 8\.0 MB are free"):
        durable.need_room(small_disk, 20_000_000)


def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(Busy, match="/proc"), durable.disk_words():
        raise PermissionError(13, "no", "/proc/x")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(OSError, match="table"), durable.disk_words():
        raise OSError(23, "table overflow")


def test_pour_counts_and_hashes(tmp_path: Path) -> None:
    counted: list[int] = []
    out = io.BytesIO()
    content = os.urandom(durable.PIECE + 17)
    sha256 = durable.pour(io.BytesIO(content), out.write, counted.append)
    (tmp_path / "f").write_bytes(content)
    assert out.getvalue() == content
    assert sum(counted) == len(content)
    assert durable.sha256_of(tmp_path / "f") == sha256

"""Who may use a folder: many at once present, one alone, one holding; all free after a kill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smallcrm.base.errors import FolderInUse
from smallcrm.store import lock


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_PATIENCE", 0.1)


def test_many_are_present_and_then_one_alone(tmp_path: Path) -> None:
    first, second = lock.present(tmp_path), lock.present(tmp_path)
    with pytest.raises(FolderInUse), lock.alone(tmp_path):
        pass
    lock.leave(first)
    lock.leave(second)
    with lock.alone(tmp_path), pytest.raises(FolderInUse, match="being restored"):
        lock.present(tmp_path)
    lock.leave(lock.present(tmp_path))


def test_one_holds(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path)
    with lock.holding(tmp_path):
        assert lock.is_held(tmp_path)
        with pytest.raises(FolderInUse), lock.holding(tmp_path):
            pass
        lock.leave(lock.present(tmp_path))  # commands work beside a server
    assert not lock.is_held(tmp_path)


@pytest.mark.parametrize("kind", ["present", "alone", "holding"])
def test_a_kill_frees(tmp_path: Path, kind: str) -> None:
    script = (
        "import os, sys; from pathlib import Path; from smallcrm.store import lock\n"
        f"held = lock.{kind}(Path(sys.argv[1]))\n"
        f"{'held' if kind == 'present' else 'held.__enter__()'}\n"
        "print('ready', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        taken = lock.holding if kind == "holding" else lock.alone
        with pytest.raises(FolderInUse), taken(tmp_path):
            pass
        other.kill()
        other.wait()
        with taken(tmp_path):
            pass

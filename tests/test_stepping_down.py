"""A container that starts as root with PUID and PGID serves as that user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import environment, smallcrm

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

# What serve does first, then who one is.
WHO = (
    "import os; from pathlib import Path; from smallcrm.commands.stepping_down import step_down;"
    "step_down(Path(os.environ['FOLDER'])); print(os.getuid(), os.getgid(), os.getgroups())"
)


def who(folder: Path, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WHO],
        env=environment(FOLDER=str(folder), **env),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    folder = tmp_path / "data"
    (folder / "files").mkdir(parents=True)
    (folder / "files/a").write_text("a")
    return folder


def test_root_becomes_who_is_named(data: Path) -> None:
    assert who(data, PUID="10001", PGID="10002") == "10001 10002 []"
    assert data.stat().st_uid == 10001
    assert (data / "files/a").stat().st_uid == 10001
    assert (data / "files/a").stat().st_gid == 10002


def test_without_a_name_nothing_changes(data: Path) -> None:
    assert who(data).startswith("0 0")
    assert (data / "files/a").stat().st_uid == 0


@pytest.mark.parametrize("given", ["0", "-1", "root", "1e3", "99999999999"])
def test_nonsense_is_refused(data: Path, given: str) -> None:
    done = smallcrm("--data", data, "serve", PUID=given)
    assert done.code == 2
    assert "PUID" in done.complaint

"""The package's scripts through a life on a NAS: install, start, status, stop, upgrade, removal, against folders laid out as DSM's."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.command import free_port
from tests.packaging.conftest import packaged, stand_in


@dataclass
class Nas:
    """A place like ``/var/packages/smallcrm``, and the Package Center's way of calling scripts."""

    home: Path
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return self.home / "var/data"

    def unpack(self, spk: Path) -> None:
        """The target folder is replaced as a whole, the others stay."""
        shutil.rmtree(self.home / "target", ignore_errors=True)
        shutil.rmtree(self.home / "scripts", ignore_errors=True)
        for name in ("var", "tmp"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        with tarfile.open(spk, "r:") as tar:
            tar.extractall(self.home, [each for each in tar if each.name.startswith("scripts/")], filter="tar")
            packed = tar.extractfile("package.tgz")
            with tarfile.open(fileobj=packed, mode="r:gz") as inner:
                inner.extractall(self.home / "target", filter="tar")

    def script(self, name: str, *args: str, status: str = "INSTALL", **wizard: str) -> tuple[int, str]:
        """(exit code, what the dialog shows)."""
        log = self.home / "dialog.log"
        log.unlink(missing_ok=True)
        known = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYNOPKG_PKGNAME": "smallcrm", "SYNOPKG_PKGDEST": str(self.home / "target"),
            "SYNOPKG_PKGVAR": str(self.home / "var"), "SYNOPKG_PKGTMP": str(self.home / "tmp"), "SYNOPKG_PKGPORT": str(self.port),
            "SYNOPKG_PKG_STATUS": status, "SYNOPKG_TEMP_LOGFILE": str(log), "SYNOPKG_DSM_VERSION_MAJOR": "7", **wizard,
        }  # fmt: skip
        done = subprocess.run(
            [str(self.home / "scripts" / name), *args],
            env=known,
            check=False,
            timeout=180,
            capture_output=True,
            text=True,
        )
        return done.returncode, log.read_text("utf-8") if log.exists() else done.stdout

    def run(self, what: str) -> int:
        """``start``, ``stop`` or ``status``."""
        return self.script("start-stop-status", what)[0]

    def ask(self, path: str) -> str:
        """A page of the running server."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())


@pytest.fixture
def nas(tmp_path: Path, spk: Path) -> Iterator[Nas]:
    made = Nas(tmp_path / "smallcrm")
    made.unpack(spk)
    assert made.script("preinst")[0] == 0
    assert made.script("postinst", wizard_setup_code="lighthouse-42")[0] == 0
    yield made
    made.run("stop")


def test_a_life(nas: Nas, spk: Path) -> None:
    """The codes that DSM reads, in the order of a life, with an upgrade in the middle that keeps what was there."""
    assert nas.run("status") == 3
    assert nas.run("stop") == 0
    assert nas.run("start") == 0
    assert nas.run("status") == 0
    assert nas.run("start") == 0
    assert json.loads(nas.ask("/healthz"))["status"] == "ok"
    assert "code" in nas.ask("/setup")
    assert (nas.data / "setup-code.txt").read_text("utf-8").strip() == "lighthouse-42"
    assert nas.run("stop") == 0
    assert nas.run("status") == 3

    (nas.data / "files").mkdir(exist_ok=True)
    (nas.data / "files/kept").write_text("kept")
    assert nas.script("preupgrade", status="UPGRADE")[0] == 0
    assert len(list((nas.data / "backups").glob("*.zip"))) == 1
    assert os.access(nas.home / "var/previous/smallcrm", os.X_OK)
    assert nas.script("postuninst", status="UPGRADE", wizard_delete_data="true")[0] == 0
    nas.unpack(spk)
    assert nas.script("postinst", status="UPGRADE")[0] == 0
    assert nas.script("postupgrade", status="UPGRADE")[0] == 0
    assert nas.run("start") == 0
    assert (nas.data / "files/kept").read_text() == "kept"
    assert (nas.data / "setup-code.txt").read_text("utf-8").strip() == "lighthouse-42"


def test_a_killed_server_is_dead_and_starts_again(nas: Nas) -> None:
    assert nas.run("start") == 0
    number = int((nas.home / "var/smallcrm.pid").read_text())
    os.killpg(number, 9)
    assert nas.run("status") == 1
    assert nas.run("start") == 0
    assert nas.run("status") == 0


def test_a_number_that_another_program_has_got_is_not_ours(nas: Nas) -> None:
    (nas.home / "var/smallcrm.pid").write_text(f"{os.getpid()}\n")
    assert nas.run("status") == 1
    assert nas.run("stop") == 0
    assert nas.run("status") == 3


def test_a_start_that_fails_says_why(nas: Nas) -> None:
    nas.data.mkdir(parents=True, exist_ok=True)
    (nas.data / "smallcrm.db").write_text("this was a database once " * 400)
    code, said = nas.script("start-stop-status", "start")
    assert code == 1
    assert "smallcrm:" in said
    assert nas.run("status") == 3


def test_no_upgrade_without_a_backup(nas: Nas, tmp_path: Path) -> None:
    nas.data.mkdir(parents=True, exist_ok=True)
    (nas.data / "smallcrm.db").write_bytes(b"x")
    binary = stand_in(tmp_path / f"smallcrm-9.9.9-linux-{platform.machine()}", says="The disk is full.")
    nas.unpack(packaged(binary, tmp_path / "dist"))
    code, said = nas.script("preupgrade", status="UPGRADE")
    assert code != 0
    assert re.search(r"no backup could be made: .*The disk is full", said)


@pytest.mark.parametrize("answer", ["true", "false"])
def test_removal_keeps_the_data_unless_told_otherwise(nas: Nas, answer: str) -> None:
    (nas.data / "smallcrm.db").write_bytes(b"customers")
    assert nas.script("preuninst", status="UNINSTALL")[0] == 0
    assert nas.script("postuninst", status="UNINSTALL", wizard_delete_data=answer)[0] == 0
    assert (nas.data / "smallcrm.db").exists() == (answer == "false")

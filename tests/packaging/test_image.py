"""The container image: each digest is right, it is run as nobody special, and it runs in nothing but itself."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from smallcrm import __version__
from smallcrm.config import Config
from tests.command import PROGRAM, ROOT, environment
from tests.packaging.conftest import REAL, stand_in

MACHINE = platform.machine()
CHROOT = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's files, unpacked."""
    made = tmp_path_factory.mktemp("image")
    binary = made / f"smallcrm-{__version__}-linux-{MACHINE}"
    shutil.copy(PROGRAM[0], binary) if REAL else stand_in(binary)
    command = [sys.executable, str(ROOT / "packaging/container/build.py"), "--out", str(made), str(binary)]
    done = subprocess.run(command, capture_output=True, env=environment(), text=True, check=False)
    assert not done.returncode, done.stderr
    with tarfile.open(next(made.glob("*.oci.tar")), "r:") as tar:
        tar.extractall(made / "files", filter="tar")
    return made / "files"


def blob(image: Path, digest: str) -> bytes:
    content = (image / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest.removeprefix("sha256:")
    return content


@pytest.fixture(scope="module")
def manifest(image: Path) -> dict[str, Any]:
    index = json.loads((image / "index.json").read_text())
    return dict(json.loads(blob(image, index["manifests"][0]["digest"])))


@pytest.fixture(scope="module")
def config(image: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(blob(image, manifest["config"]["digest"])))


def test_everything_is_what_it_is_said_to_be(image: Path, manifest: dict[str, Any], config: dict[str, Any]) -> None:
    packed = blob(image, manifest["layers"][0]["digest"])
    assert manifest["layers"][0]["size"] == len(packed)
    plain = hashlib.sha256(gzip.decompress(packed)).hexdigest()
    assert config["rootfs"]["diff_ids"] == [f"sha256:{plain}"]
    [loaded] = json.loads((image / "manifest.json").read_text())
    assert loaded["RepoTags"] == [f"smallcrm:{__version__}"]
    assert all((image / each).is_file() for each in (loaded["Config"], *loaded["Layers"]))


def test_it_is_run_as_nobody_special(config: dict[str, Any]) -> None:
    said = config["config"]
    assert said["User"].split(":")[0] not in ("", "0", "root")
    assert list(said["ExposedPorts"]) == [f"{Config().server_port}/tcp"]
    assert list(said["Volumes"]) == ["/data"]
    assert said["Healthcheck"]["Test"][-1] == "healthcheck"


def test_the_compose_file_says_the_same(config: dict[str, Any]) -> None:
    text = (ROOT / "packaging/container/compose.yaml").read_text("utf-8")
    assert f"image: smallcrm:{__version__}" in text
    assert set(re.findall(r"(\d+):(\d+)\"\]", text)) == {(str(Config().server_port),) * 2}
    assert re.search(r"volumes: \[\"./data:(/\w+)\"\]", text)[1] in config["config"]["Volumes"]  # type: ignore[index]
    assert "read_only: true" in text
    assert "cap_drop: [ALL]" in text


@pytest.mark.skipif(not (REAL and CHROOT and os.getuid() == 0), reason="needs the single binary and root: make faults")
def test_it_runs_where_there_is_nothing_else(image: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    with tarfile.open(image / "blobs/sha256" / manifest["layers"][0]["digest"].removeprefix("sha256:"), "r:gz") as tar:
        tar.extractall(tmp_path, filter="fully_trusted")
    command = [str(CHROOT), "--userspec=10001:10001", str(tmp_path), "/usr/local/bin/smallcrm"]
    known = {"TMPDIR": "/tmp", "SMALLCRM_DATA": "/data"}
    said = subprocess.run([*command, "version"], env=known, capture_output=True, text=True, check=True)
    assert said.stdout == f"smallcrm {__version__}\n"
    subprocess.run([*command, "demo", "--customers", "20"], env=known, capture_output=True, check=True)
    assert (tmp_path / "data/smallcrm.db").stat().st_uid == 10001


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_the_unit_is_well_formed_and_shut_in(tmp_path: Path) -> None:
    unit = tmp_path / "smallcrm.service"
    text = (ROOT / "packaging/systemd/smallcrm.service").read_text("utf-8")
    unit.write_text(text.replace("/usr/local/bin/smallcrm", sys.executable))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False
    )
    level = re.search(r"exposure level for smallcrm.service: ([\d.]+)", judged.stdout)
    assert level
    assert float(level[1]) < 3

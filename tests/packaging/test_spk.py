"""The Synology package taken apart: every rule that DSM 7 checks before it installs one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
import subprocess
import tarfile
from pathlib import Path

import pytest

from smallcrm.config import Config
from tests.packaging.conftest import REAL, packaged, stand_in

SCRIPTS = (
    "preinst", "postinst", "preuninst", "postuninst", "preupgrade", "postupgrade", "start-stop-status",
)  # fmt: skip
DEPRECATED = {"startable", "firmware", "support_conf_folder", "model"}
MACHINES = {"x86_64": 62, "armv8": 183}  # e_machine of an ELF file


@pytest.fixture(scope="module")
def info(outer: Path) -> dict[str, str]:
    lines = (outer / "INFO").read_text("utf-8").splitlines()
    return dict(re.fullmatch(r'(\w+)="(.*)"', line).groups() for line in lines)  # type: ignore[union-attr]


def size_of(png: Path) -> tuple[int, int]:
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", head[16:24])
    return wide, high


def test_the_outer_tar_is_plain_and_begins_with_info(spk: Path) -> None:
    with tarfile.open(spk, "r:") as tar:
        members = tar.getmembers()
    names = [each.name for each in members]
    assert names[0] == "INFO"
    assert {"PACKAGE_ICON.PNG", "PACKAGE_ICON_256.PNG", "conf/privilege", "conf/resource", "package.tgz"} <= set(names)
    assert {f"scripts/{each}" for each in SCRIPTS} <= set(names)
    assert not [name for name in names if name.startswith(("/", "./")) or ".." in name]
    assert all((each.uid, each.gid, each.uname) == (0, 0, "root") for each in members)


def test_info_says_what_is_asked(info: dict[str, str], outer: Path) -> None:
    assert {"package", "version", "os_min_ver", "description", "arch", "maintainer"} <= set(info)
    assert not DEPRECATED & set(info)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", info["package"])
    assert re.fullmatch(r"\d+(\.\d+){0,5}(-\d+)?", info["version"])
    assert all(int(number) < 2**31 for number in re.findall(r"\d+", info["version"]))
    first, second, build = map(int, re.findall(r"\d+", info["os_min_ver"]))
    assert (first, second, build) >= (7, 0, 40000)
    assert info["arch"] in MACHINES
    assert info["checksum"] == hashlib.md5((outer / "package.tgz").read_bytes(), usedforsecurity=False).hexdigest()


def test_icons_have_their_sizes(outer: Path, inner: Path, info: dict[str, str]) -> None:
    assert size_of(outer / "PACKAGE_ICON.PNG") == (64, 64)
    assert size_of(outer / "PACKAGE_ICON_256.PNG") == (256, 256)
    config = json.loads((inner / info["dsmuidir"] / "config").read_text("utf-8"))
    app = config[".url"][info["dsmappname"]]
    for size in (16, 24, 32, 48, 64, 72, 256):
        assert size_of(inner / "ui" / app["icon"].format(size)) == (size, size)


def test_the_port_is_the_same_everywhere(outer: Path, inner: Path, info: dict[str, str]) -> None:
    resource = json.loads((outer / "conf/resource").read_text("utf-8"))
    ports = re.search(r'dst\.ports="(\d+)/tcp"', (inner / resource["port-config"]["protocol-file"]).read_text("utf-8"))
    config = json.loads((inner / "ui/config").read_text("utf-8"))
    assert ports
    assert {ports[1], info["adminport"], config[".url"][info["dsmappname"]]["port"]} == {str(Config().server_port)}
    assert all((inner / each).is_file() for each in resource["usr-local-linker"]["bin"])


def test_it_runs_as_its_own_user(outer: Path) -> None:
    privilege = json.loads((outer / "conf/privilege").read_text("utf-8"))
    assert privilege["defaults"] == {"run-as": "package"}
    assert "root" not in json.dumps(privilege)


def test_nothing_in_the_target_is_dangerous_or_in_the_way(outer: Path, inner: Path) -> None:
    with tarfile.open(outer / "package.tgz", "r:gz") as tar:
        members = tar.getmembers()
    assert all(each.isfile() or each.isdir() for each in members)
    assert not [each.name for each in members if each.mode & 0o6000]
    assert not [each.name for each in members if each.name.split("/")[0] in ("target", "var")]
    assert (inner / "bin/smallcrm").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_posix(outer: Path, name: str) -> None:
    script = outer / "scripts" / name
    text = script.read_bytes()
    assert text.startswith(b"#!/bin/sh\n")
    assert b"\r" not in text
    assert script.stat().st_mode & 0o777 == 0o755
    shell = shutil.which("dash") or "sh"
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0


def test_the_wizards_ask_for_what_the_scripts_read(outer: Path) -> None:
    scripts = "".join(path.read_text("utf-8") for path in (outer / "scripts").iterdir())
    pages = sorted((outer / "WIZARD_UIFILES").iterdir())
    assert {page.name for page in pages} >= {
        "install_uifile",
        "uninstall_uifile",
        "install_uifile_chs",
        "uninstall_uifile_chs",
    }
    for page in pages:
        keys = [
            sub["key"]
            for step in json.loads(page.read_text("utf-8"))
            for item in step["items"]
            for sub in item["subitems"]
        ]
        assert keys
        assert all(f"${key}" in scripts for key in keys), page.name


def test_the_same_binary_gives_the_same_package(tmp_path: Path) -> None:
    binary = stand_in(tmp_path / "smallcrm-1.2.3-linux-aarch64")
    first, second = (packaged(binary, tmp_path / each) for each in ("a", "b"))
    assert first.name == "smallcrm-1.2.3-armv8.spk"
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.skipif(not REAL, reason="needs the single binary: make faults")
def test_the_binary_fits_the_systems_it_promises(inner: Path, info: dict[str, str]) -> None:
    binary = (inner / "bin/smallcrm").read_bytes()
    assert binary[:4] == b"\x7fELF"
    assert struct.unpack("<H", binary[18:20])[0] == MACHINES[info["arch"]]
    assert len(binary) < 80e6
    wants = {tuple(map(int, found)) for found in re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)}
    assert max(wants) <= (2, 36)

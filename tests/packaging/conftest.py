"""The package around the single binary where the tests run one (``SMALLCRM_PROGRAM``), else around a script that does the same."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from smallcrm import __version__
from tests.command import PROGRAM, ROOT, environment

REAL = len(PROGRAM) == 1  # the single binary, not this checkout


def stand_in(path: Path, *, says: str = "") -> Path:
    """A program of the binary's name that runs this checkout, or only complains."""
    does = f"echo '{says}' >&2; exit 1" if says else f'exec "{sys.executable}" -m smallcrm "$@"'
    path.write_text(f"#!/bin/sh\nexport PYTHONPATH='{ROOT}'\n{does}\n")
    path.chmod(0o755)
    return path


def packaged(binary: Path, out: Path) -> Path:
    """The package around a binary."""
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(ROOT / "packaging/spk/build.py"), "--out", str(out), str(binary)]
    subprocess.run(command, check=True, capture_output=True, env=environment())
    return next(out.glob("*.spk"))


@pytest.fixture(scope="session")
def spk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for this machine."""
    made = tmp_path_factory.mktemp("spk")
    binary = made / f"smallcrm-{__version__}-linux-{platform.machine()}"
    shutil.copy(PROGRAM[0], binary) if REAL else stand_in(binary)
    return packaged(binary, made / "dist")


@pytest.fixture(scope="session")
def outer(spk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package holds."""
    folder = tmp_path_factory.mktemp("outer")
    with tarfile.open(spk, "r:") as tar:
        tar.extractall(folder, filter="tar")
    return folder


@pytest.fixture(scope="session")
def inner(outer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lies in the target folder once it is installed."""
    folder = tmp_path_factory.mktemp("inner")
    with tarfile.open(outer / "package.tgz", "r:gz") as tar:
        tar.extractall(folder, filter="tar")
    return folder

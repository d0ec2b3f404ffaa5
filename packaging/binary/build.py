"""Make the single binary: ``dist/smallcrm-<version>-linux-<x86_64|aarch64>``, for the machine this runs on.

    python packaging/binary/build.py

It carries Python, SQLite, pages, migrations, translations and time zones, and needs nothing but a C library at least as
new as the one it was built with: Debian 12's (glibc 2.36, as DSM 7.2 and 7.3 have it) where its python3.11 is there.
The same sources and lock give the same bytes: file times are the last commit's, hashes are not random.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
DEBIANS = "/usr/bin/python3.11"


def version() -> str:
    """The program's."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "smallcrm/__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def name() -> str:
    """The binary's file name on this machine."""
    return f"smallcrm-{version()}-linux-{platform.machine()}"


def python() -> str:
    """Debian's own Python, whose library fits old systems; without it the one that runs this."""
    usable = Path(DEBIANS).exists() and not subprocess.run(
        [DEBIANS, "-c", "import venv, ensurepip, sysconfig; assert sysconfig.get_config_var('Py_ENABLE_SHARED')"],
        capture_output=True, check=False,
    ).returncode  # fmt: skip
    return DEBIANS if usable else sys.executable


def tools() -> Path:
    """A virtual environment of the pinned versions alone; made anew when they or the Python changed."""
    home = BUILD / f"binary-{platform.machine()}"
    pins = "".join(path.read_text("utf-8") for path in (ROOT / "packaging/requirements.txt", HERE / "requirements.txt"))
    stamp = home / "made-of.txt"
    said = f"{python()}\n{pins}"
    if not stamp.exists() or stamp.read_text("utf-8") != said:
        shutil.rmtree(home, ignore_errors=True)
        _run(python(), "-m", "venv", str(home))
        _run(str(home / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check",
             "-r", str(ROOT / "packaging/requirements.txt"), "-r", str(HERE / "requirements.txt"))  # fmt: skip
        stamp.write_text(said, "utf-8")
    return home / "bin/python"


def build() -> Path:
    """The binary's path."""
    made = DIST / name()
    tool = tools()
    _run(str(tool), str(ROOT / "packaging/build.py"), "pinyin", "translations", "frontend")
    _run(
        str(tool), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
        "--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller"), str(HERE / "smallcrm.spec"),
        SMALLCRM_BINARY=made.name, PYTHONHASHSEED="0", SOURCE_DATE_EPOCH=_committed(), PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip
    return made


def _committed() -> str:
    """When the last commit was made, in seconds; the epoch where there is no git."""
    found = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "0"


def _run(*command: str, **environment: str) -> None:
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)


def main() -> int:
    """Build and say what came out."""
    made = build()
    sys.stdout.write(f"{made.relative_to(ROOT)}  {made.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

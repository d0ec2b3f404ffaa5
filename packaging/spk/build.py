"""Make the Synology package (DSM 7) of a single binary: ``dist/smallcrm-<version>-<x86_64|armv8>.spk``.

    python packaging/spk/build.py [--out FOLDER] [dist/smallcrm-<version>-linux-<x86_64|aarch64> …]

A package is an uncompressed tar, INFO first, around ``package.tgz``, which lies in ``/var/packages/smallcrm/target`` once it
is installed. Everything belongs to root and is as old as the last commit: the same binary gives the same package.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DIST = ROOT / "dist"

ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "armv8"}  # of the binary → DSM's family
SINCE = "7.2-63134"  # the first DSM whose C library (glibc 2.36) the binary fits
PORT = 8070
DSM_APP = "com.smallcrm.web"
SIZES = (16, 24, 32, 48, 64, 72, 256)
SAYS = "The CRM a small business puts on its own NAS and then simply uses."
SAYS_CHS = "小企业装在自己 NAS 上即可使用的 CRM。"


@dataclass
class Tar:
    """A tar in the making: name → (content, mode), all of one moment and owner."""

    moment: int
    members: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def add(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """One file."""
        self.members[name] = (content, mode)

    def made(self) -> bytes:
        """The tar itself, folders before what lies in them."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            known: set[str] = set()
            for name, (content, mode) in self.members.items():
                for folder in reversed(Path(name).parents):
                    if str(folder) != "." and str(folder) not in known:
                        known.add(str(folder))
                        tar.addfile(self._entry(str(folder), tarfile.DIRTYPE, 0o755, 0))
                tar.addfile(self._entry(name, tarfile.REGTYPE, mode, len(content)), io.BytesIO(content))
        return out.getvalue()

    def _entry(self, name: str, kind: bytes, mode: int, size: int) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.size, entry.mtime = kind, mode, size, self.moment
        entry.uname = entry.gname = "root"
        return entry


def package(binary: bytes, moment: int) -> tuple[bytes, int]:
    """(``package.tgz``, size unpacked in KiB)."""
    inner = Tar(moment)
    inner.add("bin/smallcrm", binary, 0o755)
    inner.add("conf/smallcrm.sc", (HERE / "conf/smallcrm.sc").read_bytes())
    inner.add("ui/config", _json({".url": {DSM_APP: {
        "type": "url", "title": "smallcrm", "desc": SAYS, "icon": "images/smallcrm_{0}.png",
        "protocol": "http", "port": str(PORT), "url": "/", "allUsers": True,
    }}}))  # fmt: skip
    for size in SIZES:
        inner.add(f"ui/images/smallcrm_{size}.png", _icon(size))
    size = sum(len(content) for content, _ in inner.members.values())
    return gzip.compress(inner.made(), compresslevel=6, mtime=moment), size // 1024 + 1


def info(version: str, architecture: str, packed: bytes, size: int, build: int) -> bytes:
    """``INFO``. DSM wants numbers alone in a version, with a build number that rises."""
    numbers = re.match(r"\d+(\.\d+){0,5}", version)
    assert numbers, version
    said = {
        "package": "smallcrm", "version": f"{numbers[0]}-{build:04}", "os_min_ver": SINCE, "arch": architecture,
        "maintainer": "smallcrm", "displayname": "smallcrm", "description": SAYS, "description_chs": SAYS_CHS,
        "dsmuidir": "ui", "dsmappname": DSM_APP, "adminprotocol": "http", "adminport": str(PORT), "adminurl": "/",
        "checkport": "yes", "thirdparty": "yes", "silent_upgrade": "yes", "extractsize": str(size),
        "checksum": hashlib.md5(packed, usedforsecurity=False).hexdigest(),
    }  # fmt: skip
    return "".join(f'{key}="{value}"\n' for key, value in said.items()).encode()


def build(binary: Path, out: Path) -> Path:
    """The package's path."""
    version, machine = named(binary)
    architecture = ARCHITECTURES[machine]
    moment, count = _git("log", "-1", "--format=%ct"), _git("rev-list", "--count", "HEAD")
    packed, size = package(binary.read_bytes(), moment)
    outer = Tar(moment)
    outer.add("INFO", info(version, architecture, packed, size, count))
    outer.add("PACKAGE_ICON.PNG", _icon(64))
    outer.add("PACKAGE_ICON_256.PNG", _icon(256))
    outer.add("conf/privilege", (HERE / "conf/privilege").read_bytes())
    outer.add("conf/resource", (HERE / "conf/resource").read_bytes())
    outer.add("package.tgz", packed)
    for script in sorted((HERE / "scripts").iterdir()):
        outer.add(f"scripts/{script.name}", script.read_bytes(), 0o755)
    for page in sorted((HERE / "wizard").iterdir()):
        outer.add(f"WIZARD_UIFILES/{page.name}", page.read_bytes())
    made = out / f"smallcrm-{version}-{architecture}.spk"
    made.write_bytes(outer.made())
    return made


def named(binary: Path) -> tuple[str, str]:
    """(version, machine) of a binary by its file's name. Raises SystemExit for another name."""
    found = re.fullmatch(r"smallcrm-(.+)-linux-(x86_64|aarch64)", binary.name)
    if not found:
        raise SystemExit(f"{binary.name} is not called as the binary is: smallcrm-<version>-linux-<x86_64|aarch64>")
    return found[1], found[2]


def _icon(size: int) -> bytes:
    return (HERE / f"icons/smallcrm_{size}.png").read_bytes()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _git(*arguments: str) -> int:
    found = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(found.stdout.strip() or 1)


def main() -> int:
    """Package what is named, or every binary in ``dist``."""
    parser = argparse.ArgumentParser(description="Make the Synology package of a binary.")
    parser.add_argument("--out", type=Path, default=DIST)
    parser.add_argument("binary", type=Path, nargs="*", default=sorted(DIST.glob("smallcrm-*-linux-*")))
    asked = parser.parse_args()
    if not asked.binary:
        raise SystemExit("There is no binary in dist: make binary")
    for binary in asked.binary:
        made = build(binary, asked.out)
        sys.stdout.write(f"{made}  {made.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

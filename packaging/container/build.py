"""Make the container image of a single binary, without a container engine: ``dist/smallcrm-<version>-<x86_64|aarch64>.oci.tar``.

    python packaging/container/build.py [--out FOLDER] [dist/smallcrm-<version>-linux-<x86_64|aarch64> …]

One layer: the binary, the C library's files it asks for (of the machine this runs on), a user, ``/data`` and ``/tmp``. The tar is
an OCI image layout (image-spec 1.1) and what ``docker load`` and DSM's Container Manager import, in one.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import platform
import re
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DIST = ROOT / "dist"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
USER = 10001
PORT = 8070

LOADERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
LIBRARIES = (
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libz.so.1", "libresolv.so.2",
    "libnss_dns.so.2", "libnss_files.so.2",
)  # fmt: skip
FILES = {
    "etc/passwd": f"root:x:0:0:root:/:/\nsmallcrm:x:{USER}:{USER}::/data:/\n",
    "etc/group": f"root:x:0:\nsmallcrm:x:{USER}:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def layer(binary: Path, machine: str, moment: int) -> bytes:
    """The file system as a tar."""
    libraries = Path(f"/lib/{machine}-linux-gnu")
    files = {name: (text.encode(), 0o644) for name, text in FILES.items()}
    files[LOADERS[machine].lstrip("/")] = (Path(LOADERS[machine]).read_bytes(), 0o755)
    files |= {f"lib/{machine}-linux-gnu/{name}": ((libraries / name).read_bytes(), 0o644) for name in LIBRARIES}
    files["usr/local/bin/smallcrm"] = (binary.read_bytes(), 0o755)
    folders = {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
    entries = [(folder, None, 0o755, 0) for folder in folders]
    entries += [("data", None, 0o700, USER), ("tmp", None, 0o1777, 0)]
    entries += [(name, content, mode, 0) for name, (content, mode) in files.items()]
    return _tar(sorted(entries, key=lambda entry: entry[0]), moment)


def _tar(entries: list[tuple[str, bytes | None, int, int]], moment: int) -> bytes:
    """A tar of (name, content or None for a folder, mode, owner)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content, mode, owner in entries:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            entry.mode, entry.mtime, entry.uid, entry.gid, entry.size = mode, moment, owner, owner, len(content or b"")
            tar.addfile(entry, io.BytesIO(content or b""))
    return out.getvalue()


def config(architecture: str, version: str, digest: str, moment: int) -> dict[str, Any]:
    """How it is run: not as root, one volume, with a health check."""
    made = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "created": made, "architecture": architecture, "os": "linux",
        "config": {
            "User": f"{USER}:{USER}", "Env": ["PATH=/usr/local/bin", "SMALLCRM_DATA=/data", "TMPDIR=/tmp", "HOME=/data"],
            "Entrypoint": ["/usr/local/bin/smallcrm"], "Cmd": ["serve"], "WorkingDir": "/data",
            "ExposedPorts": {f"{PORT}/tcp": {}}, "Volumes": {"/data": {}}, "StopSignal": "SIGTERM",
            "Healthcheck": {
                "Test": ["CMD", "/usr/local/bin/smallcrm", "healthcheck"], "Interval": 60 * 10**9, "Timeout": 20 * 10**9,
                "StartPeriod": 60 * 10**9, "Retries": 3,
            },
            "Labels": {"org.opencontainers.image.title": "smallcrm", "org.opencontainers.image.version": version},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": made, "created_by": "packaging/container/build.py"}],
    }  # fmt: skip


def build(binary: Path, out: Path) -> Path:
    """The image's path."""
    found = re.fullmatch(r"smallcrm-(.+)-linux-(x86_64|aarch64)", binary.name)
    if not found:
        raise SystemExit(f"{binary.name} is not called as the binary is: smallcrm-<version>-linux-<x86_64|aarch64>")
    version, machine = found[1], found[2]
    if machine != platform.machine():
        raise SystemExit(f"The C library for {machine} is not on this machine: make the image on one of that kind.")
    moment = _committed()
    plain = layer(binary, machine, moment)
    packed = gzip.compress(plain, compresslevel=6, mtime=moment)
    settings = json.dumps(config(ARCHITECTURES[machine], version, _digest(plain), moment), sort_keys=True).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _described("application/vnd.oci.image.config.v1+json", settings),
        "layers": [_described("application/vnd.oci.image.layer.v1.tar+gzip", packed)],
    }, sort_keys=True).encode()  # fmt: skip
    index = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            **_described("application/vnd.oci.image.manifest.v1+json", manifest),
            "annotations": {"io.containerd.image.name": f"smallcrm:{version}", "org.opencontainers.image.ref.name": version},
        }],
    }  # fmt: skip
    loaded = [{"Config": _blob(settings), "RepoTags": [f"smallcrm:{version}"], "Layers": [_blob(packed)]}]
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index, sort_keys=True).encode(),
        "manifest.json": json.dumps(loaded, sort_keys=True).encode(),
        **{_blob(content): content for content in (settings, manifest, packed)},
    }  # fmt: skip
    made = out / f"smallcrm-{version}-{machine}.oci.tar"
    folders = [(folder, None, 0o755, 0) for folder in ("blobs", "blobs/sha256")]
    made.write_bytes(_tar([*folders, *((name, content, 0o644, 0) for name, content in files.items())], moment))
    return made


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _blob(content: bytes) -> str:
    return f"blobs/sha256/{_digest(content)}"


def _described(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{_digest(content)}", "size": len(content)}


def _committed() -> int:
    found = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(found.stdout.strip() or 0)


def main() -> int:
    """Make the image of what is named, or of this machine's binary in ``dist``."""
    parser = argparse.ArgumentParser(description="Make the container image of a binary.")
    parser.add_argument("--out", type=Path, default=DIST)
    parser.add_argument(
        "binary", type=Path, nargs="*", default=sorted(DIST.glob(f"smallcrm-*-linux-{platform.machine()}"))
    )
    asked = parser.parse_args()
    if not asked.binary:
        raise SystemExit("There is no binary in dist: make binary")
    for binary in asked.binary:
        made = build(binary, asked.out)
        sys.stdout.write(f"{made}  {made.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

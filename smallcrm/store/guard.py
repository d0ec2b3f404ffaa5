"""Is the disk fit to carry the database? Room left, kind of file system."""

from __future__ import annotations

import os
import time
from pathlib import Path

LEAST_FREE = 100 * 1024 * 1024  # octets under which nothing new is written
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "glusterfs", "ceph", "afpfs",
            "davfs", "fuse.davfs"}  # fmt: skip

_checked: dict[Path, tuple[float, bool]] = {}


def free_space(folder: Path) -> int:
    """Octets that may still be written below ``folder``."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def low_space(folder: Path) -> bool:
    """Whether there is too little room to write; looked up at most every two seconds."""
    at, low = _checked.get(folder, (-10.0, False))
    if time.monotonic() - at > 2:
        try:
            low = free_space(folder) < floor(folder)
        except OSError:
            low = False
        _checked[folder] = (time.monotonic(), low)
    return low


def floor(folder: Path) -> int:
    """100 MB, but never more than a twentieth of a small disk."""
    found = os.statvfs(folder)
    return min(LEAST_FREE, found.f_blocks * found.f_frsize // 20)


def file_system(folder: Path) -> str:
    """The kind of file system ``folder`` lies on, as ``/proc/self/mountinfo`` names it; empty where that is unknown."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    target = str(folder.resolve())
    for line in lines:
        left, _, right = line.partition(" - ")
        mount = left.split(" ")[4].replace("\\040", " ")
        if (target == mount or target.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best):
            best, kind = mount, right.split(" ")[0]
    return kind


def is_network(folder: Path) -> bool:
    """Whether ``folder`` lies on a share, where SQLite's locks cannot be trusted."""
    return file_system(folder) in _NETWORK

"""In a container that starts as root: becoming the user that PUID and PGID name, before anything is opened."""

from __future__ import annotations

import os
from pathlib import Path

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L

NAMES = ("PUID", "PGID")


def step_down(folder: Path) -> None:
    """Where one is root and PUID is set, give the data folder to that user and go on as them. Raises BadUsage."""
    if os.geteuid() or NAMES[0] not in os.environ:
        return
    user, group = (_number(name, os.environ.get(name, os.environ[NAMES[0]])) for name in NAMES)
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, group, follow_symlinks=False)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def _number(name: str, given: str) -> int:
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 2**31):
        raise BadUsage(
            L(
                "%(name)s is to be the number of a user or group other than root, not “%(given)s”.",
                name=name,
                given=given[:40],
            )
        )
    return int(given)

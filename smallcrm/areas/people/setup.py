"""First run: the one-time code that guards the set-up page."""

from __future__ import annotations

import os
from pathlib import Path

from smallcrm import store
from smallcrm.base import ids


def is_set_up() -> bool:
    """Whether somebody has been made an owner here."""
    return bool(store.value('SELECT 1 FROM "user" LIMIT 1'))


def code_for(folder: Path) -> str:
    """The code that the set-up page asks for, in ``setup-code.txt`` (0600) until it has been used."""
    path = folder / "setup-code.txt"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(ids.short_code() + "\n")
    return path.read_text().strip()

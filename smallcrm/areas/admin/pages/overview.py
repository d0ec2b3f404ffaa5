"""How smallcrm is, at a glance: green, yellow or red, with words and the way to mend it."""

from __future__ import annotations

import platform
from typing import Any

from smallcrm import __version__, store
from smallcrm.areas.admin import condition, means
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.areas.admin.rules import restoring
from smallcrm.base import formats
from smallcrm.base.i18n import L, Label
from smallcrm.jobs import outbox
from smallcrm.store import backups, guard, ours
from smallcrm.store.integrity import Finding
from smallcrm.web.settings_shell import page

# What was looked at → what it is called, where it is mended, and by whom.
PLACES: dict[str, tuple[Label, str, str]] = {
    "schema": (L("Schema"), "", ""),
    "zone": (L("Time zone"), "/admin/company", "settings"),
    "clock": (L("Clock"), "", ""),
    "mail": (L("Mail"), "/admin/mail", "settings"),
    "outbox": (L("Outbox"), "/admin/outbox", "settings"),
    "jobs": (L("Jobs"), "/admin/jobs", "backup"),
    "journal": (L("Journal"), "", ""),
    "room": (L("Room on the disk"), "", ""),
    "file_system": (L("Disk"), "", ""),
    "backups": (L("Backups"), "/admin/backups", "backup"),
    "second_folder": (L("Second folder"), "/admin/backups", "backup"),
    "key": (L("Key"), "", ""),
    "folder": (L("Data folder"), "", ""),
}


@admin.get("/admin")
def overview() -> str:
    """The page."""
    who = need("backup", "settings")
    found = [one for one in condition.overview() if one.name in PLACES]
    order = {"bad": 0, "warn": 1, "ok": 2}
    lines = [_line(one, who.may) for one in sorted(found, key=lambda one: order[one.level])]
    worst = lines[0]["level"] if lines else "ok"
    return page("admin/overview.html", "/admin", lines=lines, worst=worst, facts=_facts(), ended=restoring.last())


def _line(one: Finding, may: Any) -> dict[str, Any]:
    label, url, right = PLACES[one.name]
    return {
        "level": one.level,
        "label": str(label),
        "words": str(one.words),
        "url": url if right and may(right) else "",
    }


def _facts() -> list[tuple[str, str, str]]:
    data = store.folder()
    good = backups.last_good(data)
    counts = outbox.counts()
    checked = str(L("none yet"))
    if good:
        checked = _checked(formats.moment_full(good.checked_at) if good.checked_at else "")
    return [
        (str(L("Last good backup")), formats.ago(good.moment) if good else "–", checked),
        (str(L("Database")), formats.size(_size(data / "smallcrm.db")), f"SQLite {ours.check_library()}"),
        (str(L("Free on the disk")), formats.size(guard.free_space(data)), guard.file_system(data)),
        (str(L("Waiting to be sent")), formats.number(counts["queued"] + counts["sending"]), ""),
        (str(L("Version")), __version__, f"Python {platform.python_version()}"),
        (str(L("Encrypted backups")), str(L("yes")) if means.now().passphrase else str(L("no")), ""),
    ]


def _checked(moment: str) -> str:
    return str(L("checked %(moment)s", moment=moment)) if moment else str(L("not checked yet"))


def _size(path: Any) -> int:
    return int(path.stat().st_size) if path.exists() else 0

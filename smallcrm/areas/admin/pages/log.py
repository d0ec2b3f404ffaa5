"""The last lines of the log."""

from __future__ import annotations

from flask import request

from smallcrm import store
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base import logbook
from smallcrm.web.settings_shell import page

LINES = 300


@admin.get("/admin/log")
def log() -> str:
    """All of them, or those that tell of trouble."""
    need("backup")
    level = request.args.get("level", "")
    level = level if level in ("warning", "error") else ""
    lines = logbook.tail(store.folder(), LINES, level=level)
    return page(
        "admin/log.html", "/admin/log", lines=lines[::-1], level=level, file=str(logbook.path_of(store.folder()))
    )

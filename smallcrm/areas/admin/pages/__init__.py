"""The admin area's own pages: how smallcrm is, jobs, backups, what goes out, what it is called and what fields it has."""

from __future__ import annotations

from flask import Blueprint

admin = Blueprint("admin", __name__)

# the modules put their routes onto ``admin`` as they are imported
from smallcrm.areas.admin.pages import (  # noqa: E402
    about,
    backups,
    bots,
    bring_back,
    company,
    fields,
    jobs,
    log,
    mail,
    outbox,
    overview,
    terms,
)

__all__ = [
    "about", "admin", "backups", "bots", "bring_back", "company", "fields", "jobs", "log", "mail", "outbox", "overview",
    "terms",
]  # fmt: skip

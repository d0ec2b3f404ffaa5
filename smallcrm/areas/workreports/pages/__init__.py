"""What people see and press: writing a report, reading and answering it, who has handed in."""

from __future__ import annotations

from flask import Blueprint

workreports = Blueprint("workreports", __name__)

# the modules put their routes onto ``workreports`` as they are imported
from smallcrm.areas.workreports.pages import answering, panels, statistics, writing  # noqa: E402

__all__ = ["answering", "panels", "statistics", "workreports", "writing"]

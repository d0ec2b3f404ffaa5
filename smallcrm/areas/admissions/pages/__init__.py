"""What people see and press: documents, family, tours, a new inquiry, the next term, the settings."""

from __future__ import annotations

from flask import Blueprint

admissions = Blueprint("admissions", __name__)

# the modules put their routes onto ``admissions`` as they are imported
from smallcrm.areas.admissions.pages import documents, families, inquiry, intakes, rollover, settings, tours  # noqa: E402

__all__ = ["admissions", "documents", "families", "inquiry", "intakes", "rollover", "settings", "tours"]

"""What people see and press: the day, the check-in and the check-out, a team's day, planning with many, the settings."""

from __future__ import annotations

from flask import Blueprint

visits = Blueprint("visits", __name__)

# the modules put their routes onto ``visits`` as they are imported
from smallcrm.areas.visits.pages import bulk, calling_off, day, kept, outside, panels, settings, team  # noqa: E402

__all__ = ["bulk", "calling_off", "day", "kept", "outside", "panels", "settings", "team", "visits"]

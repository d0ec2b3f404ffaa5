"""What people see and press: the log line, what follows, today, the calendar, its feed, and one's own choices."""

from __future__ import annotations

from flask import Blueprint

activities = Blueprint("activities", __name__)

# the modules put their routes onto ``activities`` as they are imported
from smallcrm.areas.activities.pages import (  # noqa: E402
    acting,
    bulk,
    calendar,
    chosen,
    drawing,
    feed,
    form,
    line,
    today,
)

__all__ = ["acting", "activities", "bulk", "calendar", "chosen", "drawing", "feed", "form", "line", "today"]

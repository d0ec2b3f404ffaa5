"""What was asked, one person's data, and what an erasure would do."""

from __future__ import annotations

from flask import Blueprint

privacy = Blueprint("privacy", __name__, url_prefix="/privacy")

# the modules put their routes onto ``privacy`` as they are imported
from smallcrm.areas.privacy.pages import erasure, people, requests  # noqa: E402

__all__ = ["erasure", "people", "privacy", "requests"]

"""The pages of files: taking them in, giving them out, showing what is in them, moving them about."""

from __future__ import annotations

from flask import Blueprint

files = Blueprint("files", __name__)

# the modules put their routes onto ``files`` as they are imported
from smallcrm.areas.files.pages import api, archives, contents, panel, previews, uploads  # noqa: E402

__all__ = ["api", "archives", "contents", "files", "panel", "previews", "uploads"]

"""The pages of files in and out."""

from __future__ import annotations

from flask import Blueprint

transfer = Blueprint("transfer", __name__)

# the modules put their routes onto ``transfer`` as they are imported
from smallcrm.areas.transfer.pages import exporting, importing, result, returning, source, values  # noqa: E402

__all__ = ["exporting", "importing", "result", "returning", "source", "transfer", "values"]

"""The pipeline's pages: the board, what is done with an opportunity, the people and the plan around it, the stages' set-up."""

from __future__ import annotations

from flask import Blueprint

pipeline_pages = Blueprint("pipeline", __name__)

# the modules put their routes onto ``pipeline_pages`` as they are imported
from smallcrm.areas.pipeline.pages import acts, board, buyers, customer, opportunity, plan, settings  # noqa: E402

__all__ = ["acts", "board", "buyers", "customer", "opportunity", "pipeline_pages", "plan", "settings"]

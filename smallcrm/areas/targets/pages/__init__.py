"""The pages of targets: how they stand, setting them as a grid, reviews and actions, the commission sheet."""

from __future__ import annotations

from flask import Blueprint

targets = Blueprint("targets", __name__)

# the modules put their routes onto ``targets`` as they are imported
from smallcrm.areas.targets.pages import acting, api, commission, plan, setting_up, standing  # noqa: E402

__all__ = ["acting", "api", "commission", "plan", "setting_up", "standing", "targets"]

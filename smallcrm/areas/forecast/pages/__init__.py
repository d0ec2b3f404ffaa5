"""The pages over the pipeline: forecast, funnel, what moved, the hot list; what stands behind a figure; their files and their API."""

from __future__ import annotations

from flask import Blueprint

forecast_pages = Blueprint("forecast", __name__)

# the modules put their routes onto ``forecast_pages`` as they are imported
from smallcrm.areas.forecast.pages import api, behind, forecast, funnel, hot, moved, opportunities, overriding  # noqa: E402

__all__ = [
    "api", "behind", "forecast", "forecast_pages", "funnel", "hot", "moved", "opportunities", "overriding",
]  # fmt: skip

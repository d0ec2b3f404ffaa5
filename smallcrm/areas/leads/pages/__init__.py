"""The leads' pages: what stands beside a lead, converting, sharing out, web forms and mails, and their settings."""

from __future__ import annotations

from flask import Blueprint

leads = Blueprint("leads", __name__)

# the modules put their routes onto ``leads`` as they are imported
from smallcrm.areas.leads.pages import (  # noqa: E402
    acts,
    away,
    card,
    conversion,
    mails,
    panels,
    public,
    settings,
    sharing,
    today,
    webforms,
)

__all__ = [
    "acts", "away", "card", "conversion", "leads", "mails", "panels", "public", "settings", "sharing", "today", "webforms",
]  # fmt: skip

"""The three rules that a new company finds: switched off, to be switched on by whoever wants reports."""

from __future__ import annotations

from smallcrm.areas.workreports.records import DAILY, MONTHLY, WEEKLY, ReportRule
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import change

READY = (
    (DAILY, L("Daily reports"), {"closes_at": "23:00"}),
    (WEEKLY, L("Weekly reports"), {"opens_day": 1, "closes_day": 7}),
    (MONTHLY, L("Monthly reports"), {"opens_day": 1, "closes_day": 31}),
)


def make(actor: Actor = SYSTEM) -> None:
    """Make them."""
    for kind, name, window in READY:
        change.create(actor, ReportRule, {"name": str(name), "kind": kind, "active": False, **window}, trusted=True)

"""What a new company starts with: one pipeline with the stages of its kind of business, and what its roles may do with it."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import labels, settings
from smallcrm.records.record import by_key


def make_first() -> None:
    """In the company's language, inside the set-up's transaction."""
    if not store.value("SELECT 1 FROM pipeline LIMIT 1"):
        preset = str(settings.get("company.preset") or "sales")
        name = labels.many(by_key("opportunity")) if preset != "sales" else str(L("Sales", "pipeline"))
        stages.add(SYSTEM, name=name, ready=preset)

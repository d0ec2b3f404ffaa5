"""Whether the company is a school, and how its admissions work."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import settings
from smallcrm.records.fields import Flag

PAGE = "admissions"
ON, MOVE = "admissions.on", "admissions.tour_moves"

settings.declare(
    PAGE,
    {
        ON: (
            Flag(
                L("Admissions are in use"),
                help=L("Intakes, document checklists, guardians and siblings, tours, the next term, yield and melt. Nothing is lost while they are off."),
            ),
            None,
        ),
        MOVE: (
            Flag(
                L("A tour or trial lesson that took place moves the application on"),
                help=L("To the stage that stands for it, where the application has not passed it yet."),
            ),
            True,
        ),
    },
)  # fmt: skip


def on() -> bool:
    """Whether the company has admissions: what was chosen, else whether it was set up as a school."""
    if settings.is_set(ON):
        return bool(settings.get(ON))
    return settings.get("company.preset") == "education"

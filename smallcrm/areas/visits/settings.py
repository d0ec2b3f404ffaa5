"""The company's settings of visits."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import settings
from smallcrm.records.fields import Flag, Number

PAGE = "visits"

settings.declare(
    PAGE,
    {
        "visits.range": (
            Number(
                L("How near is at the customer"), least=10, most=100_000, unit="m",
                help=L("In metres. How sure a telephone is of its position counts in the visitor's favour."),
            ),
            500,
        ),
        "visits.first_sets_point": (
            Flag(
                L("The first check-in may set the customer's point"),
                help=L("Offered where a customer has none yet, to whoever may change the customer."),
            ),
            True,
        ),
        "visits.keep_positions_days": (
            Number(
                L("Positions are kept for"), least=0, most=3650, unit=L("days"),
                help=L("Then coordinates and distances are deleted; whether somebody was in range stays. 0 keeps them for ever."),
            ),
            90,
        ),
    },
)  # fmt: skip


def reach_in_metres() -> int:
    """How near is near enough."""
    return int(settings.get("visits.range") or 500)

"""What figures, dashboards and alerts are chosen from."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.base.i18n import L
from smallcrm.records.fields.choice import Option

SHARED = (("mine", L("me alone")), ("team", L("my team")), ("all", L("everyone")))
SIZES = (("tile", L("number")), ("half", L("half the width")), ("whole", L("the whole width")))
SHOWN = (("chart", L("Chart")), ("table", L("Table")))
SIDES = (("below", L("falls below")), ("above", L("rises above")))
ROLES = (
    ("owner", L("Owner", "role")), ("manager", L("Manager")), ("sales", L("Sales")), ("service", L("Service")),
    ("marketing", L("Marketing")), ("reader", L("Reader")),
)  # fmt: skip
PERIODS = (
    ("last_month", L("the month before")),
    ("last_quarter", L("the quarter before")),
    ("this_year", L("the year so far")),
)


def types() -> Sequence[Option]:
    """The record types that have pages, so that a number leads to a list."""
    from smallcrm.records.record import all_types, is_present

    return [Option(kind.card.key, kind.card.many) for kind in all_types() if kind.card.pages and is_present(kind)]

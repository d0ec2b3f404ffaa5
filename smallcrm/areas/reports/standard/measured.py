"""Rates of opportunities by their exact formulas: win rate, cycle, velocity, weighted value; products among their lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.fields import Field
from smallcrm.records.figures import measures
from smallcrm.records.figures.measures import Measure, Part, Value
from smallcrm.records.query import computed
from smallcrm.records.record import RecordType
from smallcrm.store import days

WON = {"field": "state", "op": "eq", "value": "won"}
LOST = {"field": "state", "op": "eq", "value": "lost"}
OPEN = {"field": "state", "op": "eq", "value": "open"}
DECIDED = {"field": "state", "op": "in", "value": ["won", "lost"]}
_AMOUNT = Opportunity.amount
WINDOW = 90  # days that the velocity looks back
_CYCLE = days.between("coalesce(t.opened_on, t.created_at)", "t.closed_on")

HOW_WIN_RATE = L("Won ÷ (won + lost), of what was closed in the period. What was found invalid does not count.")
HOW_CYCLE = L("From the day it began to the day it was won, of what was won in the period.")


@computed.register("opportunity", "product")
def product(actor: Actor, kind: RecordType) -> Field | None:
    """The products among an opportunity's lines, for those who may read the lines."""
    if "products" not in access.readable(actor, kind):
        return None
    return computed.Side(
        L("Product"), "product", table="opportunity_line", record="opportunity", column="product", amounts={"amount": "amount"}
    )  # fmt: skip


measures.register(
    Measure(
        "win_rate", L("Win rate"), (Part("sum(t.state = 'won')"), Part("sum(t.state IN ('won', 'lost'))")), measures.share,
        "percent", about="opportunity", base=DECIDED, how=HOW_WIN_RATE,
    )
)  # fmt: skip
measures.register(
    Measure(
        "win_rate_value", L("Win rate by value"),
        (
            Part("sum(CASE WHEN t.state = 'won' THEN t.amount_base END)"),
            Part("sum(CASE WHEN t.state IN ('won', 'lost') THEN t.amount_base END)"),
        ),
        measures.share, "percent", about="opportunity", base=DECIDED, how=HOW_WIN_RATE, money=_AMOUNT,
    )
)  # fmt: skip
measures.register(
    Measure(
        "cycle", L("Sales cycle, average"), (Part(f"sum({_CYCLE})"), Part(f"count({_CYCLE})")), measures.ratio, "days",
        about="opportunity", base=WON, how=HOW_CYCLE, more_is_better=False,
    )
)  # fmt: skip
measures.register(
    Measure(
        "cycle_median", L("Sales cycle, median"), (Part(days.gathered(_CYCLE), "list"),), measures.median, "days",
        about="opportunity", base=WON, how=HOW_CYCLE, more_is_better=False,
    )
)  # fmt: skip


def _hundredth(parts: Sequence[Any]) -> Value:
    return None if parts[0] is None else measures.rounded(Decimal(parts[0]) / 100, 0)


measures.register(
    Measure(
        "weighted", L("Weighted value"), (Part("sum(t.amount_base * coalesce(t.chance, 0))"),), _hundredth, "money",
        about="opportunity", base=OPEN, money=_AMOUNT, how=L("Amount × chance of each open opportunity, then summed."),
    )
)  # fmt: skip


def _velocity(parts: Sequence[Any]) -> Value:
    """Open × average won × win rate ÷ cycle: money a day. Written as one division, so that nothing is rounded in between."""
    open_, won, amount, decided, cycle_days = (Decimal(part or 0) for part in parts)
    # (open × amount/won × won/decided) ÷ (cycle_days/won)
    return measures.divided(open_ * amount * won, decided * cycle_days)


@measures.registered("opportunity", "velocity")
def velocity() -> Measure:
    """What the pipeline brings a day, by the last ninety days."""
    since = (clock.today() - dt.timedelta(days=WINDOW)).isoformat()
    won, decided = (
        f"t.state = 'won' AND t.closed_on >= '{since}'",
        f"t.state IN ('won', 'lost') AND t.closed_on >= '{since}'",
    )
    return Measure(
        "velocity", L("Sales velocity a day"),
        (
            Part("sum(t.state = 'open')"), Part(f"sum({won})"), Part(f"sum(CASE WHEN {won} THEN t.amount_base END)"),
            Part(f"sum({decided})"), Part(f"sum(CASE WHEN {won} THEN {_CYCLE} END)"),
        ),
        _velocity, "money", about="opportunity", money=_AMOUNT, counted=f"({won})",
        how=L("Open opportunities × average won amount × win rate ÷ cycle in days; the latter three of the last 90 days."),
    )  # fmt: skip

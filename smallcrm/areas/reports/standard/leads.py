"""Leads and their sources: how many came and became customers, how soon they were spoken to, what sources cost and brought in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import FOLLOW_UPS
from smallcrm.areas.reports.standard.measured import DECIDED, WON
from smallcrm.base import money
from smallcrm.base.i18n import L
from smallcrm.records import settings
from smallcrm.records.fields import money as rule
from smallcrm.records.figures import Ready, Report, Spec, measures, ready
from smallcrm.records.figures.measures import Measure, Part, Value

MEANT = {"field": "status", "op": "ne", "value": "void"}
_KINDS = ", ".join(f"'{kind}'" for kind in FOLLOW_UPS)
_TOUCH = (
    " LEFT JOIN (SELECT a.about AS lead, min(a.done_at) AS at FROM activity a WHERE a.about_type = 'lead' AND a.done_at IS NOT NULL"
    f" AND a.deleted_at IS NULL AND a.kind IN ({_KINDS}) GROUP BY a.about) touch ON touch.lead = t.id"
)
_AFTER = "max(0, julianday(touch.at) - julianday(t.created_at))"
HOW_TOUCH = L("From the moment a lead came in to the first call, meeting, visit, message or mail about it.")
HOW_COST = L(
    "What its source cost altogether, shared evenly among the leads it brought, and what each lead cost singly. A source whose currency has no rate is left out."
)
HOW_ROI = L(
    "(Won − cost) ÷ cost, by source: what it cost altogether is shared evenly among its decided opportunities. Sources without a cost are left out."
)


def _costs(table: str, counted: str) -> str:
    """Joins ``cost``: what one record's part of its source's whole cost is (``each``), in the company's minor units."""
    codes = [code for (code,) in store.rows("SELECT DISTINCT currency FROM lead_source WHERE currency IS NOT NULL")]
    base = settings.money_currency()
    rates = {code: Decimal(1) if code == base else rule.rate_of(code) for code in codes if code in money.currencies()}
    cases = "".join(f" WHEN '{code}' THEN {float(rate)!r}" for code, rate in rates.items() if rate is not None)
    factor = f"(CASE s.currency{cases} END)" if cases else "NULL"
    return (
        f" LEFT JOIN (SELECT s.name_key AS source, sum(json_extract(l.value, '$.amount')) * {factor} * {10 ** money.digits(base)} / 100.0"
        f" / (SELECT count(*) FROM {table} n WHERE n.source_key = s.name_key AND n.deleted_at IS NULL AND {counted}) AS each"
        " FROM lead_source s, json_each(s.costs) l WHERE s.deleted_at IS NULL GROUP BY s.id) cost ON cost.source = t.source_key"
    )


_OF_LEAD = "coalesce(cost.each, 0) + coalesce(t.cost_base, 0)"


def _whole(parts: Sequence[Any]) -> Value:
    return None if parts[0] is None else measures.rounded(Decimal(str(parts[0])), 0)


def _per(parts: Sequence[Any]) -> Value:
    found = measures.divided(Decimal(str(parts[0] or 0)), parts[1] or 0)
    return None if found is None else measures.rounded(found, 0)


def _roi(parts: Sequence[Any]) -> Value:
    cost = Decimal(str(parts[1] or 0))
    found = measures.divided((Decimal(parts[0] or 0) - cost) * 100, cost)
    return None if found is None else measures.rounded(found, 1)


@measures.registered("lead", "source_cost")
def source_cost() -> Measure:
    """What the leads cost."""
    return Measure(
        "source_cost", L("Cost"), (Part(f"sum({_OF_LEAD})"),), _whole, "money", about="lead", base=MEANT, how=HOW_COST,
        joins=_costs("lead", "n.status <> 'void'"), more_is_better=False,
    )  # fmt: skip


@measures.registered("lead", "cost_per_lead")
def cost_per_lead() -> Measure:
    """The same for one of them."""
    return Measure(
        "cost_per_lead", L("Cost per lead"), (Part(f"sum({_OF_LEAD})"), Part("count(*)")), _per, "money", about="lead", base=MEANT,
        how=HOW_COST, joins=_costs("lead", "n.status <> 'void'"), more_is_better=False,
    )  # fmt: skip


@measures.registered("opportunity", "roi")
def roi() -> Measure:
    """What the sources brought in against what they cost."""
    return Measure(
        "roi", L("Return on what the source cost"),
        (Part("sum(CASE WHEN t.state = 'won' AND cost.each > 0 THEN t.amount_base END)"), Part("sum(cost.each)")), _roi, "percent",
        about="opportunity", base=DECIDED, how=HOW_ROI, joins=_costs("opportunity", "n.state IN ('won', 'lost')"),
    )  # fmt: skip


measures.register(
    Measure(
        "lead_conversion", L("Conversion"), (Part("sum(t.status = 'converted')"), Part("count(*)")), measures.share, "percent", about="lead",
        base=MEANT, how=L("Leads that became customers ÷ all that came in the period."),
    )
)  # fmt: skip
measures.register(
    Measure(
        "first_touch", L("First touch, average"), (Part(f"sum({_AFTER})"), Part(f"count({_AFTER})")),
        lambda parts: measures.divided(Decimal(str(parts[0] or 0)), parts[1] or 0), "days", about="lead", base=MEANT, how=HOW_TOUCH,
        joins=_TOUCH, more_is_better=False,
    )
)  # fmt: skip
measures.register(
    Measure(
        "touched_in_a_day", L("Spoken to within a day"), (Part(f"sum({_AFTER} <= 1)"), Part("count(*)")), measures.share, "percent",
        about="lead", base=MEANT, how=L("Leads that somebody spoke to within 24 hours ÷ all that came in the period."), joins=_TOUCH,
    )
)  # fmt: skip


def _came(measure: str = "count", by: str = "", *, period: str = "this_month") -> Spec:
    return Spec("lead", measure, by, filter=MEANT, when="created_at", period=period, compare="previous")


_FIGURES = (
    Ready("leads", L("Leads"), _came()),
    Ready("lead-conversion", L("Conversion"), _came("lead_conversion")),
    Ready("first-touch", L("First touch, average"), _came("first_touch"), HOW_TOUCH),
    Ready("touched-in-a-day", L("Spoken to within a day"), _came("touched_in_a_day")),
    Ready("leads-by-month", L("Leads by month"), _came(by="created_at:month", period="last_12_months")),
    Ready("leads-by-source", L("Leads by source"), _came(by="source")),
    Ready("conversion-by-source", L("Conversion by source"), _came("lead_conversion", "source")),
    Ready("first-touch-by-owner", L("First touch by person"), _came("first_touch", "owner"), HOW_TOUCH),
)
_YEAR = "this_year"
_SOURCES = (
    Ready("source-cost", L("Cost of the leads"), _came("source_cost", period=_YEAR), HOW_COST),
    Ready("source-cost-by-source", L("Cost by source"), _came("source_cost", "source", period=_YEAR), HOW_COST),
    Ready("cost-per-lead", L("Cost per lead, by source"), _came("cost_per_lead", "source", period=_YEAR), HOW_COST),
    Ready("leads-by-campaign", L("Leads by campaign"), _came(by="campaign", period=_YEAR)),
    Ready(
        "won-by-source-year", L("Won by source"),
        Spec("opportunity", "sum:amount", "source", filter=WON, when="closed_on", period=_YEAR, compare="previous"),
    ),
    Ready("roi-by-source", L("Return by source"), Spec("opportunity", "roi", "source", when="closed_on", period=_YEAR), HOW_ROI),
)  # fmt: skip

ready.report(
    Report(
        "leads", L("Leads"), "user-plus", tuple(ready.figure(each).key for each in _FIGURES),
        L("How many came in from where, how soon they were spoken to, and how many became customers."), 34, compare="previous",
    )
)  # fmt: skip
ready.report(
    Report(
        "sources", L("Sources"), "flag", tuple(ready.figure(each).key for each in _SOURCES),
        L("What each source cost and brought in."), 36, period="this_year", compare="previous",
    )
)  # fmt: skip

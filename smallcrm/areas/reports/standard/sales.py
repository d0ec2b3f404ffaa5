"""Sales figures: the pipeline, what was won and lost and why, by person, team, source, product and region, against last year."""

from __future__ import annotations

from smallcrm.areas.reports.standard.measured import HOW_CYCLE, HOW_WIN_RATE, LOST, OPEN, WON
from smallcrm.base.i18n import L, Label
from smallcrm.records.figures import Ready, Report, Spec, ready

_HOW_WON = L("Amounts of opportunities closed as won in the period, by the day they were closed.")
_HOW_OPEN = L("Amounts of the opportunities that are open now.")


def _won(
    key: str, name: Label, by: str = "", *, measure: str = "sum:amount", period: str = "this_month", chart: str = ""
) -> str:
    spec = Spec("opportunity", measure, by, filter=WON, when="closed_on", period=period, compare="year", chart=chart)
    return ready.figure(Ready(key, name, spec, _HOW_WON)).key


def _open(key: str, name: Label, by: str = "", then: str = "", *, measure: str = "sum:amount", chart: str = "") -> str:
    return ready.figure(Ready(key, name, Spec("opportunity", measure, by, then, OPEN, chart=chart), _HOW_OPEN)).key


def _ended(
    key: str, name: Label, measure: str, by: str = "", *, of: object = None, period: str = "this_month", how: Label = ""
) -> str:
    spec = Spec("opportunity", measure, by, filter=of, when="closed_on", period=period, compare="previous")
    return ready.figure(Ready(key, name, spec, how)).key


ready.report(
    Report(
        "sales", L("Won sales"), "trophy",
        (
            _won("won-value", L("Won value")),
            _won("won-deals", L("Won opportunities"), measure="count"),
            _won("won-average", L("Average won opportunity"), measure="avg:amount"),
            _won("won-by-month", L("Won by month"), "closed_on:month", period="last_12_months"),
            _won("won-by-owner", L("Won by person"), "owner"),
            _won("won-by-team", L("Won by team"), "team"),
            _won("won-by-product", L("Won by product"), "product"),
            _won("won-by-source", L("Won by source"), "source"),
            _won("won-by-region", L("Won by region"), "customer.region"),
        ),
        L("What was won, by whom, with what and where it came from, against the year before."), 10, compare="year",
    )
)  # fmt: skip
ready.report(
    Report(
        "pipeline", L("Pipeline"), "timeline",
        (
            _open("open-value", L("Open pipeline")),
            _open("open-deals", L("Open opportunities"), measure="count"),
            _open("open-weighted", L("Weighted pipeline"), measure="weighted"),
            _open("open-by-stage", L("Open by stage"), "stage", chart="rows"),
            _open("open-by-owner", L("Open by person"), "owner"),
            _open("open-by-month", L("Open by expected close"), "expected_close:month"),
            _open("open-by-owner-stage", L("Open by person and stage"), "owner", "stage", chart="table"),
        ),
        L("What is open now, by stage, person and the month it is expected to close."), 20, period="",
    )
)  # fmt: skip
ready.report(
    Report(
        "won-lost", L("Won and lost"), "arrows-split-2",
        (
            _ended("win-rate", L("Win rate"), "win_rate", how=HOW_WIN_RATE),
            _ended("win-rate-value", L("Win rate by value"), "win_rate_value", how=HOW_WIN_RATE),
            _ended("cycle", L("Sales cycle, average"), "cycle", how=HOW_CYCLE),
            _ended("cycle-median", L("Sales cycle, median"), "cycle_median", how=HOW_CYCLE),
            ready.figure(
                Ready(
                    "velocity", L("Sales velocity a day"), Spec("opportunity", "velocity"),
                    L("Open opportunities × average won amount × win rate ÷ cycle in days; the latter three of the last 90 days."),
                )
            ).key,
            _ended("win-rate-by-month", L("Win rate by month"), "win_rate", "closed_on:month", period="last_12_months", how=HOW_WIN_RATE),
            _ended("win-rate-by-owner", L("Win rate by person"), "win_rate", "owner", how=HOW_WIN_RATE),
            _ended("lost-by-reason", L("Lost, by reason"), "count", "close_reason", of=LOST),
            _ended("lost-value-by-reason", L("Value lost, by reason"), "sum:amount", "close_reason", of=LOST),
            _ended("won-by-reason", L("Won, by reason"), "count", "close_reason", of=WON),
            _ended("lost-to", L("Lost to competitors"), "count", "lost_to", of={"all": [LOST, {"field": "lost_to", "op": "not_empty"}]}),
            _ended("ended-by-month", L("Won and lost by month"), "count", "closed_on:month", period="last_12_months"),
        ),
        L("How much of what is decided is won, how long that takes, and why the rest is lost."), 30, compare="previous",
    )
)  # fmt: skip
_MONTHS = Spec(
    "opportunity",
    "count",
    "closed_on:month",
    "state",
    {"field": "state", "op": "in", "value": ["won", "lost", "invalid"]},
    "closed_on",
    "last_12_months",
)
ready.figure(Ready("ended-by-month", L("Won and lost by month"), _MONTHS))

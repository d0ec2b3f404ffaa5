"""Customers: how many are new and where they come from, what they are worth, which have gone quiet."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records.figures import Ready, Report, Spec, ready

QUIET_DAYS = 60
OWNED = {"field": "owner", "op": "not_empty"}
QUIET = {
    "all": [
        OWNED,
        {"any": [
            {"field": "last_follow_up_at", "op": "older_than_days", "value": QUIET_DAYS},
            {"all": [
                {"field": "last_follow_up_at", "op": "is_empty"},
                {"field": "created_at", "op": "older_than_days", "value": QUIET_DAYS},
            ]},
        ]},
    ]
}  # fmt: skip
_HOW_QUIET = L("Customers with an owner whom nobody has followed up for more than 60 days.")


def _new(by: str = "", *, period: str = "this_month") -> Spec:
    return Spec("customer", "count", by, filter=None, when="created_at", period=period, compare="year")


_FIGURES = (
    Ready("customers", L("Customers"), Spec("customer")),
    Ready("new-customers", L("New customers"), _new()),
    Ready("new-by-month", L("New customers by month"), _new("created_at:month", period="last_12_months")),
    Ready("new-by-source", L("New customers by source"), _new("source")),
    Ready("new-by-owner", L("New customers by person"), _new("owner")),
    Ready("customers-by-grade", L("Customers by grade"), Spec("customer", by="grade")),
    Ready("customers-by-region", L("Customers by region"), Spec("customer", by="region")),
)
_QUIET = (
    Ready("quiet", L("Gone quiet"), Spec("customer", filter=QUIET), _HOW_QUIET),
    Ready("quiet-by-owner", L("Gone quiet, by person"), Spec("customer", by="owner", filter=QUIET), _HOW_QUIET),
    Ready(
        "quiet-by-grade",
        L("Gone quiet, by grade"),
        Spec("customer", by="grade", then="owner", filter=QUIET, chart="table"),
        _HOW_QUIET,
    ),
)

ready.report(
    Report(
        "customers", L("Customers"), "building-store", tuple(ready.figure(each).key for each in _FIGURES),
        L("How many are new, where they come from, and what they are."), 50, compare="year",
    )
)  # fmt: skip
ready.report(
    Report(
        "quiet", L("Gone quiet"), "zzz", tuple(ready.figure(each).key for each in _QUIET),
        L("Customers nobody has spoken to for too long."), 60, period="",
    )
)  # fmt: skip

"""The ready-made lists of customers and contacts."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import views
from smallcrm.records.views import BuiltIn

_MINE = {"field": "owner", "op": "mine"}
_BUYER = {"field": "roles", "op": "eq", "value": "customer"}

views.built_in(
    "customer",
    [
        BuiltIn(
            "follow-ups",
            L("My follow-ups this week"),
            {
                "all": [
                    _MINE,
                    {
                        "any": [
                            {"field": "next_follow_up_on", "op": "within_days", "value": 7},
                            {"field": "next_follow_up_on", "op": "older_than_days", "value": 0},
                        ]
                    },
                ]
            },
            "next_follow_up_on",
        ),
        BuiltIn(
            "no-next-step",
            L("No next step"),
            {"all": [_MINE, _BUYER, {"field": "next_follow_up_on", "op": "is_empty"}]},
            "last_follow_up_at",
        ),
        BuiltIn(
            "quiet",
            L("A customers, quiet for 30 days"),
            {
                "all": [
                    {"field": "grade", "op": "eq", "value": "A"},
                    {
                        "any": [
                            {"field": "last_follow_up_at", "op": "older_than_days", "value": 30},
                            {"field": "last_follow_up_at", "op": "is_empty"},
                        ]
                    },
                ]
            },
            "last_follow_up_at",
        ),
        BuiltIn("suppliers", L("Suppliers"), {"all": [{"field": "roles", "op": "eq", "value": "supplier"}]}),
        BuiltIn(
            "new",
            L("New in 30 days"),
            {"all": [{"field": "created_at", "op": "within_days", "value": -30}]},
            "-created_at",
        ),
        BuiltIn("without-owner", L("Without owner"), {"all": [{"field": "owner", "op": "is_empty"}]}, "-updated_at"),
    ],
)
views.built_in(
    "contact",
    [
        BuiltIn("main", L("Main contacts"), {"all": [{"field": "is_main", "op": "eq", "value": True}]}),
        BuiltIn("alone", L("Without customer"), {"all": [{"field": "customer", "op": "is_empty"}]}),
    ],
)

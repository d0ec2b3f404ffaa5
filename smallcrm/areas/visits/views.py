"""The ready-made lists of visits."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import views
from smallcrm.records.views import BuiltIn

_MINE = {"field": "owner", "op": "mine"}
_OPEN = {"field": "state", "op": "in", "value": ["planned", "under_way"]}
_OVER = {"field": "planned_at", "op": "older_than_days", "value": 0}

views.built_in(
    "visit",
    [
        BuiltIn("mine", L("My visits ahead"), {"all": [_MINE, _OPEN]}, "planned_at"),
        BuiltIn(
            "overdue", L("Overdue visits"), {"all": [{"field": "state", "op": "eq", "value": "planned"}, _OVER]},
            "planned_at",
        ),
        BuiltIn("ended", L("Ended"), {"all": [{"field": "state", "op": "eq", "value": "ended"}]}, "-checked_in_at"),
        BuiltIn(
            "odd", L("Out of range or unverifiable"),
            {"all": [{"field": "in_verdict", "op": "in", "value": ["out_of_range", "unverifiable"]}]}, "-checked_in_at",
        ),
    ],
)  # fmt: skip

"""The ready-made lists of leads and of their rules."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.records import views
from smallcrm.records.views import BuiltIn

_MINE = {"field": "owner", "op": "mine"}


def _is(name: str, value: Any) -> dict[str, Any]:
    return {"field": name, "op": "eq", "value": value}


_OPEN = {"field": "status", "op": "in", "value": ["unassigned", "todo", "following"]}

views.built_in(
    "lead",
    [
        BuiltIn(
            "first-touch",
            L("Mine, waiting for a first touch"),
            {"all": [_MINE, _is("status", "todo")]},
            "first_touch_due_at",
        ),
        BuiltIn(
            "following", L("Mine, being followed up"), {"all": [_MINE, _is("status", "following")]}, "next_follow_up_on"
        ),
        BuiltIn("best", L("Open, best score first"), {"all": [_OPEN]}, "-score"),
        BuiltIn("unassigned", L("Without owner"), {"all": [_is("status", "unassigned")]}, "-created_at"),
        BuiltIn(
            "new",
            L("New in 7 days"),
            {"all": [{"field": "created_at", "op": "within_days", "value": -7}]},
            "-created_at",
        ),
        BuiltIn("converted", L("Converted"), {"all": [_is("status", "converted")]}, "-converted_at"),
        BuiltIn("invalid", L("Invalid", "lead"), {"all": [_is("status", "invalid")]}, "-updated_at"),
    ],
)

"""The ready-made lists of work reports."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import views
from smallcrm.records.views import BuiltIn

_MINE = {"field": "owner", "op": "mine"}

views.built_in(
    "work_report",
    [
        BuiltIn("mine", L("My reports"), {"all": [_MINE]}, "-first_day"),
        BuiltIn(
            "unread",
            L("Not read yet"),
            {"all": [{"field": "state", "op": "eq", "value": "handed_in"}]},
            "-handed_in_at",
        ),
        BuiltIn("late", L("Handed in late"), {"all": [{"field": "late", "op": "eq", "value": True}]}, "-handed_in_at"),
    ],
)

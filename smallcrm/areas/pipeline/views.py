"""The ready-made lists of opportunities."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.records import views
from smallcrm.records.views import BuiltIn

_MINE = {"field": "owner", "op": "mine"}


def _state(state: str) -> dict[str, Any]:
    return {"field": "state", "op": "eq", "value": state}


_SOON = {"field": "expected_close", "op": "within_days", "value": 30}

views.built_in(
    "opportunity",
    [
        BuiltIn("mine-open", L("Mine, open"), {"all": [_MINE, _state("open")]}, "expected_close"),
        BuiltIn("open", L("Open", "opportunities"), {"all": [_state("open")]}, "expected_close"),
        BuiltIn("closing", L("Closing in 30 days"), {"all": [_state("open"), _SOON]}, "expected_close"),
        BuiltIn("won", L("Won"), {"all": [_state("won")]}, "-closed_on"),
        BuiltIn("lost", L("Lost"), {"all": [_state("lost")]}, "-closed_on"),
    ],
)

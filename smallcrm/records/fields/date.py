"""A day without a zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import Cleaning, Field, FieldError, Reading, Values

_FIRST, _LAST = dt.date(1800, 1, 1), dt.date(2200, 12, 31)


class Date(Field):
    """Stored as ``YYYY-MM-DD``. ``within_days`` and ``older_than_days`` count the business's days."""

    kind = "date"
    operators = (*operators.ORDERED, "within_days", "older_than_days")

    def clean(self, value: Any, context: Cleaning) -> str:
        if isinstance(value, dt.datetime):
            value = clock.day_of(value) if value.tzinfo else value.date()
        if isinstance(value, str):
            try:
                text = value.strip()
                value = dt.date.fromisoformat(text[:10] if "T" in text and dt.datetime.fromisoformat(text) else text)
            except ValueError:
                raise FieldError(str(L("This is no date. It looks like 2026-03-09."))) from None
        if not isinstance(value, dt.date):
            raise FieldError(str(L("This is no date. It looks like 2026-03-09.")))
        if not _FIRST <= value <= _LAST:
            raise FieldError(str(L("This date lies too far away.")))
        return value.isoformat()

    def read(self, text: str, context: Cleaning) -> Any:
        try:
            return formats.parse_date(text)
        except ValueError:
            raise FieldError(str(L("There is no date “%(text)s”.", text=text[:40]))) from None

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return formats.date(value) if value else ""

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return dt.date.fromisoformat(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.expr(alias)
        if op == "within_days":
            days = operators.whole_days(value)
            ends = sorted([clock.today(), clock.today() + dt.timedelta(days=days)])
            return f"{column} BETWEEN ? AND ?", [each.isoformat() for each in ends]
        if op == "older_than_days":
            border = clock.today() - dt.timedelta(days=operators.whole_days(value))
            return f"{column} < ?", [border.isoformat()]
        return operators.simple(self, op, value, alias, actor)

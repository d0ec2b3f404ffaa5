"""A moment in UTC, shown on the business's clock."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import Cleaning, Field, FieldError, Reading, Values


class Moment(Field):
    """Stored as ``YYYY-MM-DDTHH:MM:SS.mmmZ``. A filter's bare date stands for that whole business day."""

    kind = "moment"
    operators = (*operators.ORDERED, "within_days", "older_than_days")

    def clean(self, value: Any, context: Cleaning) -> str:
        wrong = FieldError(str(L("This is no time. It looks like 2026-03-09T15:04:00Z.")))
        if isinstance(value, str):
            text = value.strip()
            try:
                value = (
                    clock.at_local(dt.date.fromisoformat(text), dt.time())
                    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)
                    else dt.datetime.fromisoformat(text)
                )
            except (ValueError, OverflowError):
                raise wrong from None
        if not isinstance(value, dt.datetime):
            raise wrong
        if not 1800 <= value.year <= 2200:
            raise FieldError(str(L("This date lies too far away.")))
        if value.tzinfo is None:
            value = clock.at_local(value.date(), value.time())
        return clock.iso(value)

    def read(self, text: str, context: Cleaning) -> Any:
        found = re.fullmatch(r"(.*?)[T ]+(\d{1,2})[:.](\d{2})(?::(\d{2}))?", text.strip())
        try:
            if not found:
                return clock.at_local(formats.parse_date(text), dt.time())
            day = formats.parse_date(found[1])
            return clock.at_local(day, dt.time(int(found[2]), int(found[3]), int(found[4] or 0)))
        except ValueError:
            raise FieldError(str(L("There is no time “%(text)s”.", text=text[:40]))) from None

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return formats.moment(value) if value else ""

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return f"{formats.local(value):%Y-%m-%dT%H:%M}" if value else ""

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return formats.local(value).replace(tzinfo=None) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}

    def _day(self, value: Any) -> dt.date | None:
        """The day that a filter's bare date names, None for a full moment."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
            try:
                return dt.date.fromisoformat(value.strip())
            except ValueError:
                raise FieldError(str(L("There is no such date."))) from None
        return None

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.expr(alias)
        today = clock.today()
        one = dt.timedelta(days=1)
        if op == "within_days":
            first, last = sorted([today, today + dt.timedelta(days=operators.whole_days(value))])
            return f"({column} >= ? AND {column} < ?)", _span(first, last + one)
        if op == "older_than_days":
            return f"{column} < ?", [clock.iso(clock.start_of(today - dt.timedelta(days=operators.whole_days(value))))]
        if op == "between":
            low, high = operators.pair(value)
            low_day, high_day = self._day(low), self._day(high)
            start = clock.iso(clock.start_of(low_day)) if low_day else self.operand(low, actor)
            if high_day:
                return f"({column} >= ? AND {column} < ?)", [start, clock.iso(clock.start_of(high_day + one))]
            return f"{column} BETWEEN ? AND ?", [start, self.operand(high, actor)]
        day = self._day(value) if op in ("eq", "ne", "lt", "lte", "gt", "gte") else None
        if day is None:
            return operators.simple(self, op, value, alias, actor)
        start, end = _span(day, day + one)
        return {
            "eq": (f"({column} >= ? AND {column} < ?)", [start, end]),
            "ne": (f"({column} IS NULL OR {column} < ? OR {column} >= ?)", [start, end]),
            "lt": (f"{column} < ?", [start]),
            "lte": (f"{column} < ?", [end]),
            "gt": (f"{column} >= ?", [end]),
            "gte": (f"{column} >= ?", [start]),
        }[op]


def _span(first: dt.date, after: dt.date) -> list[str]:
    return [clock.iso(clock.start_of(first)), clock.iso(clock.start_of(after))]

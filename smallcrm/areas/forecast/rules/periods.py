"""Months, quarters and years of the business's calendar: ``2026-11``, ``2026-Q4``, ``2026``."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L

MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST = 60  # periods ahead of one page
_KEY = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1990, 2200


@dataclass(frozen=True, order=True)
class Period:
    """One month, quarter or year."""

    year: int
    month: int  # its first
    unit: str = "month"

    @property
    def key(self) -> str:
        """How it is kept and written in addresses."""
        if self.unit == "month":
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-Q{(self.month + 2) // 3}" if self.unit == "quarter" else f"{self.year:04d}"

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, self.month, 1)

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.after().first - dt.timedelta(days=1)

    def after(self, n: int = 1) -> Period:
        """The ``n``-th one after it; before it where ``n`` is negative."""
        months = self.year * 12 + self.month - 1 + n * MONTHS[self.unit]
        return Period(months // 12, months % 12 + 1, self.unit)

    @property
    def words(self) -> str:
        """What people call it."""
        if self.unit == "month":
            return formats.month(self.first)
        if self.unit == "quarter":
            return str(L("Q%(n)s %(year)s", n=(self.month + 2) // 3, year=self.year))
        return str(self.year)


def of(day: dt.date, unit: str) -> Period:
    """The period that holds a day."""
    size = MONTHS[unit]
    return Period(day.year, (day.month - 1) // size * size + 1, unit)


def read(text: str | None) -> Period | None:
    """The period that a key names; None for anything else."""
    found = _KEY.fullmatch(text or "")
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year = int(found[1])
    if found[2]:
        return Period(year, int(found[2])) if 1 <= int(found[2]) <= 12 else None
    return Period(year, int(found[3]) * 3 - 2, "quarter") if found[3] else Period(year, 1, "year")


def ahead(first: Period, n: int) -> list[Period]:
    """So many periods from the first on."""
    return [first.after(i) for i in range(n)]


def now(unit: str) -> Period:
    """The one we are in."""
    return of(clock.today(), unit)

"""Days, weeks from Monday and calendar months of the business; the one before, the one after; what they are called."""

from __future__ import annotations

import calendar
import datetime as dt

from smallcrm.areas.workreports.records import DAILY, WEEKLY
from smallcrm.base import clock, formats

DAY = dt.timedelta(days=1)
Period = tuple[dt.date, dt.date]


def of(kind: str, day: dt.date) -> Period:
    """The first and last day of the period that ``day`` lies in."""
    if kind == DAILY:
        return day, day
    if kind == WEEKLY:
        monday = day - DAY * day.weekday()
        return monday, monday + DAY * 6
    return day.replace(day=1), day.replace(day=month_length(day))


def month_length(day: dt.date) -> int:
    """How many days the month has."""
    return calendar.monthrange(day.year, day.month)[1]


def after(kind: str, period: Period) -> Period:
    """The next one."""
    return of(kind, period[1] + DAY)


def before(kind: str, period: Period) -> Period:
    """The one before."""
    return of(kind, period[0] - DAY)


def between(kind: str, first: dt.date, last: dt.date) -> list[Period]:
    """Every period that begins within these days."""
    found = of(kind, first)
    if found[0] < first:
        found = after(kind, found)
    periods = []
    while found[0] <= last:
        periods.append(found)
        found = after(kind, found)
    return periods


def moments(period: Period) -> tuple[str, str]:
    """As stored moments: from its first one, until the first one behind it."""
    return clock.iso(clock.start_of(period[0])), clock.iso(clock.start_of(period[1] + DAY))


def words(kind: str, period: Period) -> str:
    """What the period is called: Mon 2 Mar; 2–8 Mar; March 2026."""
    first, last = period
    if kind == DAILY:
        return formats.date_long(first)
    if kind == WEEKLY:
        return f"{formats.date(first)} – {formats.date(last)}"
    return formats.month(first)

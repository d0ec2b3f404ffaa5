"""Which days the business works: its weekdays, holidays by name, and days worked in exchange (调休).

Holidays and exchanged days are settings of one line each: a date, or a first and a last one (``2027-02-15..2027-02-21``),
and what the day is called.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from smallcrm.base import formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.records import cache, settings

LONGEST = 62  # days of one line
_LINE = re.compile(
    r"\s*([\d./年月日-]{6,12}?)(?:\s*(?:\.\.|–|—|~|至|到)\s*([\d./年月日-]{6,12}?))?(?:[\s,，:：]+(.*))?\s*"
)


def read_line(line: str) -> tuple[dt.date, dt.date, str]:
    """First day, last day and name of one line. Raises ValueError."""
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError(line)
    first = formats.parse_date(found[1])
    last = formats.parse_date(found[2]) if found[2] else first
    if not first <= last < first + dt.timedelta(days=LONGEST):
        raise ValueError(line)
    return first, last, (found[3] or "").strip()


def check(field: str, lines: Sequence[str]) -> None:
    """Raise Invalid for the first line that is no day."""
    for line in lines:
        try:
            read_line(line)
        except (ValueError, OverflowError):
            message = L("“%(line)s” is no day. It looks like 2026-12-25 Christmas.", line=line[:60])
            raise Invalid({field: [str(message)]}) from None


def _days(lines: Sequence[str]) -> Iterator[tuple[dt.date, str]]:
    for line in lines:
        try:
            first, last, name = read_line(line)
        except ValueError:
            continue
        for step in range((last - first).days + 1):
            yield first + dt.timedelta(days=step), name


@cache.kept
def _calendar() -> tuple[frozenset[int], dict[dt.date, str], dict[dt.date, str]]:
    week = frozenset(int(day) for day in settings.get("follow_ups.weekdays") or ())
    off = dict(_days(settings.get("follow_ups.holidays") or ()))
    worked = dict(_days(settings.get("follow_ups.worked_days") or ()))
    return week or frozenset(range(5)), off, worked


def is_working(day: dt.date) -> bool:
    """Whether the business works on ``day``."""
    week, off, worked = _calendar()
    return day in worked or (day not in off and day.weekday() in week)


def name_of(day: dt.date) -> str:
    """What a holiday, or a day worked in exchange, is called; empty for any other."""
    _, off, worked = _calendar()
    if day in worked:
        return worked[day] or str(L("working day"))
    return (off[day] or str(L("holiday"))) if day in off else ""


def next_working(day: dt.date) -> dt.date:
    """The first working day after ``day``."""
    return on_or_after(day + dt.timedelta(days=1))


def on_or_after(day: dt.date) -> dt.date:
    """``day`` itself where it is worked, else the first one after it; ``day`` where the year has none."""
    return next((d for n in range(370) if is_working(d := day + dt.timedelta(days=n))), day)

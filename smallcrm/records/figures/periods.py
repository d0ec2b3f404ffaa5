"""Stretches of the business's calendar: this month, last quarter, the last 90 days, and those to compare them with.

A range is written ``2026-01-01..2026-03-31``; both days belong to it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from smallcrm.base import clock, formats
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label

Span = tuple[dt.date, dt.date]
DAY = dt.timedelta(days=1)
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)

WORDS: dict[str, Label] = {
    "today": L("Today"), "yesterday": L("Yesterday"), "this_week": L("This week"), "last_week": L("Last week"),
    "this_month": L("This month"), "last_month": L("Last month"), "next_month": L("Next month"),
    "this_quarter": L("This quarter"), "last_quarter": L("Last quarter"), "next_quarter": L("Next quarter"),
    "this_year": L("This year"), "last_year": L("Last year"), "last_7_days": L("Last 7 days"), "last_30_days": L("Last 30 days"),
    "last_90_days": L("Last 90 days"), "last_12_months": L("Last 12 months"), "this_and_last_year": L("This and last year"),
}  # fmt: skip
COMPARISONS: dict[str, Label] = {"previous": L("the period before"), "year": L("the year before")}


def span(period: str) -> Span | None:
    """First and last day; None for all time. Raises BadRequest for words that name none."""
    if not period:
        return None
    if ".." in period:
        return _range(period)
    today = clock.today()
    if period in ("today", "yesterday"):
        day = today - DAY * (period == "yesterday")
        return day, day
    which, _, unit = period.partition("_")
    if unit == "week" and which in ("this", "last"):
        monday = today - DAY * (today.weekday() + 7 * (which == "last"))
        return monday, monday + DAY * 6
    if unit in ("month", "quarter", "year") and which in ("this", "last", "next"):
        return _unit(today, unit, {"last": -1, "this": 0, "next": 1}[which])
    if period in WORDS and unit.endswith("days"):
        return today - DAY * (int(unit.partition("_")[0]) - 1), today
    if period == "last_12_months":
        first = today.replace(day=1)
        return months_on(first, -11), end_of_month(first)
    if period == "this_and_last_year":
        return dt.date(today.year - 1, 1, 1), dt.date(today.year, 12, 31)
    raise BadRequest(L("There is no period “%(period)s”.", period=period[:40]))


def _range(period: str) -> Span:
    try:
        first, last = (dt.date.fromisoformat(part.strip()) for part in period.split("..", 1))
    except ValueError:
        raise BadRequest(L("A period of one’s own is written 2026-01-01..2026-03-31.")) from None
    if not (_FIRST <= first <= last <= _LAST):
        raise BadRequest(L("The first day of a period comes before its last."))
    return first, last


def _unit(today: dt.date, unit: str, step: int) -> Span:
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = dt.date(today.year, (today.month - 1) // length * length + 1, 1)
    first = months_on(first, step * length)
    return first, months_on(first, length) - DAY


def months_on(day: dt.date, n: int) -> dt.date:
    """The same day ``n`` months on; the month's last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_month(day: dt.date) -> dt.date:
    """The last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _whole_months(span: Span) -> int:
    """How many calendar months it is made of; 0 where it is not."""
    first, last = span
    whole = first.day == 1 and last == end_of_month(last)
    return (last.year - first.year) * 12 + last.month - first.month + 1 if whole else 0


def compared(span: Span, comparison: str) -> Span:
    """The stretch to compare with: as long a one just before, or the same a year earlier (weeks: 52 weeks earlier)."""
    first, last = span
    months = _whole_months(span)
    if comparison == "previous":
        if months:
            return months_on(first, -months), first - DAY
        return first - (last - first + DAY), first - DAY
    if months:
        return months_on(first, -12), end_of_month(months_on(last.replace(day=1), -12))
    if first.weekday() == 0 and (last - first).days == 6:
        return first - DAY * 364, last - DAY * 364
    return months_on(first, -12), months_on(last, -12)


def bucket_of(day: dt.date, width: str) -> str:
    """The bucket of a day, as ``store.days.bucket`` names it."""
    if width == "week":
        return (day - DAY * day.weekday()).isoformat()
    if width == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[width]]


def span_of(bucket: str, width: str) -> Span:
    """The days of a bucket. Raises ValueError."""
    if width in ("day", "week"):
        first = dt.date.fromisoformat(bucket)
        return first, first + DAY * (6 if width == "week" else 0)
    if width == "quarter":
        year, _, quarter = bucket.partition("-Q")
        first = dt.date(int(year), int(quarter) * 3 - 2, 1)
        return first, months_on(first, 3) - DAY
    first = dt.date.fromisoformat(f"{bucket}-01" if width == "month" else f"{bucket}-01-01")
    return first, months_on(first, 1 if width == "month" else 12) - DAY


def buckets(span: Span, width: str, most: int = 400) -> list[str]:
    """Every bucket that the stretch touches, in order."""
    return [name for _, name in zip(range(most), _walk(span, width), strict=False)]


def _walk(span: Span, width: str) -> Iterator[str]:
    day = span[0]
    while day <= span[1]:
        name = bucket_of(day, width)
        yield name
        day = span_of(name, width)[1] + DAY


def bucket_words(bucket: str, width: str) -> str:
    """A bucket as people write it."""
    first, _ = span_of(bucket, width)
    if width == "month":
        return formats.month(first)
    if width == "quarter":
        return str(L("Q%(quarter)s %(year)s", quarter=bucket[-1], year=first.year))
    return bucket if width == "year" else formats.date(first, year=True)


def words(span: Span | None) -> str:
    """The stretch as people write it: a month's name, else both days."""
    if span is None:
        return str(L("All time"))
    first, last = span
    if _whole_months(span) == 1:
        return formats.month(first)
    if _whole_months(span) == 12 and first.month == 1:
        return str(first.year)
    if first == last:
        return formats.date(first, year=True)
    return f"{formats.date(first, year=True)} – {formats.date(last, year=True)}"


def label(period: str) -> str:
    """What a period is called where it is chosen."""
    return str(WORDS[period]) if period in WORDS else words(span(period))

"""Days as they are said and the dates they mean.

A day is read first (``dates``) and resolved later: what "Tue" means depends on whether the clause is done or planned.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

Working = Callable[[dt.date], bool]


def weekdays(day: dt.date) -> bool:
    """Monday to Friday: a working day where nobody knows better."""
    return day.weekday() < 5


@dataclass(frozen=True)
class Day:
    """A day as it was said. What ``n``, ``month`` and ``unit`` mean depends on ``form``; see the functions below."""

    form: str
    n: float = 0
    month: int = 0
    year: int = 0
    unit: str = ""
    which: str = ""  # start, mid, end
    part: str = ""  # of the day
    before: bool = False  # "before Friday": the working day ahead of it
    weak: bool = False  # "5/3" alone, "until Monday": no plan without a verb
    led: bool = False  # a preposition says that it is a date


# ---------------------------------------------------------------- when it is


def lean(day: Day, today: dt.date) -> int | None:
    """-1 for a past day, 1 for a coming one, 0 for today; ``None`` where the clause decides (Tue, 5 March)."""
    if day.form == "date" and day.year:
        date = date_or_none(day.year, day.month, int(day.n))
        return None if date is None else (date > today) - (date < today)
    if day.form == "day" and day.which in ("later", "soon", "end"):
        return 1
    if day.form in ("day", "offset", "minutes", "period"):
        return (day.n > 0) - (day.n < 0)
    if day.form == "weekday_of" or day.form == "dom_in" or (day.form == "weekday" and day.month in (-1, 1)):
        if day.month:
            return (day.month > 0) - (day.month < 0)
        away = int(day.n) - today.weekday()
        return (away > 0) - (away < 0)
    if day.form in ("edge", "date_in"):
        years = day.year if day.form == "date_in" else day.n if day.month else 0
        if day.form == "edge" and day.year:
            return 1 if (day.year, day.month) >= (today.year, today.month) else -1
        return -1 if years < 0 else 1
    return None


def resolve(day: Day, now: dt.datetime, *, past: bool, working: Working = weekdays) -> tuple[dt.date, dt.time | None]:
    """The date meant, and the time where it is one of the clock ("in two hours"). ``now`` is local.

    A day without a year or a week is the next one for a plan, the last one for what is done. Raises ValueError for a
    date that there is not, OverflowError for one beyond the calendar.
    """
    today = now.date()
    if day.form == "minutes":
        moment = now + dt.timedelta(minutes=day.n)
        return moment.date(), moment.time().replace(second=0, microsecond=0)
    date = _FORMS[day.form](day, today, past, working)
    if date is None:
        raise ValueError(day)
    if day.before and not past:
        earlier = date - dt.timedelta(days=1)
        while not working(earlier) and earlier > today:
            earlier -= dt.timedelta(days=1)
        date = max(earlier, today)
    return date, None


def date_or_none(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None where the calendar has none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _near(options: list[dt.date], today: dt.date, past: bool) -> dt.date | None:
    """The next of ``options`` from today on, or the last one before or at today."""
    if past:
        return max((d for d in options if d <= today), default=None)
    return min((d for d in options if d >= today), default=None)


def _weekday(day: Day, today: dt.date, past: bool, working: Working) -> dt.date:
    """``month``: 0 bare, 1 next, -1 last, 2 this."""
    away = int(day.n) - today.weekday()
    if day.month == 1:
        return today + dt.timedelta(days=away + 7)
    if day.month == -1 or past:
        return today + dt.timedelta(days=away if away < 0 else away - 7)
    if day.month == 2 and away >= 0:
        return today + dt.timedelta(days=away)
    return today + dt.timedelta(days=away if away > 0 else away + 7)


def _weekday_of(day: Day, today: dt.date, past: bool, working: Working) -> dt.date:
    """``n`` is the weekday, ``month`` the weeks from this one."""
    return today + dt.timedelta(days=int(day.n) - today.weekday() + 7 * day.month)


def _calendar(day: Day, today: dt.date, past: bool, working: Working) -> dt.date | None:
    if day.year:
        return date_or_none(day.year, day.month, int(day.n))
    years = range(today.year - 8, today.year + 9)
    return _near([d for y in years if (d := date_or_none(y, day.month, int(day.n)))], today, past)


def _dom(day: Day, today: dt.date, past: bool, working: Working) -> dt.date | None:
    """The 24th."""
    months = [divmod(today.year * 12 + today.month - 1 + step, 12) for step in range(-3, 4)]
    return _near([d for y, m in months if (d := date_or_none(y, m + 1, int(day.n)))], today, past)


def _dom_in_month(day: Day, today: dt.date, past: bool, working: Working) -> dt.date | None:
    """The 5th of next month: ``month`` counts months from this one."""
    first = add(today.replace(day=1), day.month, "month", working)
    return date_or_none(first.year, first.month, int(day.n))


def _date_in_year(day: Day, today: dt.date, past: bool, working: Working) -> dt.date | None:
    """5 March next year: ``year`` counts years from this one."""
    return date_or_none(today.year + day.year, day.month, int(day.n))


def add(today: dt.date, n: float, unit: str, working: Working) -> dt.date:
    """``n`` units from ``today``; a month keeps the day or ends with the month."""
    if unit == "workday":
        date, left = today, round(abs(n))
        while left:
            date += dt.timedelta(days=1 if n > 0 else -1)
            left -= working(date)
        return date
    if unit in ("month", "year"):
        year, month = divmod(today.year * 12 + today.month - 1 + round(n * (12 if unit == "year" else 1)), 12)
        return dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return today + dt.timedelta(days=round(n * (7 if unit == "week" else 1)))


def _offset(day: Day, today: dt.date, past: bool, working: Working) -> dt.date:
    return add(today, day.n, day.unit or "day", working)


def _first_working(date: dt.date, working: Working) -> dt.date:
    return next((d for n in range(14) if working(d := date + dt.timedelta(days=n))), date)


def _period(day: Day, today: dt.date, past: bool, working: Working) -> dt.date:
    """Next week, next month: its first working day; this week: its Friday; last week: the same day then."""
    n = int(day.n)
    if n < 0 or past:
        return add(today, n, day.unit, working)
    if n == 0:
        return _edge(replace(day, form="edge", which="end"), today, past, working)
    if day.unit == "week":
        start = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7 * n)
    else:
        start = add(today.replace(day=1, month=1 if day.unit == "year" else today.month), n, day.unit, working)
    return _first_working(start, working)


def _edge(day: Day, today: dt.date, past: bool, working: Working) -> dt.date:
    """Start, middle or end of a week, weekend, month, year; ``month`` names one, ``n`` counts from this one."""
    monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7 * int(day.n))
    if day.unit in ("week", "weekend"):
        step = 5 if day.unit == "weekend" else {"start": 0, "mid": 2, "end": 4}[day.which]
        date = monday + dt.timedelta(days=step)
        return date if date >= today or day.n else max(today, date)
    if day.unit == "year":
        year = today.year + int(day.n)
        return dt.date(year, 12, 31) if day.which == "end" else _first_working(dt.date(year, 1, 2), working)
    first = today.replace(day=1)
    if day.month:
        first = dt.date(day.year or today.year + int(day.n), day.month, 1)
        if not day.n and not day.year and not past and _in_month(first, day.which, working) < today:
            first = first.replace(year=first.year + 1)
        return _in_month(first, day.which, working)
    date = _in_month(add(first, day.n, "month", working), day.which, working)
    return date if date >= today or past else _in_month(add(first, day.n + 1, "month", working), day.which, working)


def _in_month(first: dt.date, which: str, working: Working) -> dt.date:
    if which == "end":
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first.replace(day=15) if which == "mid" else _first_working(first, working)


_FORMS: dict[str, Callable[[Day, dt.date, bool, Working], dt.date | None]] = {
    "day": _offset,
    "offset": _offset,
    "weekday": _weekday,
    "weekday_of": _weekday_of,
    "date": _calendar,
    "dom": _dom,
    "dom_in": _dom_in_month,
    "date_in": _date_in_year,
    "period": _period,
    "edge": _edge,
}

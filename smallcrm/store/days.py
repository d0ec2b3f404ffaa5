"""Days in SQL: a moment's day on the business's clock, and the bucket that a day belongs to."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from smallcrm.base import clock

BUCKETS = ("day", "week", "month", "quarter", "year")


def local_day(column: str, first: int, last: int) -> str:
    """The business day of a column of UTC moments that lie within these years: the zone's offset changes at known moments."""
    steps = _offsets(clock.business_zone(), first, last)
    cases = "".join(f" WHEN {column} >= '{at}' THEN '{minutes:+d} minutes'" for at, minutes in reversed(steps[1:]))
    shift = f"CASE{cases} ELSE '{steps[0][1]:+d} minutes' END" if cases else f"'{steps[0][1]:+d} minutes'"
    return f"date(substr({column}, 1, 19), {shift})"


@lru_cache(maxsize=64)
def _offsets(zone: dt.tzinfo, first: int, last: int) -> tuple[tuple[str, int], ...]:
    """(since when, minutes from UTC), the first one for all that was before. A walk over every day: not to be made twice."""
    hour = dt.timedelta(hours=1)
    at = dt.datetime(first, 1, 1, tzinfo=dt.UTC) - dt.timedelta(days=2)
    found = [(clock.iso(at), _minutes(at, zone))]
    for _day in range((last - first + 1) * 366 + 4):
        after = at + dt.timedelta(days=1)
        if _minutes(after, zone) != found[-1][1]:
            border = at
            while _minutes(border, zone) == found[-1][1]:
                border += hour / 4
            found.append((clock.iso(border), _minutes(border, zone)))
        at = after
    return tuple(found)


def _minutes(at: dt.datetime, zone: dt.tzinfo) -> int:
    offset = at.astimezone(zone).utcoffset() or dt.timedelta()
    return round(offset.total_seconds() / 60)


def bucket(day: str, width: str) -> str:
    """The bucket of a day: the day itself, its Monday, ``2026-03``, ``2026-Q1``, ``2026``."""
    return {
        "day": f"substr({day}, 1, 10)",
        "week": f"date({day}, '-6 days', 'weekday 1')",
        "month": f"substr({day}, 1, 7)",
        "quarter": f"substr({day}, 1, 4) || '-Q' || ((CAST(substr({day}, 6, 2) AS INTEGER) + 2) / 3)",
        "year": f"substr({day}, 1, 4)",
    }[width]


def between(first: str, last: str) -> str:
    """Whole days from one day to another."""
    return f"CAST(julianday(substr({last}, 1, 10)) - julianday(substr({first}, 1, 10)) AS INTEGER)"


def gathered(expression: str) -> str:
    """Every value of a group as a JSON list: for what only all of them tell, such as a median."""
    return f"json_group_array({expression})"

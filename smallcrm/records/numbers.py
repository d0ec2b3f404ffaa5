"""Document and customer numbers: a pattern of text, date and counter, given in the writing transaction.

``C-{0:5}`` counts for ever: C-00482. ``SO-{ymd}-{0:4}`` starts again each day. Gaps are possible: a rolled-back write leaves
none, a deleted record does.
"""

from __future__ import annotations

import re

import peewee

from smallcrm import store
from smallcrm.base import clock

_COUNTER = re.compile(r"\{0:(\d)\}")


class NumberSeries(store.Table):
    """The last number given, by series and period."""

    series = peewee.TextField()
    period = peewee.TextField()
    last = peewee.IntegerField()

    class Meta:
        table_name = "number_series"
        primary_key = peewee.CompositeKey("series", "period")


def take(series: str, pattern: str, count: int = 1) -> list[str]:
    """The next ``count`` numbers of a series. Inside ``writing``."""
    day = clock.today()
    stem = pattern.replace("{ymd}", f"{day:%Y%m%d}").replace("{ym}", f"{day:%Y%m}").replace("{y}", f"{day:%Y}")
    period = _COUNTER.sub("", stem)
    store.run(
        "INSERT INTO number_series (series, period, last) VALUES (?, ?, ?)"
        " ON CONFLICT (series, period) DO UPDATE SET last = last + excluded.last",
        [series, period, count],
    )
    last = int(store.value("SELECT last FROM number_series WHERE series = ? AND period = ?", [series, period]))
    found = _COUNTER.search(stem)
    width = int(found[1]) if found else 1
    return [_COUNTER.sub(str(n).zfill(width), stem) for n in range(last - count + 1, last + 1)]

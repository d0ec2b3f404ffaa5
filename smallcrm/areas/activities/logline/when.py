"""The day and time that a clause speaks of, as dates and moments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from smallcrm.areas.activities.logline import days
from smallcrm.areas.activities.logline.clauses import Clause
from smallcrm.areas.activities.logline.clock_times import part_of
from smallcrm.areas.activities.logline.days import Day, Working
from smallcrm.areas.activities.logline.tokens import Item


@dataclass(frozen=True)
class Moment:
    """When and where the line is read: ``now`` on the wall clock of ``zone``."""

    now: dt.datetime
    zone: dt.tzinfo
    working: Working

    @property
    def today(self) -> dt.date:
        """The date on the wall."""
        return self.now.date()

    @property
    def utc(self) -> dt.datetime:
        """``now`` in UTC."""
        return self.now.astimezone(dt.UTC)

    def at(self, date: dt.date, time: dt.time) -> dt.datetime:
        """``date`` and ``time`` on the wall, as a moment in UTC."""
        return dt.datetime.combine(date, time, tzinfo=self.zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class When:
    """A day and a time, where said, and the items that said them."""

    date: dt.date | None = None
    time: dt.time | None = None
    items: tuple[Item, ...] = ()


def resolve(day: Day, here: Moment, *, past: bool) -> tuple[dt.date, dt.time | None] | None:
    """The day meant; None for one that is not in the calendar."""
    try:
        return days.resolve(day, here.now, past=past, working=here.working)
    except (ValueError, OverflowError):
        return None


def when(clause: Clause, here: Moment, *, past: bool) -> When:
    """The first day and the first time of a clause."""
    time_item = clause.first("time")
    time: dt.time | None = time_item.tags["time"] if time_item else None
    for item in clause.items:
        if "date" not in item.tags or not (found := resolve(item.tags["date"], here, past=past)):
            continue
        date, own = found
        name, hour = part_of(item.tags["date"].part) if item.tags["date"].part else ("", 0)
        if own is not None:
            return When(date, own, (item,))
        if time is None:
            return When(date, dt.time(hour) if name else None, (item,))
        if name in ("afternoon", "evening", "night") and time.hour < 12:
            time = time.replace(hour=time.hour + 12)
        return When(date, time, (item, time_item) if time_item else (item,))
    return When(None, time, (time_item,) if time_item else ())


def mentioned(found: list[Clause], here: Moment) -> list[dt.date]:
    """Coming days that facts speak of: back on Monday."""
    said = [
        item.tags["date"] for clause in found if clause.role == "fact" for item in clause.items if "date" in item.tags
    ]
    dates = [resolved[0] for day in said if (resolved := resolve(day, here, past=False))]
    return [date for date in dates if date > here.today]

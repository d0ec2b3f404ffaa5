"""Recurring activities: one stands open at a time, and finishing it makes the next.

A series is counted from ``repeats_on``. The day of the month is kept: from the 31st on, a short month has it on its last
day and the one after on the 31st again. The time is that of the business's clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule

from smallcrm.areas.activities.rules.states import due_day, local_time
from smallcrm.areas.activities.rules.working_days import is_working, on_or_after
from smallcrm.base import clock

FAR = 366 * 40  # days ahead at which looking ends


def occurrences(repeat: str, every: int, anchor: dt.date, *, skip: bool) -> Iterator[tuple[dt.date, dt.date]]:
    """(day by the rule, day it is due) from the anchor on. ``skip`` keeps them off the business's days off."""
    for moment in _rule(repeat, every, anchor):
        day = moment.date()
        if repeat == "weekdays" or (repeat == "daily" and skip):
            if is_working(day):
                yield day, day
        else:
            yield day, on_or_after(day) if skip else day


def _rule(repeat: str, every: int, anchor: dt.date) -> Iterable[dt.datetime]:
    start = dt.datetime.combine(anchor, dt.time())
    last = start + dt.timedelta(days=FAR)
    if repeat in ("daily", "weekdays"):
        return rrule(DAILY, dtstart=start, until=last, interval=every if repeat == "daily" else 1)
    if repeat == "weekly":
        return rrule(WEEKLY, dtstart=start, until=last, interval=every)
    # the day itself, or the last one of a month that is too short
    days = {"bymonthday": (anchor.day, -1), "bysetpos": 1}
    first = dt.datetime.combine(anchor.replace(day=1), dt.time())
    if repeat == "monthly":
        found = rrule(MONTHLY, dtstart=first, until=last, interval=every, **days)
    else:
        found = rrule(YEARLY, dtstart=first, until=last, interval=every, bymonth=anchor.month, **days)
    return (moment for moment in found if moment >= start)


def next_day(values: Mapping[str, Any], done_on: dt.date) -> dt.date | None:
    """The day the next one is due after this one was done; None where the series ends.

    It lies behind this one's day and not before the day on which it was done: what was missed meanwhile is not made up for.
    """
    day, anchor = due_day(values), _anchor(values)
    if day is None or anchor is None or not values.get("repeat"):
        return None
    until = values.get("repeat_until")
    found = occurrences(
        values["repeat"], int(values.get("repeat_every") or 1), anchor, skip=bool(values.get("repeat_skip"))
    )
    if until:
        found = takewhile(lambda pair: pair[0].isoformat() <= until, found)
    return next((due for _, due in found if due > day and due >= done_on), None)


def _anchor(values: Mapping[str, Any]) -> dt.date | None:
    text = values.get("repeats_on")
    return dt.date.fromisoformat(text) if text else due_day(values)


CARRIED = (
    "kind", "subject", "body", "customer", "contact", "about", "about_type", "all_day", "duration_minutes", "direction",
    "owner", "repeat", "repeat_every", "repeat_until", "repeat_skip",
)  # fmt: skip


def following(values: Mapping[str, Any], done_on: dt.date) -> dict[str, Any] | None:
    """The columns of the next one in the series, None where it ends."""
    day = next_day(values, done_on)
    if day is None:
        return None
    due = clock.at_local(day, local_time(values["due_at"]))
    found = {name: values.get(name) for name in CARRIED}
    found |= {name: value for name, value in values.items() if name[:1] == "c" and name[1:2].isdigit()}
    found["due_at"] = clock.iso(due)
    found["reminder_at"] = shifted(values.get("reminder_at"), values["due_at"], found["due_at"])
    found["repeats_from"] = values.get("repeats_from") or values["id"]
    found["repeats_on"] = str(_anchor(values))
    return found


def shifted(reminder: str | None, old: str | None, new: str | None) -> str | None:
    """A reminder that keeps its distance in days and on the clock from what moves from ``old`` to ``new``."""
    if not reminder or not old or not new:
        return None if not new else reminder
    zone = clock.business_zone()
    at, was, now = (clock.moment(text).astimezone(zone).replace(tzinfo=None) for text in (reminder, old, new))
    to = now - (was - at)
    return clock.iso(clock.at_local(to.date(), to.time()))

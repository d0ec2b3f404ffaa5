"""What an activity's values say: open or done, when it is due, whether it counts as a follow-up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.activities.records import FOLLOW_UPS
from smallcrm.base import clock

Values = Mapping[str, Any]


def is_open(values: Values | None) -> bool:
    """Whether it is planned and lives."""
    return bool(values) and not values.get("done_at") and not values.get("deleted_at")  # type: ignore[union-attr]


def is_done(values: Values | None) -> bool:
    """Whether it is done and lives."""
    return bool(values) and bool(values.get("done_at")) and not values.get("deleted_at")  # type: ignore[union-attr]


def is_follow_up(values: Values | None) -> bool:
    """Whether it is done and counts as a follow-up."""
    return is_done(values) and values is not None and values.get("kind") in FOLLOW_UPS


def day_of(moment: str) -> dt.date:
    """The business day of a stored moment."""
    return clock.day_of(clock.moment(moment))


def due_day(values: Values) -> dt.date | None:
    """The business day it is due on."""
    return day_of(values["due_at"]) if values.get("due_at") else None


def local_time(moment: str) -> dt.time:
    """A stored moment on the business's clock."""
    return clock.moment(moment).astimezone(clock.business_zone()).time().replace(tzinfo=None)


def is_late(values: Values) -> bool:
    """Whether it is open and its time, or its day where it has no time, is over."""
    if not is_open(values) or not values.get("due_at"):
        return False
    if values.get("all_day"):
        return day_of(values["due_at"]) < clock.today()
    return bool(values["due_at"] < clock.stamp())

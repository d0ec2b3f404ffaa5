"""What time it is. Moments are UTC, dates are the business's: one zone draws every day's border.

``at`` sets another "now" for everything inside it, which is how ``job run --now``, the demo and the tests travel.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen", default=None)
_business_zone = ZoneInfo("UTC")
_today: tuple[int, ZoneInfo, dt.date] = (0, _business_zone, dt.date.min)


def now() -> dt.datetime:
    """The present moment, aware, in UTC, to the millisecond."""
    moment = _frozen.get() or dt.datetime.now(dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@contextmanager
def at(moment: dt.datetime | None) -> Iterator[None]:
    """Everything inside believes that it is ``moment`` (aware). ``None`` changes nothing."""
    if moment is None:
        yield
        return
    token = _frozen.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def set_to() -> dt.datetime | None:
    """The moment that ``at`` has set, to take it along to another thread; None while the real clock runs."""
    return _frozen.get()


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone called ``name``; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def set_business_zone(name: str) -> None:
    """Called when the settings are read or change."""
    global _business_zone
    _business_zone = zone(name)


def business_zone() -> ZoneInfo:
    """The zone in which a day begins and ends for this company."""
    return _business_zone


def today() -> dt.date:
    """The business's date at this moment."""
    global _today
    if _frozen.get() is not None:
        return now().astimezone(_business_zone).date()
    minute = int(time.time() // 60)  # a page asks a hundred times; no zone's day begins within a minute
    if _today[0] != minute or _today[1] is not _business_zone:
        _today = (minute, _business_zone, now().astimezone(_business_zone).date())
    return _today[2]


def day_of(moment: dt.datetime) -> dt.date:
    """The business day that ``moment`` falls on."""
    return moment.astimezone(_business_zone).date()


def start_of(day: dt.date) -> dt.datetime:
    """The moment at which ``day`` begins in the business's zone, in UTC."""
    return at_local(day, dt.time())


def at_local(day: dt.date, time: dt.time) -> dt.datetime:
    """``day`` at ``time`` on the business's clock, as a moment in UTC. A time that a clock change skips is the one after."""
    local = dt.datetime.combine(day, time, tzinfo=_business_zone)
    return local.astimezone(dt.UTC)


def iso(moment: dt.datetime) -> str:
    """How a moment is stored and sent: ``2026-11-21T08:30:00.000Z``. Sorts as text."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def stamp() -> str:
    """``iso(now())``."""
    return iso(now())


def moment(text: str) -> dt.datetime:
    """The moment that ``iso`` wrote. Raises ValueError for anything else."""
    parsed = dt.datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"no zone in {text!r}")
    return parsed.astimezone(dt.UTC)

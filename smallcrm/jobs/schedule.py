"""When a job is to run: schedules, each of which names the slot that a moment belongs to.

A slot is one run that is owed: ``2026-11-21`` of a daily job. Calendar schedules follow the business's clock: each
local day has exactly one slot, also where a clock change skips or doubles the hour, and a day that a zone leaves out
(Samoa had no 30 December 2011) has none.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from smallcrm.base import clock, formats
from smallcrm.base.i18n import _, language, ngettext

_DAY = dt.timedelta(days=1)


class Schedule(ABC):
    """``str()`` of a schedule is what ``parse`` reads."""

    calendar = True  # owed by the business's calendar, not merely every so often

    @abstractmethod
    def slot(self, now: dt.datetime) -> str:
        """The name of the latest slot that has begun."""

    @abstractmethod
    def began(self, now: dt.datetime) -> dt.datetime:
        """When that slot began."""

    @abstractmethod
    def next(self, now: dt.datetime) -> dt.datetime:
        """When the slot after it begins."""

    @abstractmethod
    def words(self) -> str:
        """For people, in the current language."""

    def at_time(self, time: str) -> Schedule:
        """The same at another time of day; one that has none stays. Raises ValueError for what is no time."""
        return self


@dataclass(frozen=True)
class Every(Schedule):
    """Again and again, at whole multiples of the period."""

    seconds: int = 0
    minutes: int = 0
    calendar = False

    def __post_init__(self) -> None:
        if self.period < 1:
            raise ValueError("a period of at least a second")

    @property
    def period(self) -> int:
        """In seconds."""
        return self.seconds + 60 * self.minutes

    def began(self, now: dt.datetime) -> dt.datetime:
        """The multiple of the period at or before ``now``."""
        return dt.datetime.fromtimestamp(int(now.timestamp()) // self.period * self.period, dt.UTC)

    def slot(self, now: dt.datetime) -> str:
        """``2026-11-21T08:30:05Z``."""
        return f"{self.began(now):%Y-%m-%dT%H:%M:%SZ}"

    def next(self, now: dt.datetime) -> dt.datetime:
        """The multiple after ``now``."""
        return self.began(now) + dt.timedelta(seconds=self.period)

    def words(self) -> str:
        """``every 5 minutes``."""
        if self.period % 60:
            return ngettext("every second", "every %(n)s seconds", self.period)
        return ngettext("every minute", "every %(n)s minutes", self.period // 60)

    def __str__(self) -> str:
        return f"every {self.period}s"


def _time_of_day(text: str) -> dt.time:
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
        raise ValueError(f"not a time of day: {text!r}")
    hour, _sep, minute = text.partition(":")
    return dt.time(int(hour), int(minute))


class _Calendar(Schedule):
    """Common to what follows the business's days. A subclass says which days, and what a day's slot is called."""

    time: str

    def __post_init__(self) -> None:
        _time_of_day(self.time)

    @property
    def at(self) -> dt.time:
        """The time of day."""
        return _time_of_day(self.time)

    def at_time(self, time: str) -> Schedule:
        """The same days at another time."""
        return replace(self, time=time)  # type: ignore[type-var]

    @abstractmethod
    def _owed(self, day: dt.date) -> bool:
        """Whether the day has a slot."""

    @abstractmethod
    def _name(self, day: dt.date) -> str: ...

    def _current(self, now: dt.datetime) -> dt.date:
        # One day ahead: a clock set back over midnight makes today yesterday again, and its slot has begun already.
        day = clock.day_of(now) + _DAY
        while not self._owed(day) or clock.at_local(day, self.at) > now:
            day -= _DAY
        return day

    def slot(self, now: dt.datetime) -> str:
        """The name of the latest day that has begun."""
        return self._name(self._current(now))

    def began(self, now: dt.datetime) -> dt.datetime:
        """That day at the schedule's time; where the clock skips the time, the moment after."""
        return clock.at_local(self._current(now), self.at)

    def next(self, now: dt.datetime) -> dt.datetime:
        """The next such day at the schedule's time."""
        day = self._current(now) + _DAY
        while not self._owed(day):
            day += _DAY
        return clock.at_local(day, self.at)


@dataclass(frozen=True)
class Daily(_Calendar):
    """Once each day of the business's calendar."""

    time: str

    def _owed(self, day: dt.date) -> bool:
        return clock.start_of(day) < clock.start_of(day + _DAY)

    def _name(self, day: dt.date) -> str:
        return day.isoformat()

    def words(self) -> str:
        """``daily at 00:30``."""
        return _("daily at %(time)s", time=f"{self.at:%H:%M}")

    def __str__(self) -> str:
        return f"daily {self.at:%H:%M}"


@dataclass(frozen=True)
class Weekly(_Calendar):
    """Once a week, on ``day`` (0 is Monday). Moving the day never makes two runs in one week."""

    day: int
    time: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.day <= 6:
            raise ValueError(f"not a day of the week: {self.day}")

    def _owed(self, day: dt.date) -> bool:
        return day.weekday() == self.day

    def _name(self, day: dt.date) -> str:
        year, week, _weekday = day.isocalendar()
        return f"{year}-W{week:02d}"

    def words(self) -> str:
        """``every Monday at 02:00``."""
        name = formats.pattern(language()).days_full[self.day]
        return _("every %(weekday)s at %(time)s", weekday=name, time=f"{self.at:%H:%M}")

    def __str__(self) -> str:
        return f"weekly {self.day} {self.at:%H:%M}"


@dataclass(frozen=True)
class Monthly(_Calendar):
    """Once a month, on ``day``; in a month that is too short, on its last one."""

    day: int
    time: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.day <= 31:
            raise ValueError(f"not a day of the month: {self.day}")

    def _owed(self, day: dt.date) -> bool:
        return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])

    def _name(self, day: dt.date) -> str:
        return f"{day:%Y-%m}"

    def words(self) -> str:
        """``on day 1 of each month at 03:00``."""
        return _("on day %(day)s of each month at %(time)s", day=self.day, time=f"{self.at:%H:%M}")

    def __str__(self) -> str:
        return f"monthly {self.day} {self.at:%H:%M}"


def parse(text: str) -> Schedule:
    """The schedule that ``str()`` wrote: ``every 5s``, ``daily 00:30``, ``weekly 0 02:00``, ``monthly 1 03:00``.

    Raises ValueError.
    """
    match text.split():
        case ["every", period] if re.fullmatch(r"\d{1,9}s", period):
            return Every(seconds=int(period[:-1]))
        case ["daily", time]:
            return Daily(time)
        case ["weekly", day, time] if day.isascii() and day.isdigit():
            return Weekly(int(day), time)
        case ["monthly", day, time] if day.isascii() and day.isdigit():
            return Monthly(int(day), time)
    raise ValueError(f"not a schedule: {text!r}")

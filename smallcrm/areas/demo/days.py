"""Moments at which people work, and how far back the demo company goes."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from smallcrm.base import clock

YEARS = 730  # days of history


@dataclass(frozen=True)
class Days:
    """The demo's calendar: ``now`` is the moment it was made at, ``today`` the business's date then."""

    now: dt.datetime
    today: dt.date

    @classmethod
    def from_now(cls) -> Days:
        """As the clock tells."""
        return cls(clock.now(), clock.today())

    @property
    def start(self) -> dt.datetime:
        """When the company began to use smallcrm."""
        return self.now - dt.timedelta(days=YEARS)

    def at_work(self, rng: random.Random, day: dt.date, *, early: int = 8, late: int = 17) -> dt.datetime:
        """A moment in the office hours of ``day``, of the Friday before where that is a weekend; never later than now."""
        day -= dt.timedelta(days=max(0, day.weekday() - 4))
        moment = clock.at_local(
            day, dt.time(rng.randint(early, late - 1), rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)))
        )
        return min(moment, self.now - dt.timedelta(minutes=rng.randint(3, 90)))

    def ago(self, rng: random.Random, days: float) -> dt.datetime:
        """A working moment so many days ago."""
        return self.at_work(rng, self.today - dt.timedelta(days=round(days)))

    def ahead(self, rng: random.Random, days: int) -> dt.datetime:
        """A working moment so many days ahead, the Monday after where that is a weekend."""
        day = self.today + dt.timedelta(days=days)
        day += dt.timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
        return clock.at_local(day, dt.time(rng.randint(9, 16), rng.choice((0, 15, 30, 45))))

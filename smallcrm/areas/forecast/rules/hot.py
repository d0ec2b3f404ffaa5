"""The hot list: open opportunities that are likely, near and lately spoken about, and why each stands where it stands.

A place is chance × nearness × touch. Nearness falls evenly from 1 for today (and for what is overdue) to a quarter after 90 days.
Touch is 1 within a week of the last follow-up, 0.8 within two, 0.6 within a month, else 0.4.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.forecast.rules.funnel import narrowed
from smallcrm.areas.forecast.rules.pieces import Sql
from smallcrm.areas.forecast.rules.which import Which, reach
from smallcrm.base import clock
from smallcrm.base.i18n import L, ngettext

DAYS = 90
OVERDUE = 30  # days for which an overdue one stays on the list
FAR = 0.25  # nearness after DAYS
TOUCH = ((7, 1.0), (14, 0.8), (30, 0.6))
COLD = 0.4


@dataclass(frozen=True)
class Hot:
    """An opportunity with its place's reasons."""

    id: int
    chance: int
    close: str
    touched: str | None
    amount: int | None
    score: int  # of 100

    @property
    def days(self) -> int:
        """Until it is to close; negative for overdue."""
        return (dt.date.fromisoformat(self.close) - clock.today()).days

    @property
    def quiet(self) -> int | None:
        """Days since it was last spoken about."""
        return None if not self.touched else (clock.today() - clock.day_of(clock.moment(self.touched))).days

    def reasons(self) -> list[str]:
        """Why it stands where it stands."""
        return [str(L("%(n)s %% likely", n=self.chance)), self._near(), self._spoken()]

    def _near(self) -> str:
        if self.days < 0:
            return ngettext("was to close %(n)s day ago", "was to close %(n)s days ago", -self.days)
        if self.days == 0:
            return str(L("is to close today"))
        return ngettext("closes in %(n)s day", "closes in %(n)s days", self.days)

    def _spoken(self) -> str:
        if self.quiet is None:
            return str(L("never spoken about yet"))
        if self.quiet <= 0:
            return str(L("spoken about today"))
        return ngettext("spoken about %(n)s day ago", "spoken about %(n)s days ago", self.quiet)


def score(chance: int, days: int, quiet: int | None) -> int:
    """The same as the statement works out, of 100."""
    near = 1.0 - (1.0 - FAR) * min(max(days, 0), DAYS) / DAYS
    touch = next((worth for most, worth in TOUCH if quiet is not None and quiet <= most), COLD)
    return int(chance * near * touch + 0.5)


def hot(which: Which, *, limit: int, skip: int = 0) -> list[Hot]:
    """The hottest first; of equal ones the larger."""
    today = clock.today()
    where, reached = reach(which.actor)
    more = narrowed(which, "t")
    cases = " ".join("WHEN t.last_follow_up_at >= ? THEN ?" for _ in TOUCH)
    touches = [
        value for most, worth in TOUCH for value in (clock.iso(clock.start_of(today - dt.timedelta(days=most))), worth)
    ]
    made = Sql(
        "SELECT t.id, coalesce(t.chance, 0), t.expected_close, t.last_follow_up_at, t.amount_base, CAST(coalesce(t.chance, 0) * (1.0 - ? *"
        f" max(julianday(t.expected_close) - julianday(?), 0) / ?) * (CASE {cases} ELSE ? END) + 0.5 AS INTEGER) AS place"
        " FROM opportunity t WHERE t.state = 'open' AND t.expected_close BETWEEN ? AND ?",
        [
            1.0 - FAR, today.isoformat(), DAYS, *touches, COLD, (today - dt.timedelta(days=OVERDUE)).isoformat(),
            (today + dt.timedelta(days=DAYS)).isoformat(),
        ],
    )  # fmt: skip
    if which.pipeline:
        made.add(" AND t.pipeline = ?", which.pipeline)
    made.add(
        f" AND {where}{more.text} ORDER BY place DESC, coalesce(t.amount_base, 0) DESC, t.id LIMIT ? OFFSET ?",
        *reached,
        *more.params,
        limit,
        skip,
    )
    return [Hot(*row) for row in store.rows(made.text, made.params)]

"""How often opportunities are won, how long that takes, and what a day of it brings: of those closed in a period, invalid ones out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from smallcrm import store
from smallcrm.areas.forecast.rules import pieces
from smallcrm.areas.forecast.rules.funnel import Found, narrowed, share
from smallcrm.areas.forecast.rules.pieces import Sql
from smallcrm.areas.forecast.rules.which import Which, reach

BY = {
    "": "NULL",
    "person": "owner",
    "team": "team",
    "pipeline": "pipeline",
    "source": "source",
    "month": "substr(day, 1, 7)",
}


@dataclass
class Speed:
    """Counts and sums of those closed; ``days`` from begin to end of the won ones → how many took so long."""

    won: int = 0
    lost: int = 0
    won_amount: int = 0
    lost_amount: int = 0
    priced: int = 0  # won ones whose amount has a value
    days: dict[int, int] = field(default_factory=dict)
    open: int = 0  # open now

    @property
    def rate(self) -> Decimal | None:
        """Won ÷ closed, by count."""
        return share(self.won, self.won + self.lost)

    @property
    def rate_amount(self) -> Decimal | None:
        """Won ÷ closed, by amount."""
        return share(self.won_amount, self.won_amount + self.lost_amount)

    @property
    def average(self) -> int | None:
        """The average amount of a won one."""
        return None if not self.priced else _half_up(Decimal(self.won_amount) / self.priced)

    @property
    def cycle(self) -> Decimal | None:
        """Days from begin to win, on average, to a tenth."""
        exact = self._cycle
        return None if exact is None else exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)

    @property
    def _cycle(self) -> Decimal | None:
        n = sum(self.days.values())
        return None if not n else Decimal(sum(day * many for day, many in self.days.items())) / n

    @property
    def median(self) -> Decimal | None:
        """The day by which half of them were won."""
        n = sum(self.days.values())
        if not n:
            return None
        return (Decimal(self._nth((n - 1) // 2)) + self._nth(n // 2)) / 2

    def _nth(self, place: int) -> int:
        passed = 0
        for day in sorted(self.days):
            passed += self.days[day]
            if passed > place:
                return day
        raise AssertionError

    @property
    def velocity(self) -> int | None:
        """Open ones × average won amount × win rate ÷ cycle: money a day in minor units."""
        cycle, rate = self._cycle, self.rate
        if not cycle or rate is None or not self.priced:
            return None
        return _half_up(self.open * (Decimal(self.won_amount) / self.priced) * rate / cycle)


def _half_up(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def coverage(open_: int, target: int | None, won: int) -> Decimal | None:
    """The open pipeline of a period ÷ what is still to be won; None without a target, or once it is reached."""
    return None if target is None or target - won <= 0 else Decimal(open_) / Decimal(target - won)


def _closed(which: Which, first: dt.date, last: dt.date) -> Sql:
    """``closed (id, state, day, amount, stage, opened_on, owner, team, pipeline, source)``."""
    where, reached = reach(which.actor)
    made = Sql("WITH closed AS (")
    for n, state in enumerate(("won", "lost")):
        made.add(" UNION ALL " if n else "")
        if which.past:
            more, amount = narrowed(which), "CASE WHEN h.until IS NULL THEN t.amount_base ELSE h.amount END"
            made.add(
                f"SELECT t.id, '{state}' AS state, h.closed_on AS day, {amount} AS amount, h.stage, t.opened_on, h.owner, h.team, h.pipeline,"
                f" t.source FROM stage_history h CROSS JOIN opportunity t ON t.id = h.opportunity WHERE h.state = '{state}'"
                f" AND h.closed_on BETWEEN ? AND ? AND h.at < ? AND (h.until IS NULL OR h.until >= ?) AND {where}{more.text}",
                first.isoformat(), last.isoformat(), which.moment, which.moment, *reached, *more.params,
            )  # fmt: skip
        else:
            more = narrowed(which, "t")
            made.add(
                f"SELECT t.id, t.state, t.closed_on AS day, t.amount_base AS amount, t.stage, t.opened_on, t.owner, t.team, t.pipeline,"
                f" t.source FROM opportunity t WHERE t.state = '{state}' AND t.closed_on BETWEEN ? AND ? AND {where}{more.text}",
                first.isoformat(), last.isoformat(), *reached, *more.params,
            )  # fmt: skip
    made.add(")")
    return made


def speeds(which: Which, first: dt.date, last: dt.date, *, by: str = "") -> Mapping[int | str | None, Speed]:
    """By person, team, pipeline, source or month of closing; under None all that belong to none, or all."""
    made = _closed(which, first, last)
    days = "CASE WHEN state = 'won' THEN CAST(julianday(day) - julianday(opened_on) AS INTEGER) END"
    made.add(f" SELECT {BY[by]}, state, {days}, count(*), count(amount), coalesce(sum(amount), 0) FROM closed WHERE 1")
    if which.pipeline:
        made.add(" AND pipeline = ?", which.pipeline)
    found: dict[int | str | None, Speed] = {}
    for key, state, took, n, priced, amount in store.rows(made.add(" GROUP BY 1, 2, 3").text, made.params):
        each = found.setdefault(key, Speed())
        if state == "lost":
            each.lost, each.lost_amount = each.lost + n, each.lost_amount + amount
            continue
        each.won, each.won_amount, each.priced = each.won + n, each.won_amount + amount, each.priced + priced
        if took is not None:
            each.days[took] = each.days.get(took, 0) + n
    if by != "month":
        for key, n in _open(which, by).items():
            found.setdefault(key, Speed()).open = n
    return found


def _open(which: Which, by: str) -> dict[int | str | None, int]:
    whole = Which(which.actor, which.as_of, which.pipeline, None, None, None, which.source)
    made = Sql("WITH o AS (")
    for n, part in enumerate(pieces.standing(whole, None, None, won=False)):
        made.add(" UNION ALL " if n else "").add(
            f"SELECT {part.alias}.owner, {part.alias}.team, {part.alias}.pipeline, t.source FROM {part.source()} WHERE {part.where}",
            *part.params,
        )
    made.add(f") SELECT {BY[by]}, count(*) FROM o WHERE 1")
    if which.person:
        made.add(" AND owner = ?", which.person)
    if which.team:
        made.add(" AND team IN (SELECT value FROM json_each(?))", which.teams)
    return dict(store.rows(made.add(" GROUP BY 1").text, made.params))


def total(found: Mapping[int | str | None, Speed]) -> Speed:
    """All together."""
    made = Speed()
    for each in found.values():
        for name in ("won", "lost", "won_amount", "lost_amount", "priced", "open"):
            setattr(made, name, getattr(made, name) + getattr(each, name))
        for day, n in each.days.items():
            made.days[day] = made.days.get(day, 0) + n
    return made


def closed_behind(
    which: Which, first: dt.date, last: dt.date, states: tuple[str, ...], by: str = "", key: str | int | None = None
) -> list[Found]:
    """Those closed, won or lost or both; of one row of a table. ``key`` "" or 0: what belongs to none."""
    made = _closed(which, first, last)
    made.add(
        " SELECT id, amount, day, stage, owner FROM closed WHERE state IN (SELECT value FROM json_each(?))",
        store.json_list(states),
    )
    if which.pipeline:
        made.add(" AND pipeline = ?", which.pipeline)
    if by and key is not None:
        made.add(f" AND {BY[by]} IS ?", key or None)
    return store.rows(made.add(" ORDER BY coalesce(amount, 0) DESC, id").text, made.params)

"""What each page of the sales areas sums, as bare SQL over the same database: the least that its figures cost here."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

Asked = tuple[str, Sequence[object]]
LIVE = "t.deleted_at IS NULL"
OPEN, WON, LOST = (f"{LIVE} AND t.state = '{state}'" for state in ("open", "won", "lost"))
NAMED = "t.id, t.name, t.customer, t.stage, t.amount, t.currency, t.chance, t.expected_close, t.next_step, t.owner"


def _of(select: str, where: str, by: str = "", source: str = "opportunity t") -> str:
    return f"SELECT {by + ', ' if by else ''}{select} FROM {source} WHERE {where}" + (f" GROUP BY {by}" if by else "")


class Bare:
    """The statements of each page, for the days it shows of itself."""

    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.month = today.replace(day=1)

    def _months(self, n: int) -> dt.date:
        """The first day of the month so many months away."""
        whole = self.month.year * 12 + self.month.month - 1 + n
        return dt.date(whole // 12, whole % 12 + 1, 1)

    def _spans(self, *, year: bool = False, months: int = 1) -> list[tuple[str, str]]:
        """The latest months, and those that they are compared with."""
        back = 12 if year else months
        first, after = self._months(1 - months), self._months(1)
        earlier, end = self._months(1 - months - back), self._months(1 - back)
        day = dt.timedelta(days=1)
        return [
            (first.isoformat(), (after - day).isoformat()),
            (earlier.isoformat(), (end - day).isoformat()),
        ]

    def _both(
        self, select: str, where: str, by: str = "", *, on: str = "t.closed_on", source: str = "opportunity t", year: bool = False, months: int = 1
    ) -> list[Asked]:  # fmt: skip
        """A figure over a period and over the one before."""
        sql = _of(select, f"{where} AND {on} BETWEEN ? AND ?", by, source)
        return [(sql, span) for span in self._spans(year=year, months=months)]

    def board(self) -> list[Asked]:
        """Each column's count and sums, and its first cards."""
        since = (self.today - dt.timedelta(days=30)).isoformat()
        shown = f"{LIVE} AND (t.state = 'open' OR t.closed_on >= '{since}')"
        cards = f"SELECT {NAMED} FROM stage s JOIN opportunity t ON t.id IN (SELECT o.id FROM opportunity o WHERE o.stage = s.id AND o.deleted_at IS NULL AND (o.state = 'open' OR o.closed_on >= ?) ORDER BY o.expected_close, o.id LIMIT 21)"
        sums = "count(*), sum(t.amount_base), sum(t.amount_base * t.chance)"
        return [(_of(sums, shown, "t.stage"), ()), (cards, (since,))]

    def column(self) -> list[Asked]:
        """The cards of one column that follow."""
        sql = f"SELECT {NAMED} FROM opportunity t WHERE {OPEN} AND t.stage = 1 AND t.expected_close > ? ORDER BY t.expected_close, t.id LIMIT 21"
        return [(sql, (self.today.isoformat(),))]

    def listed(self) -> list[Asked]:
        """Fifty of a filtered list, and how many there are."""
        where = f"{OPEN} AND t.amount >= 500000"
        return [
            (f"SELECT {NAMED} FROM opportunity t WHERE {where} ORDER BY t.amount DESC LIMIT 51", ()),
            (_of("count(*)", where), ()),
        ]

    def forecast(self) -> list[Asked]:
        """Half a year by month."""
        sums = "count(*), sum(t.amount_base), sum(t.amount_base * t.chance / 100)"
        won = _of(sums, f"{WON} AND t.closed_on BETWEEN ? AND ?", "substr(t.closed_on, 1, 7)")
        span = (self.month.isoformat(), (self._months(6) - dt.timedelta(days=1)).isoformat())
        return [(_of(sums, OPEN, "substr(t.expected_close, 1, 7), t.forecast"), ()), (won, span)]

    def forecast_by_person(self) -> list[Asked]:
        """The same by who counts which share."""
        shared = "opportunity t JOIN opportunity_share s ON s.opportunity = t.id"
        sums = "count(*), sum(t.amount_base * s.share / 10000), sum(t.amount_base * t.chance / 100 * s.share / 10000)"
        won = _of(sums, f"{WON} AND t.closed_on BETWEEN ? AND ?", "s.user", shared)
        return [
            (_of(sums, OPEN, "s.user, substr(t.expected_close, 1, 7), t.forecast", shared), ()),
            (won, self._spans()[0]),
        ]

    def forecast_as_of(self) -> list[Asked]:
        """As it stood four months ago."""
        moment = (self.today - dt.timedelta(days=120)).isoformat()
        source = "stage_history t JOIN opportunity o ON o.id = t.opportunity"
        valid = "o.deleted_at IS NULL AND t.at < ?1 AND (t.until IS NULL OR t.until >= ?1)"
        sums = "count(*), sum(t.amount), sum(t.amount * t.chance / 100)"
        month = "substr(t.expected_close, 1, 7), t.forecast"
        won = _of(sums, f"{valid} AND t.state = 'won' AND t.closed_on BETWEEN ?2 AND ?1", source=source)
        return [
            (_of(sums, f"{valid} AND t.state = 'open'", month, source), (moment,)),
            (won, (moment, moment[:8] + "01")),
        ]

    def funnel(self) -> list[Asked]:
        """Who entered each stage in three months and went on, how long they had stood, what was closed, what slipped, what is open."""
        first, last = self._months(-2).isoformat(), self._months(1).isoformat()
        before = self._months(-5).isoformat()
        alive = "o.deleted_at IS NULL AND o.state <> 'invalid'"
        source = "stage_history t JOIN opportunity o ON o.id = t.opportunity"
        entered = f"SELECT t.stage, t.opportunity, min(t.id) AS id FROM {source} WHERE t.entered = 1 AND t.at >= ? AND t.at < ? AND {alive} GROUP BY 1, 2"
        beyond = "EXISTS (SELECT 1 FROM stage_history n WHERE n.opportunity = e.opportunity AND n.id > e.id AND n.entered = 1 AND n.state IN ('open', 'won'))"
        stayed = (
            "SELECT t.from_stage, count(*), sum(julianday(t.at) - julianday((SELECT p.at FROM stage_history p WHERE p.opportunity = t.opportunity"
            f" AND p.id < t.id ORDER BY p.id DESC LIMIT 1))) FROM {source} WHERE t.from_stage IS NOT NULL AND t.at >= ? AND t.at < ? AND {alive} GROUP BY 1"
        )
        slipped = (
            f"SELECT o.id, max(t.expected_close) FROM {source} WHERE t.state = 'open' AND t.expected_close BETWEEN ? AND ? AND {alive}"
            " AND o.expected_close > ? GROUP BY 1"
        )
        reached = (
            "SELECT h.stage, count(DISTINCT h.opportunity) FROM (SELECT id FROM opportunity t WHERE t.deleted_at IS NULL AND t.state IN ('won', 'lost')"
            " ORDER BY t.closed_on DESC LIMIT 5000) c JOIN stage_history h ON h.opportunity = c.id WHERE h.entered = 1 GROUP BY 1"
        )
        closed = _of(
            "count(*), sum(t.amount_base), sum(julianday(t.closed_on) - julianday(t.opened_on))",
            f"{LIVE} AND t.state IN ('won', 'lost') AND t.closed_on BETWEEN ? AND ?",
            "t.state, substr(t.closed_on, 1, 7)",
        )
        return [
            (f"SELECT e.stage, count(*), sum({beyond}) FROM ({entered}) e GROUP BY 1", (first, last)),
            (stayed, (before, last)), (slipped, (first, last, last)), (reached, ()), (closed, (first, last)),
            (_of("count(*), sum(t.amount_base)", OPEN, "t.stage"), ()),
        ]  # fmt: skip

    def moved(self) -> list[Asked]:
        """Everything that changed since last Monday, as it stood and stands; and the open pipeline."""
        monday = (self.today - dt.timedelta(days=self.today.weekday() or 7)).isoformat()
        sql = (
            "SELECT h.opportunity, h.state, h.amount, h.stage, h.expected_close FROM (SELECT DISTINCT t.opportunity AS id FROM stage_history t"
            " WHERE t.at >= ?1) m CROSS JOIN stage_history h ON h.opportunity = m.id WHERE h.until IS NULL OR h.until >= ?1 ORDER BY h.id"
        )
        return [(sql, (monday,)), (_of("sum(t.amount_base)", OPEN), ())]

    def hot(self) -> list[Asked]:
        """The fifty hottest."""
        first, last = (
            (self.today - dt.timedelta(days=30)).isoformat(),
            (self.today + dt.timedelta(days=90)).isoformat(),
        )
        week = (self.today - dt.timedelta(days=7)).isoformat()
        touched = f"CASE WHEN t.last_follow_up_at >= '{week}' THEN 1 ELSE 0.4 END"
        place = (
            f"{touched} * t.chance * (1 - 0.75 * max(julianday(t.expected_close) - julianday('{self.today}'), 0) / 90)"
        )
        sql = f"SELECT {NAMED} FROM opportunity t WHERE {OPEN} AND t.expected_close BETWEEN ? AND ? ORDER BY {place} DESC LIMIT 51"
        return [(sql, (first, last))]

    # ---------------------------------------------------------------- the standard reports

    def sales(self) -> list[Asked]:
        """What was won, against the year before."""
        month, value = "substr(t.closed_on, 1, 7)", "sum(t.amount_base)"
        region = "opportunity t JOIN customer c ON c.id = t.customer"
        lines = "opportunity t JOIN opportunity_line l ON l.opportunity = t.id"
        found = self._both("sum(t.amount_base), count(*), avg(t.amount_base)", WON, year=True)
        found += self._both(value, WON, month, year=True, months=12)
        for by in ("t.owner", "t.team", "t.source"):
            found += self._both(value, WON, by, year=True)
        found += self._both(value, WON, "c.region", source=region, year=True)
        return found + self._both("sum(l.amount)", WON, "l.product", source=lines, year=True)

    def pipeline(self) -> list[Asked]:
        """What is open now."""
        value = "count(*), sum(t.amount_base)"
        whole = _of(f"{value}, sum(t.amount_base * t.chance)", OPEN)
        groups = ("t.stage", "t.owner", "substr(t.expected_close, 1, 7)", "t.owner, t.stage")
        return [(whole, ()), *((_of(value, OPEN, by), ()) for by in groups)]

    def won_lost(self) -> list[Asked]:
        """How much of what is decided is won, how long it took, and why the rest is lost."""
        ended = f"{LIVE} AND t.state IN ('won', 'lost')"
        cycle = "julianday(t.closed_on) - julianday(t.opened_on)"
        rate = (
            "sum(t.state = 'won'), count(*), sum(CASE WHEN t.state = 'won' THEN t.amount_base END), sum(t.amount_base)"
        )
        found = self._both(f"{rate}, sum({cycle})", ended)
        found += self._both(cycle, WON)
        found += [
            (
                _of(f"count(*), sum(t.amount_base), sum({cycle})", f"{ended} AND t.closed_on >= ?", "t.state"),
                ((self.today - dt.timedelta(days=90)).isoformat(),),
            )
        ]
        found += [(_of("count(*)", OPEN), ())]
        found += self._both(rate, ended, "substr(t.closed_on, 1, 7)", months=12)
        found += self._both(rate, ended, "t.owner")
        found += self._both("count(*), sum(t.amount_base)", LOST, "t.close_reason")
        found += self._both("count(*)", WON, "t.close_reason")
        found += self._both("count(*)", LOST, "t.lost_to")
        return found + self._both("count(*)", ended, "substr(t.closed_on, 1, 7), t.state", months=12)

    def activity(self) -> list[Asked]:
        """What people did this month and the month before, and by week."""
        done = f"{LIVE} AND t.kind IN ('call', 'meeting', 'visit', 'message', 'email')"
        calls = f"{LIVE} AND t.kind = 'call'"
        on, source = "t.done_at", "activity t"
        found = self._both("count(*)", done, on=on, source=source)
        found += self._both("count(*), sum(t.duration_minutes)", calls, on=on, source=source)
        found += self._both("count(*)", done, "t.owner, t.kind", on=on, source=source)
        found += self._both("sum(t.duration_minutes)", calls, "t.owner", on=on, source=source)
        found += self._both("count(*)", calls, "t.outcome", on=on, source=source)
        return (
            found
            + self._both("count(*)", done, "strftime('%Y %W', t.done_at), t.kind", on=on, source=source, months=3)[:1]
        )

    def customers(self) -> list[Asked]:
        """How many there are and are new."""
        source, on = "customer t", "t.created_at"
        found: list[Asked] = [(_of("count(*)", LIVE, by, source), ()) for by in ("", "t.grade", "t.region")]
        for by in ("", "t.source", "t.owner"):
            found += self._both("count(*)", LIVE, by, on=on, source=source, year=True)
        return found + self._both(
            "count(*)", LIVE, "substr(t.created_at, 1, 7)", on=on, source=source, year=True, months=12
        )

    def quiet(self) -> list[Asked]:
        """With whom nobody has spoken."""
        since = (self.today - dt.timedelta(days=60)).isoformat()
        where = f"{LIVE} AND t.owner IS NOT NULL AND coalesce(t.last_follow_up_at, t.created_at) < '{since}'"
        return [(_of("count(*)", where, by, "customer t"), ()) for by in ("", "t.owner", "t.grade, t.owner")]

    def dashboard(self) -> list[Asked]:
        """The owner's tiles and charts."""
        return [
            *self._both("sum(t.amount_base)", WON, year=True), (_of("sum(t.amount_base), sum(t.amount_base * t.chance)", OPEN), ()),
            *self._both("sum(t.state = 'won'), count(*)", f"{LIVE} AND t.state IN ('won', 'lost')"),
            *self._both("count(*)", LIVE, on="t.created_at", source="customer t", year=True),
            *self._both("sum(t.amount_base)", WON, "substr(t.closed_on, 1, 7)", year=True, months=12),
            *self._both("sum(t.amount_base)", WON, "t.team", year=True), (_of("sum(t.amount_base)", OPEN, "t.stage"), ()),
            *self._both("count(*)", LOST, "t.close_reason"), self.quiet()[1],
        ]  # fmt: skip


class Floor:
    """A connection with as little memory as the program's."""

    def __init__(self, data: Path) -> None:
        self.db = sqlite3.connect(f"file:{data / 'smallcrm.db'}?mode=ro", uri=True)
        for pragma in ("cache_size = -6000", "mmap_size = 0", "temp_store = FILE"):
            self.db.execute(f"PRAGMA {pragma}")

    def milliseconds(self, asked: Sequence[Asked]) -> tuple[float, float]:
        """How long all of them take: by the clock, and of the processor."""
        begun, own = time.perf_counter(), time.thread_time()
        for sql, params in asked:
            self.db.execute(sql, params).fetchall()
        return (time.perf_counter() - begun) * 1000, (time.thread_time() - own) * 1000

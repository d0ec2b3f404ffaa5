"""The forecast's figures: won, commit, best case, pipeline, weighted, by period, person, team, product or pipeline.

Commit, best case and pipeline each hold the one before, and commit holds what is won. What is left out of the forecast, what is
overdue, what lies later and what has no day stands apart and is dropped nowhere. Sums are in the company's currency at kept rates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from smallcrm import store
from smallcrm.areas.forecast.rules.periods import Period
from smallcrm.areas.forecast.rules.pieces import BY, Sql, pieces, wanted
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.people import roles

# Where an open opportunity stands that is in no period shown.
OVERDUE, SOONER, LATER, UNDATED = "overdue", "sooner", "later", "undated"
APART = (OVERDUE, SOONER, LATER, UNDATED)
CATEGORIES = ("commit", "best", "pipeline")
COLUMNS = ("won", *CATEGORIES, "weighted", "expected")


@dataclass
class Figures:
    """Sums in minor units and how many opportunities they are made of; several are added by ``add``."""

    won: int = 0
    in_commit: int = 0
    in_best: int = 0
    in_pipeline: int = 0
    omitted: int = 0
    weighted: int = 0
    n: dict[str, int] = field(
        default_factory=dict
    )  # won, commit, best, pipeline, omitted → opportunities that belong to one alone
    shared: dict[str, set[int]] = field(default_factory=dict)  # the same, those counted by more than one

    @property
    def commit(self) -> int:
        """Won, and what is committed."""
        return self.won + self.in_commit

    @property
    def best(self) -> int:
        """Commit, and what may come at best."""
        return self.commit + self.in_best

    @property
    def pipeline(self) -> int:
        """Best case, and all the rest."""
        return self.best + self.in_pipeline

    @property
    def expected(self) -> int:
        """Won, and the open ones weighted."""
        return self.won + self.weighted

    @property
    def open(self) -> int:
        """What is open, unweighted; without what is left out."""
        return self.in_commit + self.in_best + self.in_pipeline

    def value(self, column: str) -> int:
        """A column's sum."""
        return int(getattr(self, column))

    def count(self, *kinds: str) -> int:
        """How many opportunities: of these kinds, else all but those left out."""
        wanted_ = kinds or ("won", *CATEGORIES)
        shared = set[int]().union(*(self.shared.get(kind, ()) for kind in wanted_))
        return sum(self.n.get(kind, 0) for kind in wanted_) + len(shared)

    @property
    def open_count(self) -> int:
        """How many open ones."""
        return self.count(*CATEGORIES)

    def add(self, other: Figures) -> Figures:
        """Add another's sums to these."""
        for name in ("won", "in_commit", "in_best", "in_pipeline", "omitted", "weighted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, n in other.n.items():
            self.n[kind] = self.n.get(kind, 0) + n
        for kind, ids in other.shared.items():
            self.shared[kind] = self.shared.get(kind, set()) | ids
        return self

    def put(self, kind: str, forecast: str | None, amount: int, weighted: int, n: int, shared: int | None) -> None:
        """Take in a row of pieces."""
        key = "won" if kind == "won" else forecast if forecast in (*CATEGORIES, "omitted") else "pipeline"
        if key == "won":
            self.won += amount
        elif key == "omitted":
            self.omitted += amount
        else:
            setattr(self, f"in_{key}", getattr(self, f"in_{key}") + amount)
            self.weighted += weighted
        if shared is None:
            self.n[key] = self.n.get(key, 0) + n
        else:
            self.shared.setdefault(key, set()).add(shared)


Key = int | None
Table = dict[Key, dict[str, Figures]]  # by what is asked for → period's key or one of APART → figures


def table(which: Which, periods: Sequence[Period], *, by: str = "", apart: bool = True) -> Table:
    """The figures of consecutive periods and (``apart``) of what lies apart, by person, team, product or pipeline."""
    first, last = periods[0].first, periods[-1].last
    made = pieces(which, by=by, first=first, last=last)
    counted = "count(DISTINCT id)" if by == "product" or which.product is not None else "count(*)"
    made.add(
        f" SELECT {BY[by]}, kind, {bucket(which, first, last)}, forecast, CASE WHEN shared THEN id END, {counted},"
        " coalesce(sum(amount), 0), coalesce(sum(weighted), 0) FROM piece WHERE "
    )
    conditions = wanted(which)
    made.add(conditions.text, *conditions.params)
    if not apart:
        made.add(" AND day BETWEEN ? AND ?", first.isoformat(), last.isoformat())
    made.add(" GROUP BY 1, 2, 3, 4, 5")
    months = {month: period.key for period in periods for month in _months(period)}
    found: Table = {}
    for key, kind, place, forecast, shared, n, amount, weighted in store.rows(made.text, made.params):
        name = months.get(place, place)
        found.setdefault(key, {}).setdefault(name, Figures()).put(kind, forecast, amount, weighted, n, shared)
    return found


def bucket(which: Which, first: dt.date, last: dt.date) -> str:
    """The SQL that says where a piece stands: a month, or apart. An open one whose day has passed is overdue."""
    today, begin, end = which.today.isoformat(), first.isoformat(), last.isoformat()
    return (
        f"CASE WHEN day IS NULL THEN '{UNDATED}' WHEN kind = 'open' AND day < '{today}' THEN '{OVERDUE}'"
        f" WHEN day < '{begin}' THEN '{SOONER}' WHEN day > '{end}' THEN '{LATER}' ELSE substr(day, 1, 7) END"
    )


def _months(period: Period) -> Iterable[str]:
    month = Period(period.year, period.month)
    while month.first <= period.last:
        yield month.key
        month = month.after()


def summed(parts: Iterable[Figures]) -> Figures:
    """All of them together."""
    total = Figures()
    for part in parts:
        total.add(part)
    return total


def across(row: Mapping[str, Figures], periods: Sequence[Period]) -> Figures:
    """One key's periods together, without what lies apart."""
    return summed(row[period.key] for period in periods if period.key in row)


def up_the_tree(found: Table) -> Table:
    """A team's figures with those of every team under it; nobody's under None."""
    tree = roles.tree()
    made: Table = {}
    for team, row in found.items():
        above: Key = team
        seen: set[Key] = set()
        while above not in seen:
            seen.add(above)
            place = made.setdefault(above, {})
            for name, each in row.items():
                place.setdefault(name, Figures()).add(each)
            above = tree[above][0] if above in tree else None
            if above is None:
                break
    return made


def without_value(which: Which, periods: Sequence[Period]) -> int:
    """How many opportunities have an amount in a currency whose rate is not known: no sum holds them."""
    made = pieces(which, first=periods[0].first, last=periods[-1].last)
    conditions = wanted(which)
    made.add(" SELECT count(DISTINCT id) FROM piece WHERE unrated AND ").add(conditions.text, *conditions.params)
    return int(store.value(made.text, made.params) or 0)


# ---------------------------------------------------------------- what stands behind a figure


@dataclass(frozen=True)
class Behind:
    """Which cell of a table is looked into: a row's key, a column, a period or what lies apart (empty: all periods shown)."""

    by: str = ""
    key: int | None = None  # 0: what belongs to none
    column: str = "expected"  # of COLUMNS, or: open, omitted
    place: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is the row of all."""
        return self.key is None


HELD = {
    "won": "kind = 'won'", "open": "kind = 'open' AND forecast IS NOT 'omitted'", "omitted": "kind = 'open' AND forecast = 'omitted'",
    "weighted": "kind = 'open' AND forecast IS NOT 'omitted'", "expected": "(kind = 'won' OR forecast IS NOT 'omitted')",
    "commit": "(kind = 'won' OR forecast = 'commit')", "best": "(kind = 'won' OR forecast IN ('commit', 'best'))",
    "pipeline": "(kind = 'won' OR forecast IS NOT 'omitted')",
    "in_commit": "kind = 'open' AND forecast = 'commit'", "in_best": "kind = 'open' AND forecast = 'best'",
    "in_pipeline": "kind = 'open' AND coalesce(forecast, '') NOT IN ('commit', 'best', 'omitted')",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One opportunity behind a figure, with the part of it that counts there."""

    id: int
    kind: str
    day: str | None
    stage: int | None
    owner: int | None
    amount: int | None
    weighted: int | None


def behind(
    which: Which, periods: Sequence[Period], cell: Behind, *, limit: int, after: tuple[int, int] | None = None
) -> list[Line]:
    """The opportunities, the largest part first. ``after``: (amount, id) of the last one had."""
    made = _cell(which, periods, cell)
    made = Sql(
        f"{made.text.replace('@', 'id, kind, day, stage, min(person), sum(amount) AS part, sum(weighted)', 1)} GROUP BY id",
        made.params,
    )
    outer = Sql(f"SELECT * FROM ({made.text}) WHERE 1", made.params)
    if after is not None:
        outer.add(" AND (coalesce(part, 0) < ? OR (coalesce(part, 0) = ? AND id > ?))", after[0], after[0], after[1])
    outer.add(" ORDER BY coalesce(part, 0) DESC, id LIMIT ?", limit)
    return [Line(*row) for row in store.rows(outer.text, outer.params)]


def sum_behind(which: Which, periods: Sequence[Period], cell: Behind) -> tuple[int, int, int]:
    """(opportunities, sum, weighted sum) of everything behind it."""
    made = _cell(which, periods, cell)
    text = made.text.replace("@", "count(DISTINCT id), coalesce(sum(amount), 0), coalesce(sum(weighted), 0)", 1)
    row = store.row(text, made.params)
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _cell(which: Which, periods: Sequence[Period], cell: Behind) -> Sql:
    """SELECT @ FROM piece, of exactly what a cell sums."""
    first, last = periods[0].first, periods[-1].last
    made = pieces(which, by=cell.by, first=first, last=last)
    conditions = wanted(which)
    made.add(f" SELECT @ FROM piece WHERE {HELD[cell.column]} AND ").add(conditions.text, *conditions.params)
    if not cell.whole:
        if cell.by == "team" and cell.key:
            made.add(" AND team IN (SELECT value FROM json_each(?))", store.json_list(sorted(roles.below({cell.key}))))
        else:
            made.add(f" AND {BY[cell.by]} IS ?", cell.key or None)
    chosen = [period for period in periods if cell.place in ("", period.key)]
    if cell.place in APART:
        made.add(f" AND {bucket(which, first, last)} = ?", cell.place)
    else:
        months = [month for period in chosen for month in _months(period)]
        made.add(f" AND {bucket(which, first, last)} IN (SELECT value FROM json_each(?))", store.json_list(months))
    return made

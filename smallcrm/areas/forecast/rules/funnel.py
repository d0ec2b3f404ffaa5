"""How opportunities fare on their way: true conversion of a cohort, stays, what slipped, and what the stages' chances were worth.

Read from where each stood when. Binned and invalid ones count nowhere; a stage that was skipped counts as reached. Person and team
are those of the moment looked at: whoever led it into the stage.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from smallcrm import store
from smallcrm.areas.forecast.rules.pieces import Sql
from smallcrm.areas.forecast.rules.which import Which, reach
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.areas.pipeline.rules.stages import Step, Way
from smallcrm.base import clock
from smallcrm.records import access

CLOSED_FOR = 730  # days that the stages' worth looks back
MOST = 5_000  # closed opportunities it is made of, the latest

# (id, amount, day, stage, owner): what a drill-down shows of each
Found = tuple[int, int | None, str | None, int | None, int | None]


@dataclass(frozen=True)
class Passage:
    """A stage of the cohort: who entered it in the period, and who has reached the next since."""

    step: Step
    entered: int
    reached: int

    @property
    def rate(self) -> Decimal | None:
        """Reached ÷ entered; None where nobody entered."""
        return share(self.reached, self.entered)


def share(part: int, whole: int) -> Decimal | None:
    """A part of a whole, between 0 and 1; None of nothing."""
    return None if not whole else Decimal(part) / Decimal(whole)


def way_of(which: Which) -> Way | None:
    """The pipeline looked at: the one asked for, else the first."""
    return stages.pipeline(which.pipeline) or next(iter(stages.every().values()), None)


def _places(way: Way) -> Sql:
    """``place (stage, n)``: the open stages in order."""
    values = ", ".join("(?, ?)" for _ in way.open_steps)
    params = [value for n, step in enumerate(way.open_steps) for value in (step.id, n)]
    return Sql(f"place (stage, n) AS (VALUES {values})", params)


def narrowed(which: Which, alias: str = "h") -> Sql:
    """Whose, from which source."""
    made = Sql()
    if which.person:
        made.add(f" AND {alias}.owner = ?", which.person)
    if which.team:
        made.add(f" AND {alias}.team IN (SELECT value FROM json_each(?))", which.teams)
    if which.source:
        made.add(" AND t.source = ?", which.source)
    return made


def allowed(which: Which, column: str) -> Sql:
    """That an opportunity is within reach, of the source asked for, neither invalid nor in the bin: told by its id alone."""
    if access.reach(which.actor, Opportunity).everything and not which.source:
        return Sql(
            f" AND {column} NOT IN (SELECT id FROM opportunity WHERE state = 'invalid' AND deleted_at IS NULL)"
            f" AND {column} NOT IN (SELECT id FROM opportunity WHERE deleted_at IS NOT NULL)"
        )
    where, params = reach(which.actor)
    made = Sql(
        f" AND {column} IN (SELECT t.id FROM opportunity t WHERE t.state IN ('open', 'won', 'lost') AND {where}", params
    )
    if which.source:
        made.add(" AND t.source = ?", which.source)
    return made.add(")")


def whose(which: Which, alias: str = "h") -> Sql:
    """Whose it was at that moment."""
    made = Sql()
    if which.person:
        made.add(f" AND {alias}.owner = ?", which.person)
    if which.team:
        made.add(f" AND {alias}.team IN (SELECT value FROM json_each(?))", which.teams)
    return made


def span(first: dt.date, last: dt.date) -> tuple[str, str]:
    """Two days as the moments between which they lie."""
    return clock.iso(clock.start_of(first)), clock.iso(clock.start_of(last + dt.timedelta(days=1)))


def _cohort(which: Which, way: Way, first: dt.date, last: dt.date) -> Sql:
    """``WITH … e (opportunity, stage, id, n)``: the first entry of each into each stage in the period."""
    begin, end = span(first, last)
    within, more = allowed(which, "h.opportunity"), whose(which)
    places = _places(way)
    made = Sql("WITH ").add(places.text, *places.params)
    made.add(
        ", e AS (SELECT h.opportunity, h.stage, min(h.id) AS id, place.n FROM place CROSS JOIN stage_history h ON h.stage = place.stage"
        " WHERE h.entered = 1 AND h.at >= ? AND h.at < ?",
        begin,
        min(end, which.moment),
    )
    return made.add(f"{within.text}{more.text} GROUP BY 1, 2)", *within.params, *more.params)


def _place(way: Way, stage: str) -> str:
    """A stage's place among the open ones; nothing for others."""
    return f"CASE {stage} {' '.join(f'WHEN {step.id} THEN {n}' for n, step in enumerate(way.open_steps))} END"


def _reached(way: Way) -> str:
    """Whether it was won since, or has entered a later stage."""
    return (
        "EXISTS (SELECT 1 FROM stage_history n WHERE n.opportunity = e.opportunity AND n.id > e.id"
        f" AND n.entered = 1 AND n.at < ? AND (n.state = 'won' OR {_place(way, 'n.stage')} > e.n))"
    )


def cohort(which: Which, way: Way, first: dt.date, last: dt.date) -> list[Passage]:
    """Each open stage's passage."""
    if not way.open_steps:
        return []
    made = _cohort(which, way, first, last)
    made.add(f" SELECT stage, count(*), sum({_reached(way)}) FROM e GROUP BY stage", which.moment)
    found = {stage: (n, reached) for stage, n, reached in store.rows(made.text, made.params)}
    return [Passage(step, *found.get(step.id, (0, 0))) for step in way.open_steps]


def cohort_behind(
    which: Which, way: Way, first: dt.date, last: dt.date, stage: int, *, reached: bool | None
) -> list[Found]:
    """Who entered a stage in the period; of these who reached the next, or did not."""
    made = _cohort(which, way, first, last)
    made.add(
        " SELECT t.id, t.amount_base, h.at, t.stage, h.owner FROM e CROSS JOIN stage_history h ON h.id = e.id"
        " CROSS JOIN opportunity t ON t.id = e.opportunity WHERE e.stage = ?",
        stage,
    )
    if reached is not None:
        made.add(f" AND {'' if reached else 'NOT '}{_reached(way)}", which.moment)
    return store.rows(made.add(_LARGEST).text, made.params)


_LARGEST = " ORDER BY coalesce(t.amount_base, 0) DESC, t.id"


# ---------------------------------------------------------------- stays


@dataclass(frozen=True)
class Stay:
    """How long opportunities that left a stage in the period had stood there, and in the period before, in days."""

    n: int
    average: Decimal | None
    before: Decimal | None

    @property
    def trend(self) -> Decimal | None:
        """Longer (positive) or shorter than before."""
        return None if self.average is None or self.before is None else self.average - self.before


def stays(which: Which, way: Way, first: dt.date, last: dt.date) -> Mapping[int, Stay]:
    """Stage → its stays. The period before is as long."""
    length = last - first + dt.timedelta(days=1)
    begin, end = span(first, last)
    earlier, _ = span(first - length, last)
    within, more = allowed(which, "h.opportunity"), whose(which)
    sql = (
        "SELECT h.from_stage, h.at >= ?, count(*), sum(julianday(h.at) - julianday(h.from_since))"
        " FROM stage_history h WHERE h.from_stage IN (SELECT value FROM json_each(?)) AND h.at >= ? AND h.at < ?"
        f" AND h.state <> 'invalid'{within.text}{more.text} GROUP BY 1, 2"
    )
    ids = store.json_list(step.id for step in way.open_steps)
    rows = store.rows(sql, [begin, ids, earlier, min(end, which.moment), *within.params, *more.params])
    found = {(stage, bool(now)): (n, _tenth(days / n)) for stage, now, n, days in rows if days is not None}
    none: tuple[int, Decimal | None] = (0, None)
    made: dict[int, Stay] = {}
    for step in way.open_steps:
        n, average = found.get((step.id, True), none)
        made[step.id] = Stay(n, average, found.get((step.id, False), none)[1])
    return made


def _tenth(days: float) -> Decimal:
    return Decimal(str(round(days, 6))).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


# ---------------------------------------------------------------- slipped


def slipped(which: Which, first: dt.date, last: dt.date) -> list[Found]:
    """Those that were to close in the period, and whose last expected close lies behind it; the largest first."""
    where, reached = reach(which.actor)
    more = narrowed(which, "z")
    made = Sql(
        "SELECT t.id, t.amount_base, z.expected_close, t.stage, z.owner FROM (SELECT DISTINCT opportunity FROM stage_history"
        " WHERE state = 'open' AND expected_close BETWEEN ? AND ? AND at < ? AND +opportunity IN (SELECT opportunity FROM stage_history"
        " WHERE state = 'open' AND expected_close > ?)) a CROSS JOIN stage_history z ON z.id = (SELECT x.id FROM"
        " stage_history x WHERE x.opportunity = a.opportunity AND x.state = 'open' AND x.at < ? ORDER BY x.id DESC LIMIT 1)"
        " CROSS JOIN opportunity t ON t.id = a.opportunity WHERE z.expected_close > ? AND t.state <> 'invalid'",
        [first.isoformat(), last.isoformat(), which.moment, last.isoformat(), which.moment, last.isoformat()],
    )
    if which.pipeline:
        made.add(" AND z.pipeline = ?", which.pipeline)
    made.add(f" AND {where}{more.text}{_LARGEST}", *reached, *more.params)
    return store.rows(made.text, made.params)


# ---------------------------------------------------------------- what the stages' chances were worth


@dataclass(frozen=True)
class Worth:
    """A stage: of the closed ones that entered it, how many went beyond it, and how likely it was to be won from there."""

    step: Step
    entered: int
    beyond: int
    chance: int | None  # percent; None where nobody entered

    @property
    def rate(self) -> Decimal | None:
        """Beyond ÷ entered."""
        return share(self.beyond, self.entered)


def worth(which: Which, way: Way) -> list[Worth]:
    """Of the latest closed ones, of two years at most. What is won from a stage is the product of its rate and all later ones."""
    steps = way.open_steps
    if not steps:
        return []
    rates = _beyond(which, way)
    chance = Decimal(1)
    made: list[Worth] = []
    for step in reversed(steps):
        entered, beyond = rates.get(step.id, (0, 0))
        chance *= Decimal(beyond) / entered if entered else Decimal(1)
        percent = int((chance * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if entered else None
        made.append(Worth(step, entered, beyond, percent))
    return made[::-1]


def _beyond(which: Which, way: Way) -> dict[int, tuple[int, int]]:
    where, reached = reach(which.actor)
    more = narrowed(which, "t")
    since = (which.today - dt.timedelta(days=CLOSED_FOR)).isoformat()
    made = Sql("WITH closed AS MATERIALIZED (SELECT id, state FROM (")
    for n, state in enumerate(("won", "lost")):
        made.add(" UNION ALL " if n else "").add(
            f"SELECT * FROM (SELECT t.id, t.state, t.closed_on FROM opportunity t WHERE t.state = '{state}' AND t.closed_on >= ?"
            f" AND t.closed_on <= ? AND t.pipeline = ? AND {where}{more.text} ORDER BY t.closed_on DESC, t.id DESC LIMIT {MOST})",
            since, which.today.isoformat(), way.id, *reached, *more.params,
        )  # fmt: skip
    made.add(f") ORDER BY closed_on DESC, id DESC LIMIT {MOST})")
    columns = ", ".join(f"max(h.stage = {step.id}) AS e{n}" for n, step in enumerate(way.open_steps))
    ids = ", ".join(str(step.id) for step in way.open_steps)
    made.add(
        f", paths AS (SELECT closed.state = 'won' AS won, max({_place(way, 'h.stage')}) AS most, {columns} FROM closed"
        f" CROSS JOIN stage_history h ON h.opportunity = closed.id AND h.entered = 1 WHERE h.stage IN ({ids}) GROUP BY closed.id)"
    )
    sums = ", ".join(f"sum(e{n}), sum(e{n} AND (won OR most > {n}))" for n in range(len(way.open_steps)))
    row = store.row(made.add(f" SELECT {sums} FROM paths").text, made.params)
    assert row is not None
    return {step.id: (int(row[2 * n] or 0), int(row[2 * n + 1] or 0)) for n, step in enumerate(way.open_steps)}


# ---------------------------------------------------------------- the snapshot beside it


def snapshot(which: Which, way: Way) -> Mapping[int, tuple[int, int]]:
    """Stage → (open opportunities that stand there, the sum of their amounts)."""
    made = _standing(which, way)
    made.text = made.text.replace("@", "stage, count(*), coalesce(sum(amount), 0)", 1)
    rows = store.rows(made.add(" GROUP BY stage").text, made.params)
    return {stage: (n, amount) for stage, n, amount in rows}


def _standing(which: Which, way: Way) -> Sql:
    """SELECT @ of those open in a pipeline, whole: whose they are, not who counts a share."""
    from smallcrm.areas.forecast.rules import pieces

    whole = Which(which.actor, which.as_of, way.id, None, None, None, which.source)
    made = pieces.pieces(whole, won=False).add(" SELECT @ FROM piece WHERE 1")
    if which.person:
        made.add(" AND person = ?", which.person)
    if which.team:
        made.add(" AND team IN (SELECT value FROM json_each(?))", which.teams)
    return made


def standing_behind(which: Which, way: Way, stage: int) -> list[Found]:
    """Those that stand in a stage."""
    made = _standing(which, way)
    made.text = made.text.replace("@", "id, amount, day, stage, person", 1)
    return store.rows(made.add(" AND stage = ? ORDER BY coalesce(amount, 0) DESC, id", stage).text, made.params)

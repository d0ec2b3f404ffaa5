"""The SQL behind every forecast figure: opportunities as they stand or stood, cut into whose and which product's part each is.

A part is the difference of two rounded running sums, so that the parts of an opportunity add up to it exactly, whatever it is cut by.
Open ones carry the day they are expected to close, won ones the day they closed. Left out are lost and invalid ones and the bin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.areas.forecast.rules.which import Which, narrowed, reach

# what stands in ``piece``: id, shared, person, team, product, pipeline, stage, kind (open, won), forecast, day, amount, weighted, unrated
BY = {"": "NULL", "person": "person", "team": "team", "product": "product", "pipeline": "pipeline"}


@dataclass
class Sql:
    """A statement as it is put together, its parameters beside it."""

    text: str = ""
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, *params: Any) -> Sql:
        """Go on with this."""
        self.text += text
        self.params += params
        return self


def rounded(number: str, divisor: int) -> str:
    """``number`` divided, rounded half away from zero, as whole numbers are divided in SQL."""
    half = divisor // 2
    return f"(({number}) + CASE WHEN ({number}) < 0 THEN -{half} ELSE {half} END) / {divisor}"


def portion(amount: str, share: str) -> str:
    """``share`` hundredths of a percent of an amount, without running over."""
    return f"(({amount}) / 10000 * ({share}) + {rounded(f'({amount}) % 10000 * ({share})', 10000)})"


@dataclass(frozen=True)
class Part:
    """Opportunities of one kind as they stand or stood: the SQL of each value, where they come from and which are meant."""

    kind: str
    day: str
    amount: str
    chance: str
    forecast: str
    alias: str  # of what says where it stands
    where: str
    params: tuple[Any, ...]

    def source(self, before: str = "") -> str:
        """FROM; ``before``: what leads to them by ``c.id``."""
        if self.alias == "t":
            return f"{before} CROSS JOIN opportunity t ON t.id = c.id" if before else "opportunity t"
        history = f"{before} CROSS JOIN stage_history h ON h.opportunity = c.id" if before else "stage_history h"
        return f"{history} CROSS JOIN opportunity t ON t.id = h.opportunity"

    @property
    def told(self) -> str:
        """What every piece says beside its part."""
        h = self.alias
        return (
            f"{h}.pipeline AS pipeline, {h}.stage AS stage, '{self.kind}' AS kind, {self.forecast} AS forecast, {self.day} AS day,"
            f" t.amount IS NOT NULL AND {self.amount} IS NULL AS unrated"
        )

    @property
    def weight(self) -> str:
        """The weighted amount."""
        return self.amount if self.kind == "won" else rounded(f"{self.amount} * {self.chance}", 100)


def standing(
    which: Which, first: dt.date | None, last: dt.date | None, *, won: bool = True, open_: bool = True
) -> list[Part]:
    """The open ones, whenever they are to close, and those won between two days."""
    parts: list[Part] = []
    if open_:
        parts += _open_then(which) if which.past else [_now(which, "open", "t.state = 'open'")]
    if won:
        span, days = _between("h.closed_on" if which.past else "t.closed_on", first, last)
        if which.past:
            valid = f"h.at < ? AND (h.until IS NULL OR h.until >= ?){span}"
            parts.append(_then(which, "won", valid, which.moment, which.moment, *days))
        else:
            parts.append(_now(which, "won", f"t.state = 'won'{span}", *days))
    return parts


def _now(which: Which, kind: str, valid: str, *params: Any) -> Part:
    where, reached = reach(which.actor)
    more, further = narrowed(which)
    return _part(kind, "t", "t.amount_base", f"{valid} AND {where}{more}", (*params, *reached, *further))


def _then(which: Which, kind: str, valid: str, *params: Any) -> Part:
    where, reached = reach(which.actor)
    more, further = narrowed(which, "h.pipeline")
    # what still stands so takes today's value, which a rate that became known later may have filled in
    amount = "CASE WHEN h.until IS NULL THEN t.amount_base ELSE h.amount END"
    where = f"h.state = '{kind}' AND {valid} AND {where}{more}"
    return _part(kind, "h", f"({amount})", where, (*params, *reached, *further))


def _part(kind: str, alias: str, amount: str, where: str, params: tuple[Any, ...]) -> Part:
    if kind == "won":
        return Part(kind, f"{alias}.closed_on", amount, "100", "'commit'", alias, where, params)
    return Part(
        kind,
        f"{alias}.expected_close",
        amount,
        f"coalesce({alias}.chance, 0)",
        f"{alias}.forecast",
        alias,
        where,
        params,
    )


def _open_then(which: Which) -> list[Part]:
    return [
        _then(which, "open", "h.until IS NULL AND h.at < ?", which.moment),
        _then(which, "open", "h.until >= ? AND h.at < ?", which.moment, which.moment),
    ]


def _between(column: str, first: dt.date | None, last: dt.date | None) -> tuple[str, list[str]]:
    where = (f" AND {column} >= ?" if first else "") + (f" AND {column} <= ?" if last else "")
    return where, [each.isoformat() for each in (first, last) if each]


# ---------------------------------------------------------------- cut into parts


def pieces(
    which: Which,
    *,
    by: str = "",
    first: dt.date | None = None,
    last: dt.date | None = None,
    won: bool = True,
    open_: bool = True,
) -> Sql:
    """``WITH … piece AS (…)``, ready for a SELECT from ``piece``."""
    parts = standing(which, first, last, won=won, open_=open_)
    made = Sql("WITH ")
    shared = which.sharing or by in ("person", "team")
    if shared:
        made.add(_CUTS.replace("@", "" if which.past else " AND t.state IN ('open', 'won')"))
    if by == "product" or which.product is not None:
        made.add("l AS MATERIALIZED (" if shared else "l AS (")
        _union(made, [each for part in parts for each in _lined(part)])
        made.add("), piece AS (")
        return _union(
            made, _cut_lines() if shared else [Sql(_lines("0", "owner", "team", ("a1 - a0", "w1 - w0")))]
        ).add(")")
    made.add("piece AS (")
    return _union(made, [each for part in parts for each in (_cut(part) if shared else [_uncut(part)])]).add(")")


def _union(made: Sql, selects: list[Sql]) -> Sql:
    for n, each in enumerate(selects):
        made.add(" UNION ALL " if n else "").add(each.text, *each.params)
    return made


def _uncut(part: Part, more: str = "") -> Sql:
    return Sql(
        f"SELECT t.id, 0 AS shared, {part.alias}.owner AS person, {part.alias}.team AS team, NULL AS product, {part.told},"
        f" {part.amount} AS amount, {part.weight} AS weighted FROM {part.source()} WHERE {part.where}{more}",
        [*part.params],
    )


# Of the few that are shared at all: who sells along and up to which share, in the order of their ids; the owner has the rest.
_CUTS = (
    "split AS MATERIALIZED (SELECT s.opportunity AS id FROM opportunity_share s WHERE s.share < 10000"
    " UNION SELECT id FROM opportunity WHERE owner IS NULL AND deleted_at IS NULL)"
    ", cut AS MATERIALIZED (SELECT s.opportunity AS id, s.user, s.share, t.state,"
    " sum(s.share) OVER (PARTITION BY s.opportunity ORDER BY s.user) AS upto"
    " FROM split CROSS JOIN opportunity_share s ON s.opportunity = split.id CROSS JOIN opportunity t ON t.id = s.opportunity"
    " WHERE s.user IS NOT t.owner@)"
    ", cuts AS MATERIALIZED (SELECT id, max(upto) AS upto, state FROM cut GROUP BY id), "
)


def _between_shares(value: str, low: str, high: str) -> str:
    return f"{portion(value, high)} - {portion(value, low)}"


def _cut(part: Part) -> list[Sql]:
    """The unshared ones whole; of the others the part of each who sells along, and the owner's."""
    along = [_between_shares(value, "c.upto - c.share", "c.upto") for value in (part.amount, part.weight)]
    rest = [_between_shares(value, "c.upto", "10000") for value in (part.amount, part.weight)]
    now = f" AND c.state = '{part.kind}'" if part.alias == "t" else ""
    return [
        _uncut(part, " AND t.id NOT IN (SELECT id FROM cuts)"),
        Sql(
            f"SELECT t.id, 1, c.user, u.team, NULL, {part.told}, {along[0]}, {along[1]}"
            f' FROM {part.source("cut c")} LEFT JOIN "user" u ON u.id = c.user WHERE c.share > 0{now} AND {part.where}',
            [*part.params],
        ),
        Sql(
            f"SELECT t.id, 1, {part.alias}.owner, {part.alias}.team, NULL, {part.told}, {rest[0]}, {rest[1]}"
            f" FROM {part.source('cuts c')} WHERE c.upto < 10000{now} AND {part.where}",
            [*part.params],
        ),
    ]


# ---------------------------------------------------------------- by product


def _lined(part: Part) -> list[Sql]:
    """A row for each product line, one for what the lines leave, as stretches (a0 to a1, weighted w0 to w1) of the running sum."""
    told = f"t.id AS id, {part.alias}.owner AS owner, {part.alias}.team AS team, {part.told}, {part.chance} AS chance"
    upto = "(SELECT sum(coalesce(q.amount, 0)) FROM opportunity_line q WHERE q.opportunity = t.id"

    def weighed(value: str) -> str:
        return value if part.kind == "won" else rounded(f"{value} * chance", 100)

    def stretch(outer: str, inner: str, which: str = "1") -> Sql:
        # LIMIT keeps the inner values from being worked out once for each mention
        return Sql(
            f"SELECT id, owner, team, {_TOLD}, a0, a1, {weighed('a0')} AS w0, {weighed('a1')} AS w1"
            f" FROM (SELECT {outer} FROM ({inner} WHERE {part.where} LIMIT -1)) WHERE {which}",
            [*part.params],
        )

    lines = (
        f"SELECT {told}, p.product AS product, coalesce({upto} AND q.line < p.line), 0) AS a0, coalesce(p.amount, 0) AS own"
        f" FROM {part.source()} CROSS JOIN opportunity_line p ON p.opportunity = t.id"
    )
    rest = f"SELECT {told}, NULL AS product, {upto}) AS lined, {part.amount} AS a1 FROM {part.source()}"
    return [
        stretch("*, a0 + own AS a1", lines),
        stretch("*, coalesce(lined, 0) AS a0", rest, "lined IS NULL OR lined IS NOT a1"),
    ]


_TOLD = "product, pipeline, stage, kind, forecast, day, unrated"


def _lines(shared: str, person: str, team: str, parts: Sequence[str], source: str = "l") -> str:
    named = ", ".join(f"l.{name}" for name in _TOLD.split(", "))
    return (
        f"SELECT l.id, {shared} AS shared, {person} AS person, {team} AS team, {named}, {parts[0]} AS amount,"
        f" {parts[1]} AS weighted FROM {source}"
    )


def _cut_lines() -> list[Sql]:
    """The same cut for the stretches of lines."""

    def part(name: str, low: str, high: str) -> str:
        return f"({_between_shares(f'l.{name}1', low, high)}) - ({_between_shares(f'l.{name}0', low, high)})"

    along = [part(name, "c.upto - c.share", "c.upto") for name in "aw"]
    rest = [part(name, "c.upto", "10000") for name in "aw"]
    users = 'cut c CROSS JOIN l ON l.id = c.id LEFT JOIN "user" u ON u.id = c.user WHERE c.share > 0'
    return [
        Sql(
            _lines(
                "0", "l.owner", "l.team", ("l.a1 - l.a0", "l.w1 - l.w0"), "l WHERE l.id NOT IN (SELECT id FROM cuts)"
            )
        ),
        Sql(_lines("1", "c.user", "u.team", along, users)),
        Sql(_lines("1", "l.owner", "l.team", rest, "cuts c CROSS JOIN l ON l.id = c.id WHERE c.upto < 10000")),
    ]


def wanted(which: Which) -> Sql:
    """The conditions on ``piece``: whose part, which product's."""
    made = Sql("1")
    if which.person:
        made.add(" AND person = ?", which.person)
    if which.team:
        made.add(" AND team IN (SELECT value FROM json_each(?))", which.teams)
    if which.product is not None:
        made.add(" AND product IS ?", which.product or None)
    return made

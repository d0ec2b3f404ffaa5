"""What moved between two moments: the open pipeline then, each kind of change with its sum, the open pipeline now.

Every opportunity's difference is told apart into effects that add up to it exactly; so the bridge always closes. Within a period
only those count that are to close in it: what is put off leaves it, what is brought forward enters.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from smallcrm import store
from smallcrm.areas.forecast.rules.pieces import Sql, rounded
from smallcrm.areas.forecast.rules.which import Which, reach
from smallcrm.areas.people import roles
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock

# In the order of the bridge. Stages alone move no amount: they are steps of the weighted bridge.
KINDS = (
    "new",
    "reopened",
    "up",
    "down",
    "on",
    "back",
    "chance",
    "forward",
    "off",
    "handed_in",
    "handed_out",
    "won",
    "lost",
)
MEASURES = ("amount", "weighted")


class Stand(NamedTuple):
    """How an opportunity stood at a moment."""

    state: str
    amount: int | None
    chance: int
    close: str | None
    stage: int | None
    owner: int | None
    team: int | None
    pipeline: int | None

    def value(self, measure: str) -> int:
        """What it is worth in the bridge."""
        if measure == "amount":
            return self.amount or 0
        exact = (self.amount or 0) * self.chance
        return (abs(exact) + 50) // 100 * (1 if exact >= 0 else -1)


class Effect(NamedTuple):
    """One reason for which one opportunity's value differs. ``value`` may be 0: it moved, and the sum did not."""

    kind: str
    id: int
    value: int


@dataclass
class Bridge:
    """From the sum then to the sum now."""

    start: int = 0
    end: int = 0
    effects: list[Effect] = field(default_factory=list)

    @cached_property
    def _by_kind(self) -> dict[str, list[Effect]]:
        """Sorted out once they are all there."""
        found: dict[str, list[Effect]] = {}
        for each in sorted(self.effects, key=lambda each: (-abs(each.value), each.id)):
            found.setdefault(each.kind, []).append(each)
        return found

    @cached_property
    def _sums(self) -> dict[str, int]:
        return {kind: sum(each.value for each in found) for kind, found in self._by_kind.items()}

    def of(self, kind: str) -> list[Effect]:
        """The effects of a kind, the largest first."""
        return self._by_kind.get(kind, [])

    def sum(self, kind: str) -> int:
        """What a kind of change did together."""
        return self._sums.get(kind, 0)


def monday(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def bridge(
    which: Which, since: dt.date, *, first: dt.date | None = None, last: dt.date | None = None, measure: str = "amount"
) -> Bridge:
    """From the beginning of the day ``since`` to now, or to the end of the day looked back to. ``first``, ``last``: closing between."""
    then, now = clock.iso(clock.start_of(since)), which.moment if which.past else "9999"
    made = Bridge(end=_total(which, now, first, last, measure))
    border = _Border(which, first, last)
    for number, (before, after) in _moved(which, then, now).items():
        made.effects += _effects(border, number, before, after, measure)
    made.start = made.end - sum(each.value for each in made.effects)
    return made


@dataclass(frozen=True)
class _Border:
    """What lies within: whose, which pipeline, closing when."""

    which: Which
    first: dt.date | None
    last: dt.date | None

    def whose(self, at: Stand) -> bool:
        """Whether it is of those asked for, whenever it closes."""
        which = self.which
        if which.team and at.team not in roles.below({which.team}):
            return False
        return (not which.person or at.owner == which.person) and (not which.pipeline or at.pipeline == which.pipeline)

    def place(self, at: Stand) -> int:
        """0 within the period; before it -1, behind it or without a day 1."""
        if self.first is None or self.last is None:
            return 0
        if at.close is None or at.close > self.last.isoformat():
            return 1
        return -1 if at.close < self.first.isoformat() else 0

    def holds(self, at: Stand | None) -> bool:
        """Whether the sum holds it."""
        return at is not None and at.state == "open" and self.whose(at) and self.place(at) == 0


def _effects(border: _Border, number: int, before: Stand | None, after: Stand, measure: str) -> list[Effect]:
    """Why the value differs; what is invalid never was one and leaves like what is lost."""
    was, is_ = border.holds(before), border.holds(after)
    if was and is_:
        assert before is not None
        return _within(number, before, after, measure)
    if is_:
        return [Effect(_entering(border, before), number, after.value(measure))]
    if was:
        assert before is not None
        return [Effect(_leaving(border, after), number, -before.value(measure))]
    if before is None and after.state in ("won", "lost") and border.whose(after) and border.place(after) == 0:
        value = after.amount or 0 if measure == "amount" else 0
        return [Effect("new", number, value), Effect(after.state, number, -value)]
    return []


def _entering(border: _Border, before: Stand | None) -> str:
    if before is None:
        return "new"
    if before.state != "open":
        return "reopened"
    if not border.whose(before):
        return "handed_in"
    return "forward" if border.place(before) > 0 else "off"


def _leaving(border: _Border, after: Stand) -> str:
    if after.state != "open":
        return "won" if after.state == "won" else "lost"
    if not border.whose(after):
        return "handed_out"
    return "off" if border.place(after) > 0 else "forward"


def _within(number: int, before: Stand, after: Stand, measure: str) -> list[Effect]:
    found: list[Effect] = []
    between = after._replace(chance=before.chance)
    amount = between.value(measure) - before.value(measure)
    rest = after.value(measure) - between.value(measure)
    if before.amount != after.amount:
        found.append(Effect("up" if (after.amount or 0) > (before.amount or 0) else "down", number, amount))
    kind = _stage_kind(before, after)
    if kind or rest:
        found.append(Effect(kind or "chance", number, rest))
    if before.close != after.close:
        later = (after.close or "9999") > (before.close or "9999")
        found.append(Effect("off" if later else "forward", number, 0))
    return found


def _stage_kind(before: Stand, after: Stand) -> str:
    if before.stage == after.stage:
        return ""
    here, there = stages.step(before.stage), stages.step(after.stage)
    if here is None or there is None or here.pipeline != there.pipeline:
        return "on"
    return "on" if there.position > here.position else "back"


# ---------------------------------------------------------------- read


def _moved(which: Which, then: str, now: str) -> dict[int, tuple[Stand | None, Stand]]:
    """Those of which anything changed between: how they stood then (None: not yet) and stand at the end."""
    where, reached = reach(which.actor)
    source = " AND t.source = ?" if which.source else ""
    amount = "CASE WHEN h.until IS NULL THEN t.amount_base ELSE h.amount END"
    columns = f"h.state, {amount}, coalesce(h.chance, 0), h.expected_close, h.stage, h.owner, h.team, h.pipeline"
    made = Sql(
        "WITH m AS MATERIALIZED (SELECT a.id FROM (SELECT DISTINCT h.opportunity AS id FROM stage_history h WHERE h.at >= ? AND h.at < ?) a"
        f" CROSS JOIN opportunity t ON t.id = a.id WHERE {where}{source})",
        [then, now, *reached, *([which.source] if which.source else [])],
    )
    made.add(
        f" SELECT h.id, m.id, h.at < ?, {columns} FROM m CROSS JOIN stage_history h ON h.opportunity = m.id CROSS JOIN opportunity t"
        " ON t.id = m.id WHERE (h.at < ? AND (h.until IS NULL OR h.until >= ?)) OR (h.at < ? AND (h.until IS NULL OR h.until >= ?))",
        then, then, then, now, now,
    )  # fmt: skip
    before: dict[int, Stand] = {}
    after: dict[int, Stand] = {}
    for _id, number, early, *values in sorted(store.rows(made.text, made.params), key=itemgetter(0)):
        if early:
            before[number] = Stand._make(values)
        else:
            after[number] = Stand._make(values)
    return {number: (before.get(number), each) for number, each in after.items()}


def _total(which: Which, now: str, first: dt.date | None, last: dt.date | None, measure: str) -> int:
    """The open pipeline at the end, whole."""
    from smallcrm.areas.forecast.rules import pieces

    whole = Which(which.actor, which.as_of, which.pipeline, None, None, None, which.source)
    made = Sql(
        "SELECT coalesce(sum(CASE WHEN ? THEN weighted ELSE amount END), 0) FROM (", [int(measure == "weighted")]
    )
    for n, part in enumerate(pieces.standing(whole, None, None, won=False)):
        more = Sql()
        if first and last:
            more.add(f" AND {part.day} BETWEEN ? AND ?", first.isoformat(), last.isoformat())
        if which.person:
            more.add(f" AND {part.alias}.owner = ?", which.person)
        if which.team:
            more.add(f" AND {part.alias}.team IN (SELECT value FROM json_each(?))", which.teams)
        made.add(" UNION ALL " if n else "").add(
            f"SELECT coalesce({part.amount}, 0) AS amount, {rounded(f'coalesce({part.amount}, 0) * {part.chance}', 100)} AS weighted"
            f" FROM {part.source()} WHERE {part.where}{more.text}",
            *part.params, *more.params,
        )  # fmt: skip
    return int(store.value(made.add(")").text, made.params))

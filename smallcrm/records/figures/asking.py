"""Working a figure out: one statement over what the actor reaches, once more for the period it is compared with.

What was read is kept as long as nothing is committed anywhere, so that a page that is asked again answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, settings
from smallcrm.records.fields import Date, Moment
from smallcrm.records.figures import groups, measures, periods
from smallcrm.records.figures.groups import Group, Key
from smallcrm.records.figures.measures import Measure, Value
from smallcrm.records.figures.spec import Spec
from smallcrm.records.query.filters import compile_filter

MOST_GROUPS = 20_000
_HELD = 300
_held: dict[Any, list[tuple[Any, ...]]] = {}
_held_at: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One number, and the one it is compared with."""

    value: Value
    before: Value = None

    @property
    def change(self) -> Decimal | None:
        """(now − before) ÷ │before│ in percent; None where there is nothing to divide by."""
        if self.value is None or not self.before:
            return None
        return measures.rounded((Decimal(self.value) - Decimal(self.before)) * 100 / abs(Decimal(self.before)), 1)


@dataclass(frozen=True)
class Row:
    """A group: its keys, what they are called, its number."""

    keys: tuple[Key, ...]
    names: tuple[str, ...]
    cell: Cell


@dataclass(frozen=True)
class Result:
    """A figure worked out. ``without_rate``: amounts the sums leave out. ``more``: groups beyond those that are read."""

    spec: Spec
    measure: Measure
    groups: tuple[Group, ...]
    rows: list[Row]
    total: Cell
    currency: str
    span: periods.Span | None = None
    before: periods.Span | None = None
    without_rate: int = 0
    more: bool = False
    names: list[dict[Key, str]] = field(default_factory=list)

    def matrix(self) -> tuple[list[Key], list[Key], dict[tuple[Key, Key], Cell]]:
        """Both groupings crossed: keys down, keys across, cells."""
        down = list(dict.fromkeys(row.keys[0] for row in self.rows))
        across = sorted({row.keys[1] for row in self.rows}, key=lambda key: self.groups[1].place(key, self.names[1]))
        return down, across, {(row.keys[0], row.keys[1]): row.cell for row in self.rows}


def ask(actor: Actor, spec: Spec) -> Result:
    """The figure within the actor's reach. Raises BadRequest for what makes no sense, Forbidden for a type out of reach."""
    kind = spec.kind
    if actor.scope(kind.card.key, "view") is Scope.NONE and not access.reach(actor, kind).branches:
        raise Forbidden(L("You may not see these."))
    if spec.when and not isinstance(access.readable(actor, kind).get(spec.when), Date | Moment):
        raise BadRequest(L("“%(field)s” is no date that a period could speak of.", field=spec.when[:60]))
    span = spec.span
    compiled = tuple(groups.compiled(actor, kind, each, n, span) for n, each in enumerate(spec.groups))
    measure = measures.find(actor, kind, spec.measure, compiled)
    question = _Question(actor, spec, compiled, measure)
    now = question.read(span)
    before_span = periods.compared(span, spec.compare) if span and spec.compare in periods.COMPARISONS else None
    then = question.read(before_span) if before_span else _Read()
    return _result(question, now, then, span, before_span)


@dataclass
class _Read:
    """Keys → parts, the shown texts of keys, the parts of the total, rows without a rate."""

    parts: dict[tuple[Key, ...], Sequence[Any]] = field(default_factory=dict)
    shown: list[dict[Key, str]] = field(default_factory=list)
    total: Sequence[Any] = ()
    without: int = 0
    more: bool = False


@dataclass(frozen=True)
class _Question:
    actor: Actor
    spec: Spec
    groups: tuple[Group, ...]
    measure: Measure

    def read(self, span: periods.Span | None) -> _Read:
        conditions, params = self._where(span)
        parts = [part.sql for part in self.measure.parts]
        parts.append(self._without())
        shown = [group.shown or "NULL" for group in self.groups]
        keys = [group.key for group in self.groups]
        select = ", ".join([*keys, *shown, *parts])
        by = f" GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))} LIMIT {MOST_GROUPS + 1}" if keys else ""
        rows = kept(f"SELECT {select} FROM {self._source(grouped=True)} WHERE {conditions}{by}", params[0])
        found = self._sorted_out(rows)
        total = measures.merged(self.measure, list(found.parts.values()))
        if total is None or found.more or any(group.side for group in self.groups):
            alone = measures.find(self.actor, self.spec.kind, self.spec.measure)
            asked = ", ".join([*(part.sql for part in alone.parts), self._without()])
            *total, found.without = kept(
                f"SELECT {asked} FROM {self._source(grouped=False)} WHERE {conditions}", params[1]
            )[0]
        found.total = total
        return found

    def _sorted_out(self, rows: list[tuple[Any, ...]]) -> _Read:
        n = len(self.groups)
        found = _Read(shown=[{} for _ in range(n)], more=len(rows) > MOST_GROUPS)
        hidden = [groups.merged_hidden(group, [row[place] for row in rows]) for place, group in enumerate(self.groups)]
        for row in rows[:MOST_GROUPS]:
            keys = tuple(hidden[place].get(row[place], row[place]) for place in range(n))
            for place in range(n):
                found.shown[place][keys[place]] = row[n + place]
            parts = row[2 * n : -1]
            held = found.parts.get(keys)
            found.parts[keys] = parts if held is None else measures.merged(self.measure, [held, parts]) or parts
            found.without += int(row[-1] or 0)
        return found

    def _without(self) -> str:
        money = self.measure.money
        if money is None:
            return "0"
        return f"total({money.expr('t')} IS NOT NULL AND {money.expr('t', '_base')} IS NULL AND {self.measure.counted})"

    def _source(self, *, grouped: bool) -> str:
        joins = "".join(group.joins for group in self.groups) if grouped else ""
        return f'"{self.spec.kind._meta.table_name}" t{self.measure.joins}{joins}'

    def _where(self, span: periods.Span | None) -> tuple[str, tuple[list[Any], list[Any]]]:
        """The conditions, and their values with and without the joins of the groups."""
        kind = self.spec.kind
        where, reach = access.reach(self.actor, kind).where()
        tree = [self.spec.filter, self.measure.base, when(self.spec, span)]
        found = [each for one in tree if one for each in compile_filter(self.actor, kind, one)]
        sql = " AND ".join([access.live(), where, *(each.sql for each in found)])
        values = [*reach, *(value for each in found for value in each.params)]
        return sql, ([*(v for group in self.groups for v in group.params), *values], values)


def when(spec: Spec, span: periods.Span | None) -> dict[str, Any] | None:
    """The period as a condition."""
    if span is None or not spec.when:
        return None
    return {"field": spec.when, "op": "between", "value": [span[0].isoformat(), span[1].isoformat()]}


def kept(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a reading statement gives; kept until anybody commits anything."""
    global _held_at
    if store.in_writing():
        return store.rows(sql, params)
    mark = (store.folder(), store.commits(), store.data_version())
    if mark != _held_at or len(_held) > _HELD:
        _held.clear()
        _held_at = mark
    key = (sql, tuple(params))
    if key not in _held:
        _held[key] = store.rows(sql, params)
    return _held[key]


# ---------------------------------------------------------------- the answer


def _result(
    question: _Question, now: _Read, then: _Read, span: periods.Span | None, before: periods.Span | None
) -> Result:
    measure, compiled = question.measure, question.groups
    steps = _steps(question, span, before)
    earlier = {_moved(keys, steps): parts for keys, parts in then.parts.items()}
    every = dict.fromkeys([*now.parts, *earlier])
    _fill(question, every, span)
    names = [
        group.names((keys[place] for keys in every), {**_at(then.shown, place), **_at(now.shown, place)})
        for place, group in enumerate(compiled)
    ]
    rows = [
        Row(
            keys,
            tuple(names[place].get(key, "–") for place, key in enumerate(keys)),
            Cell(_value(measure, now.parts.get(keys)), _value(measure, earlier.get(keys)) if before else None),
        )
        for keys in every
    ]
    total = Cell(measure.combine(now.total), measure.combine(then.total) if before else None)
    made = Result(
        question.spec, measure, compiled, rows if compiled else [], total, settings.money_currency(), span, before,
        now.without, now.more, names,
    )  # fmt: skip
    return replace(made, rows=_in_order(made))


def _at(shown: list[dict[Key, str]], place: int) -> dict[Key, str]:
    return shown[place] if place < len(shown) else {}


def _value(measure: Measure, parts: Sequence[Any] | None) -> Value:
    if parts is None:
        return 0 if measure.combine is measures.count else None
    return measure.combine(parts)


def _steps(question: _Question, span: periods.Span | None, before: periods.Span | None) -> dict[int, dict[Key, Key]]:
    """For groups by the date of the period: the earlier bucket → the one of now that stands at its place."""
    if span is None or before is None:
        return {}
    found: dict[int, dict[Key, Key]] = {}
    for place, group in enumerate(question.groups):
        if group.width and group.path == question.spec.when:
            pairs = zip(periods.buckets(before, group.width), periods.buckets(span, group.width), strict=False)
            found[place] = dict(pairs)
    return found


def _moved(keys: tuple[Key, ...], steps: dict[int, dict[Key, Key]]) -> tuple[Key, ...]:
    return tuple(steps[place].get(key, key) if place in steps else key for place, key in enumerate(keys))


def _fill(question: _Question, every: dict[tuple[Key, ...], None], span: periods.Span | None) -> None:
    """Buckets in which nothing happened stand there too, empty."""
    group = question.groups[0] if question.groups else None
    if group is None or not group.width or span is None or group.path != question.spec.when:
        return
    seen = {keys[0] for keys in every}
    rest = next(iter(every), (None,) * len(question.groups))[1:]
    every.update(dict.fromkeys((name, *rest) for name in periods.buckets(span, group.width) if name not in seen))


def _in_order(made: Result) -> list[Row]:
    if not made.groups:
        return []
    group = made.groups[0]
    if group.ordered:
        return sorted(made.rows, key=lambda row: (group.place(row.keys[0], made.names[0]), *_second(made, row)))
    sums: dict[Key, Decimal] = {}
    for row in made.rows:
        sums[row.keys[0]] = sums.get(row.keys[0], Decimal(0)) + Decimal(row.cell.value or 0)
    return sorted(
        made.rows, key=lambda row: (row.keys[0] in (None, groups.HIDDEN), -sums[row.keys[0]], row.names[0], *_second(made, row))
    )  # fmt: skip


def _second(made: Result, row: Row) -> tuple[Any, ...]:
    return made.groups[1].place(row.keys[1], made.names[1]) if len(made.groups) > 1 else ()


def drill(spec: Spec, made: Result, keys: Sequence[Key] = (), *, before: bool = False) -> Any:
    """The filter that finds exactly the records behind a number; None where they may not be told apart."""
    span = made.before if before else made.span
    held: list[Any] = [each for each in (spec.filter, made.measure.base) if each]
    spans_itself = False
    for group, key in zip(made.groups, keys, strict=False):
        condition = group.condition(key)
        if condition is None:
            return None
        spans_itself = spans_itself or (group.width != "" and group.path == spec.when and _inside(condition, span))
        held.append(condition)
    period = when(spec, span)
    if period and not spans_itself:
        held.append(period)
    flat = [each for one in held for each in (one["all"] if isinstance(one, dict) and set(one) == {"all"} else [one])]
    return {"all": flat}


def _inside(condition: Any, span: periods.Span | None) -> bool:
    """Whether a bucket lies wholly in the period, so that its own days say it all."""
    if span is None or condition.get("op") != "between":
        return False
    first, last = condition["value"]
    return bool(span[0].isoformat() <= first and last <= span[1].isoformat())

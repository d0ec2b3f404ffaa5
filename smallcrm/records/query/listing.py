"""Reading records for lists: raw tuples of the columns shown, a page at a time, by the quickest of four plans.

SQLite's planner, left alone, sometimes walks a million rows; so the plan is chosen here by counting a little first:
*merge* the branches of reach in the default order · *drive* from the index of a selective condition · *gather* a small
reach and sort it · *walk* the sort index and filter along it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from smallcrm import store
from smallcrm.identity.actor import Actor
from smallcrm.records import access, asof, indexes
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field, Text
from smallcrm.records.query import cursors
from smallcrm.records.query.filters import Condition, compile_filter
from smallcrm.records.query.order import Order, parse
from smallcrm.records.reach import Branch, Reach
from smallcrm.records.record import RecordType

SMALL = 2000  # rows that may be gathered and sorted for one page
COUNT_CAP = 1000
SIZE_HOLDS = 5.0  # seconds for which a counted size is believed: it only chooses the plan
SIZES_HELD = 500
_sizes: dict[tuple[str, tuple[Any, ...]], tuple[float, int]] = {}


@dataclass(frozen=True)
class Ask:
    """What a list asks for. ``columns`` are field names; ``extra`` conditions are the page's own."""

    actor: Actor
    kind: RecordType
    columns: Sequence[str] = ()
    filter: Any = None
    q: str = ""
    sort: str | None = None
    limit: int = 50
    cursor: str | None = None
    extra: tuple[Condition, ...] = ()
    bin: bool = False
    verb: str = "view"
    as_of: str | None = None  # a moment in stored form
    along: str = (
        ""  # an index that gives what is asked in order, and carries the scope: walked where nothing rarer is found
    )


@dataclass(frozen=True)
class Page:
    """Rows as tuples; ``at[name]`` is where a field's first column stands in a row, ``id`` is at 0."""

    rows: list[tuple[Any, ...]]
    next: str | None
    at: dict[str, int]
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True)
class _Plan:
    """Where rows come from: an index to walk, or ids to look up."""

    source: str  # FROM … with index
    where: str
    params: tuple[Any, ...]
    driven: bool = False  # by a condition that few rows meet


@dataclass(frozen=True)
class _Question:
    """An Ask, compiled."""

    ask: Ask
    reach: Reach
    conditions: list[Condition]
    order: Order

    @property
    def table(self) -> str:
        if self.ask.as_of:
            return asof.view(self.ask.kind, self.ask.as_of)
        return f'"{self.ask.kind._meta.table_name}"'

    @property
    def live(self) -> str:
        return "t.deleted_at IS NOT NULL" if self.ask.bin else "t.deleted_at IS NULL"


def _compiled(ask: Ask) -> _Question:
    conditions = [*ask.extra, *compile_filter(ask.actor, ask.kind, ask.filter, past=bool(ask.as_of))]
    if ask.q.strip():
        from smallcrm.records.search import ids_matching

        found = ids_matching(ask.actor, ask.kind, ask.q)
        conditions.append(Condition("t.id IN (SELECT value FROM json_each(?))", (store.json_list(found),), op="ids"))
    reach = access.reach(ask.actor, ask.kind, ask.verb)
    if ask.as_of and not reach.everything:
        # rights are today's: they are looked up in today's rows
        where, params = reach.where("n")
        sql = f'{{t}}.id IN (SELECT n.id FROM "{ask.kind._meta.table_name}" n WHERE {where})'
        reach = Reach((Branch("today", sql, tuple(params), "", sql, tuple(params)),))
    return _Question(ask, reach, conditions, parse(ask.actor, ask.kind, ask.sort))


# ---------------------------------------------------------------- pages


def page(ask: Ask) -> Page:
    """One page. Raises BadRequest for a filter, sort or cursor that makes no sense, TimedOut for one that takes too long."""
    question = _compiled(ask)
    columns, at, fields = _columns(ask, question.order)
    cursor = cursors.parse(ask.cursor, question.order.text, len(question.order.keys)) if ask.cursor else None
    if not question.reach.branches:
        return Page([], None, at, fields)
    wanted = ask.limit + 1
    rows: list[tuple[Any, ...]] = []
    for empty in (False, True):
        if cursor is not None and not empty and cursor.values[0] is None:
            continue
        here = cursor if cursor is not None and (cursor.values[0] is None) == empty else None
        rows += _half(question, columns, here, wanted - len(rows), empty=empty)
        if len(rows) >= wanted:
            break
    following = None
    if len(rows) == wanted:
        rows.pop()
        tail = rows[-1][len(columns) - len(question.order.keys) :]
        following = cursors.Cursor(question.order.text, tuple(tail), rows[-1][0]).text()
    return Page(rows, following, at, fields)


def _columns(ask: Ask, order: Order) -> tuple[list[str], dict[str, int], list[Field]]:
    """SELECT expressions, where each field stands, and the fields; the sort keys stand last."""
    readable = access.readable(ask.actor, ask.kind)
    expressions = ["t.id", "t.version", "t.deleted_at"]
    at = {"id": 0, "version": 1, "deleted_at": 2}
    if ask.kind.card.pooled or "via_pool" in ask.kind._meta.columns:
        at["pool_of"] = len(expressions)
        expressions.append(access.pool_of(ask.kind, "t", past=bool(ask.as_of)))
    fields = []
    for name in ask.columns:
        found = readable.get(name)
        if found is None or name in at:
            continue
        at[name] = len(expressions)
        fields.append(found)
        if found.custom:
            expressions += [found.expr(part=column.removeprefix(name)) for column in found.columns]
        else:
            expressions += [f't."{column}"' for column in found.columns if not column.endswith("_key")]
        if found.kind == "money" and "currency" in readable:
            expressions.append('t."currency"')
        elif found.kind == "money":
            expressions.append("NULL")
    return [*expressions, *(key.sql for key in order.keys)], at, fields


def _half(
    question: _Question, columns: list[str], cursor: cursors.Cursor | None, limit: int, *, empty: bool
) -> list[tuple[Any, ...]]:
    """Up to ``limit`` rows of those whose first sort key is filled, or (``empty``) of those where it is not."""
    first = question.order.keys[0].sql
    if empty and first == "t.id":
        return []
    side = [Condition(f"{first} IS {'' if empty else 'NOT '}NULL")]
    if cursor is not None:
        sql, params = question.order.after(cursor)
        side.append(Condition(sql, tuple(params)))
    by = question.order.by(empty=empty)
    select = ", ".join(columns)
    plan = _choose(question)
    if plan is None:
        return _merged(question, select, side, by, limit)
    where = " AND ".join([plan.where, question.live, *(c.sql for c in [*side, *question.conditions])])
    params_ = [*plan.params, *(v for c in [*side, *question.conditions] for v in c.params), limit]
    return store.rows(f"SELECT {select} FROM {plan.source} WHERE {where} ORDER BY {by} LIMIT ?", params_)


def _merged(question: _Question, select: str, side: list[Condition], by: str, limit: int) -> list[tuple[Any, ...]]:
    """The first rows of each branch in order, then the first of all; a row may come by several branches."""
    conditions = [*side, *question.conditions]
    inner: list[str] = []
    params: list[Any] = []
    for branch in question.reach.branches:
        where = " AND ".join([branch.alone.format(t="t"), question.live, *(c.sql for c in conditions)])
        source = _source(question, indexes.scope_index(question.ask.kind, branch.column))
        # the id alone travels through the union, so that no wide row is sorted
        inner.append(f"SELECT * FROM (SELECT t.id FROM {source} WHERE {where} ORDER BY {by} LIMIT ?)")
        params += [*branch.alone_params, *(v for c in conditions for v in c.params), limit]
    ids = [row[0] for row in store.rows(" UNION ALL ".join(inner), params)]
    if not ids:
        return []
    sql = (
        f"SELECT {select} FROM {question.table} t WHERE t.id IN (SELECT value FROM json_each(?)) ORDER BY {by} LIMIT ?"
    )
    return store.rows(sql, [store.json_list(ids), limit])


# ---------------------------------------------------------------- plans


def _source(question: _Question, index: str | None) -> str:
    return f"{question.table} t INDEXED BY {index}" if index and not question.ask.bin else f"{question.table} t"


def _choose(question: _Question) -> _Plan | None:
    """The plan for this question; None to merge branches."""
    where, params = question.reach.where()
    if question.ask.as_of:
        return _Plan(f"{question.table} t", where, tuple(params))
    if any(condition.op == "ids" for condition in question.conditions):
        return _Plan(f"{question.table} t NOT INDEXED", where, tuple(params), driven=True)
    best: tuple[int, str] | None = None
    for condition in question.conditions:
        index = _condition_index(question, condition)
        if index and condition.op == "contains":
            if (found := _found_along(question, index, condition)) is not None:
                return _Plan(
                    f"{question.table} t NOT INDEXED", f"{found[0]} AND {where}", (found[1], *params), driven=True
                )
        elif index:
            size = _size(question, index, condition.sql, condition.params)
            if size <= SMALL and (best is None or size < best[0]):
                best = (size, index)
    if best is not None:
        return _Plan(_source(question, best[1]), where, tuple(params), driven=True)
    walk = question.ask.along or _sort_index(question)
    if question.reach.everything or not question.reach.branches:
        return _Plan(_source(question, walk), where, tuple(params))
    if question.ask.along and not _small_reach(question):
        return _Plan(_source(question, walk), where, tuple(params))
    if question.ask.kind.card.order == question.order.text and _scoped(question):
        return None
    if walk and not _small_reach(question):
        return _Plan(_source(question, walk), where, tuple(params))
    return _gather(question) or _Plan(_source(question, walk), where, tuple(params))


def _scoped(question: _Question) -> bool:
    return all(
        branch.why == "shared" or indexes.scope_index(question.ask.kind, branch.column)
        for branch in question.reach.branches
    )


def _sort_index(question: _Question) -> str | None:
    return indexes.field_index(question.ask.kind, question.order.keys[0].name)


def _condition_index(question: _Question, condition: Condition) -> str | None:
    usable = ("eq", "in", "starts_with", "lt", "lte", "gt", "gte", "between", "within_days", "older_than_days", "mine")
    if condition.op not in (*usable, "not_empty", "contains"):
        return None
    if condition.op == "contains":
        found = access.readable(question.ask.actor, question.ask.kind).get(condition.field)
        if not isinstance(found, Text) or found.is_list:
            return None
    return indexes.field_index(question.ask.kind, condition.field)


def _found_along(question: _Question, index: str, condition: Condition) -> tuple[str, str] | None:
    """The few ids that a scan along the index finds, as a condition and its value; None when they are many."""
    sql = f"SELECT t.id FROM {_source(question, index)} WHERE {condition.sql} AND {question.live} LIMIT {SMALL + 1}"
    found = store.rows(sql, condition.params)
    if len(found) > SMALL:
        return None
    return "t.id IN (SELECT value FROM json_each(?))", store.json_list(row[0] for row in found)


def _size(question: _Question, index: str, sql: str, params: Sequence[Any]) -> int:
    """How many live rows meet the condition, counted up to a little over SMALL."""
    inner = f"SELECT 1 FROM {_source(question, index)} WHERE {sql} AND {question.live} LIMIT {SMALL + 1}"
    key, now = (inner, tuple(params)), monotonic()
    held = _sizes.get(key)
    if held is None or held[0] < now:
        if len(_sizes) > SIZES_HELD:
            _sizes.clear()
        held = _sizes[key] = (now + SIZE_HOLDS, int(store.value(f"SELECT count(*) FROM ({inner})", params)))
    return held[1]


def _small_reach(question: _Question) -> bool:
    total = 0
    for branch in question.reach.branches:
        index = indexes.scope_index(question.ask.kind, branch.column)
        if branch.why != "shared" and index is None:
            return False
        total += _size(question, index or "", branch.alone.format(t="t"), branch.alone_params) if index else 50
        if total > SMALL:
            return False
    return True


def _gather(question: _Question) -> _Plan | None:
    """The rows of a reach through its scope indexes, as ids."""
    parts: list[str] = []
    params: list[Any] = []
    for branch in question.reach.branches:
        index = indexes.scope_index(question.ask.kind, branch.column)
        if index is None and branch.why != "shared":
            return None
        source = _source(question, index)
        parts.append(f"SELECT t.id FROM {source} WHERE {branch.alone.format(t='t')} AND {question.live}")
        params += branch.alone_params
    return _Plan(f"{question.table} t NOT INDEXED", f"t.id IN ({' UNION ALL '.join(parts)})", tuple(params))


# ---------------------------------------------------------------- counts, sums, ids


def count(ask: Ask, *, cap: int | None = COUNT_CAP) -> int:
    """How many records: exact up to ``cap``, else ``cap + 1``; without a cap the exact figure."""
    question = _compiled(ask)
    if cap is None:
        return sum(int(row[0]) for row in _by_branch(question, "count(*)"))
    conditions = question.conditions
    params = [v for c in conditions for v in c.params]
    plan = _choose(question)
    if conditions and not (plan and plan.driven):
        sql, scanned = _common(question)
        return int(store.value(f"SELECT count(*) FROM ({sql} LIMIT ?)", [*scanned, cap + 1]))
    if plan is not None:
        where = " AND ".join([plan.where, question.live, *(c.sql for c in conditions)])
        inner = f"SELECT 1 FROM {plan.source} WHERE {where} LIMIT ?"
        return int(store.value(f"SELECT count(*) FROM ({inner})", [*plan.params, *params, cap + 1]))
    total = 0
    for branch in question.reach.branches:
        where = " AND ".join([branch.sql.format(t="t"), question.live, *(c.sql for c in conditions)])
        source = _source(question, indexes.scope_index(ask.kind, branch.column))
        inner = f"SELECT 1 FROM {source} WHERE {where} LIMIT ?"
        total += int(store.value(f"SELECT count(*) FROM ({inner})", [*branch.params, *params, cap + 1 - total]))
        if total > cap:
            break
    return total


def quick_count(ask: Ask) -> int | None:
    """How many records up to the cap where that is soon told; None where conditions that many rows meet are combined."""
    question = _compiled(ask)
    if question.conditions:
        plan = _choose(question)
        if not (plan and plan.driven):
            return None
    return count(ask)


def _common(question: _Question) -> tuple[str, list[Any]]:
    """The rows that meet conditions none of which is rare, by the indexes that carry the scope.

    Without a border of reach the first thousand are soon found along one index. Within one they may lie far apart, so
    the ids that two indexes give are intersected before any row is read.
    """
    indexed = [(c, index) for c in question.conditions if (index := _condition_index(question, c))]
    if question.reach.everything or len(indexed) < 2:
        return _scan(question, "1", source=_source(question, indexed[0][1] if indexed else None))
    where, params = question.reach.where()
    inner: list[str] = []
    bound: list[Any] = []
    for condition, index in indexed:
        sql = " AND ".join([condition.sql, question.live, where])
        inner.append(f"SELECT t.id FROM {_source(question, index)} WHERE {sql}")
        bound += [*condition.params, *params]
    rest = [c for c in question.conditions if all(c is not known for known, _ in indexed)]
    ids = " INTERSECT ".join(inner)
    if not rest:
        return f"SELECT 1 FROM ({ids})", bound
    others = " AND ".join(c.sql for c in rest)
    return (
        f"SELECT 1 FROM {question.table} t WHERE t.id IN ({ids}) AND {others}",
        [*bound, *(v for c in rest for v in c.params)],
    )


def sums(ask: Ask, names: Sequence[str]) -> dict[str, int]:
    """The totals of money and number fields over everything the ask reaches; money in the company's currency."""
    question = _compiled(ask)
    readable = access.readable(ask.actor, ask.kind)
    wanted = [name for name in names if name in readable and readable[name].numeric]
    if not wanted:
        return {}
    select = ", ".join(f"coalesce(sum({readable[name].filter_expr('t')}), 0)" for name in wanted)
    totals = [0] * len(wanted)
    for row in _by_branch(question, select):
        totals = [a + int(b) for a, b in zip(totals, row, strict=True)]
    return dict(zip(wanted, totals, strict=True))


def without_rate(ask: Ask, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Field → currency → how many of its amounts ``sums`` leaves out, because no rate is known for them."""
    question = _compiled(ask)
    readable = access.readable(ask.actor, ask.kind)
    wanted = [name for name in names if name in readable and readable[name].kind == "money"]
    if not wanted or "currency" not in fields_of(ask.kind):
        return {}
    left = [f"{readable[n].expr('t')} IS NOT NULL AND {readable[n].expr('t', '_base')} IS NULL" for n in wanted]
    counts = ", ".join(f"total({each})" for each in left)
    if not any(sum(row) for row in _by_branch(question, counts)):
        return {}
    found: dict[str, dict[str, int]] = {name: {} for name in wanted}
    for code, *row in _by_branch(question, f't."currency", {counts}', " GROUP BY 1"):
        for name, count in zip(wanted, row, strict=True):
            if count:
                found[name][code or ""] = found[name].get(code or "", 0) + int(count)
    return {name: dict(sorted(by.items())) for name, by in found.items() if by}


def tally(ask: Ask, select: str, by: str) -> list[tuple[Any, ...]]:
    """``select`` (SQL over ``t``, totals only) for each value of ``by``: (value, totals …), added up over the ways of reach."""
    found: dict[Any, list[Any]] = {}
    for value, *totals in _by_branch(_compiled(ask), f"{by}, {select}", " GROUP BY 1"):
        held = found.get(value)
        found[value] = totals if held is None else [a + b for a, b in zip(held, totals, strict=True)]
    return [(value, *totals) for value, totals in found.items()]


def ids(ask: Ask, *, chunk: int = 1000) -> Iterator[list[int]]:
    """Every id that the ask reaches, ascending, in chunks: no statement stays open between them."""
    question = _compiled(replace(ask, sort="id"))
    last = 0
    while True:
        sql, params = _scan(question, "t.id", Condition("t.id > ?", (last,)))
        found = [row[0] for row in store.rows(f"{sql} ORDER BY t.id LIMIT ?", [*params, chunk])]
        if found:
            yield found
        if len(found) < chunk:
            return
        last = found[-1]


def _scan(question: _Question, select: str, *more: Condition, source: str = "") -> tuple[str, list[Any]]:
    where, params = question.reach.where()
    conditions = [*question.conditions, *more]
    sql = " AND ".join([where, question.live, *(c.sql for c in conditions)])
    return f"SELECT {select} FROM {source or f'{question.table} t'} WHERE {sql}", [
        *params,
        *(v for c in conditions for v in c.params),
    ]


def _by_branch(question: _Question, select: str, group: str = "") -> list[tuple[Any, ...]]:
    """The aggregate for each disjoint branch: quicker than one OR over the whole table."""
    found = []
    conditions = question.conditions
    branches = question.reach.branches
    for branch in branches:
        where = " AND ".join([branch.sql.format(t="t"), question.live, *(c.sql for c in conditions)])
        params = [*branch.params, *(v for c in conditions for v in c.params)]
        found += store.rows(f"SELECT {select} FROM {question.table} t WHERE {where}{group}", params)
    return found

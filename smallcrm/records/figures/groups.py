"""What a figure is grouped by: the SQL of a group's key, its name, its place in the order, and the condition that finds it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.fields import Choice, Date, Field, Flag, Link, LongText, Moment, Text
from smallcrm.records.figures import periods
from smallcrm.records.query import computed
from smallcrm.records.record import RecordType, by_key
from smallcrm.store import days

Key = str | int | None
HIDDEN = -1  # the key of linked records that exist and may not be seen: one group together
WIDTHS: dict[str, Label] = {
    "day": L("Day"), "week": L("Week"), "month": L("Month"), "quarter": L("Quarter"), "year": L("Year"),
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One grouping, compiled. ``text`` is what the key shows where it is not what is compared."""

    actor: Actor
    path: str  # the field's path, without a bucket
    field: Field
    label: str
    key: str
    shown: str = ""
    joins: str = ""
    params: tuple[Any, ...] = ()
    width: str = ""  # a date's bucket
    side: computed.Side | None = None

    def names(self, keys: Iterable[Key], shown: Mapping[Key, str]) -> dict[Key, str]:
        """What each key is called."""
        wanted = [key for key in dict.fromkeys(keys) if key is not None]
        none: dict[Key, str] = {None: str(L("(empty)", "group"))}
        if self.width:
            return {**none, **{key: periods.bucket_words(str(key), self.width) for key in wanted}}
        if isinstance(self.field, Link):
            ids = [key for key in wanted if isinstance(key, int) and key > 0]
            found: dict[Key, str] = {}
            found.update(access.names(self.actor, self.field.to, ids).items())
            return {**none, HIDDEN: str(L("(out of reach)", "group")), **found}
        if isinstance(self.field, Choice):
            return {**none, **{key: self.field.label_of(str(key)) for key in wanted}}
        if isinstance(self.field, Flag):
            return {**none, 0: str(L("no")), 1: str(L("yes"))}
        return {**none, **{key: shown.get(key) or str(key) for key in wanted}}

    def condition(self, key: Key) -> dict[str, Any] | None:
        """The filter that holds for the records of this group; None where they may not be told apart."""
        if key == HIDDEN and isinstance(self.field, Link):
            return None
        if key is None:
            return {"field": self.path, "op": "is_empty"}
        if self.width:
            first, last = periods.span_of(str(key), self.width)
            return {"field": self.path, "op": "between", "value": [first.isoformat(), last.isoformat()]}
        if isinstance(self.field, Flag):
            return {"field": self.path, "op": "eq", "value": bool(key)}
        return {"field": self.path, "op": "eq", "value": key}

    def place(self, key: Key, names: Mapping[Key, str]) -> tuple[Any, ...]:
        """By what groups stand in order where their own order counts: time, and the order of choices and stages."""
        if key is None or key == HIDDEN:
            return (1, 0)
        if self.width:
            return (0, str(key))
        if isinstance(self.field, Choice):
            known = [each.key for each in self.field.options]
            return (0, known.index(str(key)) if key in known else len(known))
        if isinstance(self.field, Link) and "position" in by_key(self.field.to)._meta.fields:
            return (0, _positions(self.field.to).get(key, 10_000), str(names.get(key, "")))
        return (0, str(names.get(key, "")))

    @property
    def ordered(self) -> bool:
        """Whether the groups have an order of their own; else the largest stands first."""
        return bool(self.width) or isinstance(self.field, Choice | Flag) or (
            isinstance(self.field, Link) and "position" in by_key(self.field.to)._meta.fields
        )  # fmt: skip


def _positions(key: str) -> dict[Key, int]:
    kind = by_key(key)
    parent = "pipeline * 1000 + " if "pipeline" in kind._meta.columns else ""
    return dict(store.rows(f'SELECT id, {parent}coalesce(position, 0) FROM "{kind._meta.table_name}"'))


def groupable(each: Field) -> bool:
    """Whether records can be grouped by a field."""
    if each.is_list or isinstance(each, LongText):
        return False
    return isinstance(each, Choice | Link | Flag | Date | Moment) or (isinstance(each, Text) and not each.unique_live)


def offered(actor: Actor, kind: RecordType) -> list[tuple[str, str, bool]]:
    """(path, label, whether it is a date) of everything records of a type can be grouped by."""
    found = []
    readable = access.readable(actor, kind)
    sides = {name: each for name, each in computed.every(actor, kind).items() if isinstance(each, computed.Side)}
    for name, each in readable.items():
        if groupable(each) and name not in sides:
            found.append((name, labels.field(kind, name), isinstance(each, Date | Moment)))
    found += [(name, str(each.label), False) for name, each in sides.items()]
    for name, each in readable.items():
        if isinstance(each, Link) and each.to != kind.card.key and by_key(each.to).card.reach != "open":
            target = by_key(each.to)
            for inner, field in access.readable(actor, target).items():
                if groupable(field) and field.filter:
                    label = f"{labels.field(kind, name)} · {labels.field(target, inner)}"
                    found.append((f"{name}.{inner}", label, isinstance(field, Date | Moment)))
    return found


def compiled(actor: Actor, kind: RecordType, text: str, number: int, span: periods.Span | None) -> Group:
    """The grouping that ``text`` names. Raises BadRequest."""
    path, _, width = text.partition(":")
    steps = path.split(".")
    readable = access.readable(actor, kind)
    found = readable.get(steps[0])
    alias, joins = "t", ""
    params: list[Any] = []
    here, label = kind, labels.field(kind, steps[0]) if found is not None else ""
    side = computed.find(actor, kind, path) if found is None else computed.instead(actor, kind, path)
    if isinstance(side, computed.Side):
        return _by_side(actor, path, side, number)
    if len(steps) == 2 and isinstance(found, Link):
        here, alias = by_key(found.to), f"g{number}"
        where, params = access.reach(actor, here).where(alias)
        joins = (
            f' LEFT JOIN "{here._meta.table_name}" {alias} ON {alias}.id = {found.expr("t")}'
            f" AND {access.live(alias)} AND {where}"
        )
        found = access.readable(actor, here).get(steps[1])
        label = f"{label} · {labels.field(here, steps[1])}" if found is not None else ""
    if found is None or len(steps) > 2 or not groupable(found):
        raise BadRequest(L("Nothing can be grouped by “%(field)s”.", field=path[:80]))
    return _of_field(
        actor, here, Group(actor, path, found, label, "", joins=joins, params=tuple(params)), alias, width, span
    )


def _by_side(actor: Actor, path: str, side: computed.Side, number: int) -> Group:
    alias = f"s{number}"
    joins = f' LEFT JOIN "{side.table}" {alias} ON {alias}."{side.record}" = t.id'
    return Group(actor, path, side, str(side.label), f'{alias}."{side.holds}"', joins=joins, side=side)


def _of_field(actor: Actor, kind: RecordType, made: Group, alias: str, width: str, span: periods.Span | None) -> Group:
    each, shown = made.field, ""
    if isinstance(each, Date | Moment):
        if (width or "month") not in days.BUCKETS:
            raise BadRequest(L("There is no such stretch of time."))
        key = _bucket(kind, each, alias, width or "month", span)
    elif isinstance(each, Text):
        key, shown = each.filter_expr(alias), f"min({each.expr(alias)})"
    elif isinstance(each, Flag):
        key = f"coalesce({each.expr(alias)}, 0)"
    else:
        key = each.expr(alias)
    hidden = _masked(actor, kind, each, alias)
    if hidden:
        key, shown = (
            f"CASE WHEN {hidden} THEN NULL ELSE {key} END",
            f"CASE WHEN {hidden} THEN NULL ELSE {shown} END" if shown else "",
        )
    from dataclasses import replace

    return replace(made, key=key, shown=shown, width=(width or "month") if isinstance(each, Date | Moment) else "")


def _bucket(kind: RecordType, each: Field, alias: str, width: str, span: periods.Span | None) -> str:
    column = each.expr(alias)
    if isinstance(each, Moment):
        years = (span[0].year - 1, span[1].year + 1) if span else _years(kind, each)
        column = days.local_day(column, *years)
    return days.bucket(column, width)


def _years(kind: RecordType, each: Field) -> tuple[int, int]:
    """The years that a field's moments lie in."""
    row = store.row(f'SELECT min({each.expr("t")}), max({each.expr("t")}) FROM "{kind._meta.table_name}" t') or (
        None,
        None,
    )
    first, last = (int(str(value)[:4]) if value else 2026 for value in row)
    return max(first, 1970), min(max(last, first), 2100)


def _masked(actor: Actor, kind: RecordType, each: Field, alias: str) -> str:
    if not each.masked:
        return ""
    pools = [str(int(p)) for p, hides in access.masked_pools(actor, kind).items() if each.masked in hides]
    return f"coalesce({access.pool_of(kind, alias)} IN ({', '.join(pools)}), 0)" if pools else ""


def merged_hidden(group: Group, keys: Sequence[Key]) -> dict[Key, Key]:
    """Key → key, linked records out of reach all under one."""
    if not isinstance(group.field, Link) or group.width:
        return {}
    ids = [key for key in set(keys) if isinstance(key, int)]
    seen = access.names(group.actor, group.field.to, ids)
    return {key: HIDDEN for key in ids if key not in seen}

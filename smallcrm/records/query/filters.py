"""One filter language for lists, saved views, segments, rules, reports and export.

``{"all": [{"field": "grade", "op": "in", "value": ["A", "B"]}, {"any": […]}]}``. A field may cross links (``customer.grade``);
a link is only ever followed to what the actor may see. Hidden fields do not exist; masked values count as empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.fields import Field, FieldError, Link
from smallcrm.records.fields.phone import phone_key
from smallcrm.records.query import computed
from smallcrm.records.record import RecordType, by_key

MOST_CONDITIONS = 60
MOST_DEPTH = 6
_NEGATIVE = {"ne": "eq", "not_in": "in", "is_empty": "not_empty"}
_NO_VALUE = ("is_empty", "not_empty", "mine", "my_team")

store.db.register_function(lambda text: None if text is None else fold(str(text)), "fold", 1)
store.db.register_function(lambda text: None if text is None else phone_key(str(text)), "phone_key", 1)


@dataclass(frozen=True)
class Condition:
    """SQL with its values. ``field`` and ``op`` are kept for a single comparison of an own column: the planner's hint."""

    sql: str
    params: tuple[Any, ...] = ()
    field: str = ""
    op: str = ""


@dataclass
class _Budget:
    left: int = MOST_CONDITIONS
    aliases: int = 0
    past: bool = False  # the rows are of another day; what is masked follows from today's
    seen: list[Condition] = field(default_factory=list)


def compile_filter(
    actor: Actor, kind: RecordType, tree: Any, alias: str = "t", *, past: bool = False
) -> list[Condition]:
    """The filter as conditions that all hold. An empty filter gives none. Raises BadRequest saying what is wrong."""
    if tree in (None, {}, []):
        return []
    budget = _Budget(past=past)
    if isinstance(tree, Mapping) and set(tree) == {"all"}:
        items = _items(tree["all"])
        return [_compile(actor, kind, item, alias, budget, 1) for item in items]
    return [_compile(actor, kind, tree, alias, budget, 1)]


def _items(found: Any) -> Sequence[Any]:
    if not isinstance(found, list):
        raise BadRequest(L("“all” and “any” take a list of conditions."))
    return found


def _compile(actor: Actor, kind: RecordType, tree: Any, alias: str, budget: _Budget, depth: int) -> Condition:
    budget.left -= 1
    if budget.left < 0 or depth > MOST_DEPTH:
        raise BadRequest(L("This filter is too long. At most %(n)s conditions.", n=MOST_CONDITIONS))
    if not isinstance(tree, Mapping):
        raise BadRequest(L("A condition is an object with “field” and “op”."))
    for word, glue in (("all", " AND "), ("any", " OR ")):
        if word in tree:
            if set(tree) != {word}:
                raise BadRequest(L("“%(word)s” stands alone in its object.", word=word))
            parts = [_compile(actor, kind, item, alias, budget, depth + 1) for item in _items(tree[word])]
            if not parts:
                return Condition("1" if word == "all" else "unlikely(0)")  # a bare 0 leaves a forced index unusable
            return Condition(f"({glue.join(p.sql for p in parts)})", tuple(v for p in parts for v in p.params))
    return _comparison(actor, kind, tree, alias, budget)


def _comparison(actor: Actor, kind: RecordType, tree: Mapping[str, Any], alias: str, budget: _Budget) -> Condition:
    unknown = set(tree) - {"field", "op", "value"}
    if unknown:
        raise BadRequest(L("A condition has no “%(key)s”.", key=str(min(unknown, key=str))[:40]))
    path, op = tree.get("field"), tree.get("op")
    if not isinstance(path, str) or not isinstance(op, str):
        raise BadRequest(L("A condition needs “field” and “op”."))
    if op not in _NO_VALUE and "value" not in tree:
        raise BadRequest(L("“%(field)s %(op)s” needs a value.", field=path[:60], op=op[:20]))
    return _along(actor, kind, path.split("."), path, op, tree.get("value"), alias, budget)


def _along(
    actor: Actor, kind: RecordType, steps: list[str], path: str, op: str, value: Any, alias: str, budget: _Budget
) -> Condition:
    """The comparison at the end of ``steps``, each step but the last a link."""
    found = _field(actor, kind, steps[0], path)
    if len(steps) == 1:
        return _compare(actor, kind, found, op, value, alias, path, past=budget.past and alias == "t")
    if not isinstance(found, Link) or len(steps) > 4:
        raise BadRequest(L("“%(field)s” is no link that could be followed.", field=path[:80]))
    target = by_key(found.to)
    budget.aliases += 1
    inner_alias = f"l{budget.aliases}"
    # what is not there or not within reach counts as empty, so "is not" means: not (linked and is)
    positive = _NEGATIVE.get(op, op)
    inner = _along(actor, target, steps[1:], path, positive, value, inner_alias, budget)
    where, params = access.reach(actor, target).where(inner_alias)
    sql = (
        f'{found.expr(alias)} IN (SELECT {inner_alias}.id FROM "{target._meta.table_name}" {inner_alias}'
        f" WHERE {inner.sql} AND {access.live(inner_alias)} AND {where})"
    )
    if positive != op:
        sql = f"({found.expr(alias)} IS NULL OR NOT {sql})"
    return Condition(sql, (*inner.params, *params))


def _field(actor: Actor, kind: RecordType, name: str, path: str) -> Field:
    found = access.readable(actor, kind).get(name)
    if found is not None and name == path:
        return computed.instead(actor, kind, name) or found
    if name in ("id", "version") and found is None:
        return _system_number(name)
    if found is None:
        found = computed.find(actor, kind, name)
    if found is None:
        raise BadRequest(L("There is no field “%(field)s”.", field=path[:80]))
    return found


def _system_number(name: str) -> Field:
    from smallcrm.records.fields import Number

    made = Number(name)
    made.name = made.column_name = name
    return made


def _compare(
    actor: Actor, kind: RecordType, found: Field, op: str, value: Any, alias: str, path: str, *, past: bool
) -> Condition:
    if op not in found.operators:
        offered = ", ".join(found.operators)
        raise BadRequest(
            L(
                "“%(field)s” has no operator “%(op)s”. It has: %(offered)s.",
                field=path[:80],
                op=op[:20],
                offered=offered,
            )
        )
    try:
        sql, params = found.condition(op, value, alias, actor)
    except FieldError as error:
        raise BadRequest(L("%(field)s: %(error)s", field=path[:80], error=str(error))) from None
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise BadRequest(L("%(field)s: this value does not fit.", field=path[:80])) from None
    hidden = _masked_where(actor, kind, found, alias, past=past)
    if hidden:
        if op in ("is_empty", "ne", "not_in"):
            return Condition(f"({hidden} OR {sql})", tuple(params))
        return Condition(f"(NOT {hidden} AND {sql})", tuple(params))
    return Condition(sql, tuple(params), found.key, op)


def _masked_where(actor: Actor, kind: RecordType, found: Field, alias: str, *, past: bool) -> str:
    """The condition under which the field is masked in a row; empty when it never is for this actor."""
    if not found.masked:
        return ""
    pools = [str(int(p)) for p, groups in access.masked_pools(actor, kind).items() if found.masked in groups]
    if not pools:
        return ""
    return f"coalesce({access.pool_of(kind, alias, past=past)} IN ({', '.join(pools)}), 0)"


# ---------------------------------------------------------------- a filter as a sentence


@dataclass(frozen=True)
class Said:
    """One chip: the field's label, the operator's words, the value's words, and where it stands in the filter."""

    field: str
    label: str
    op: str
    value: str
    index: int
    nested: bool = False


def describe(actor: Actor, kind: RecordType, tree: Any) -> list[Said]:
    """The top-level conditions of a filter as chips. A nested group becomes one chip."""
    from smallcrm.records.query.words import said

    if tree in (None, {}, []):
        return []
    items = tree["all"] if isinstance(tree, Mapping) and "all" in tree else [tree]
    return [said(actor, kind, item, index) for index, item in enumerate(items)]

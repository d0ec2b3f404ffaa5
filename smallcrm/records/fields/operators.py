"""What the filter operators mean in SQL. ``ne`` and ``not_in`` include the empty; ``between`` is inclusive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor

if TYPE_CHECKING:
    from smallcrm.records.fields.base import Field

MOST_IN = 10_000

ORDERED = ("eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "between", "is_empty", "not_empty")
_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def simple(field: Field, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
    """Comparisons of one column with stored values."""
    column = field.filter_expr(alias)
    if op == "is_empty":
        return f"{column} IS NULL", []
    if op == "not_empty":
        return f"{column} IS NOT NULL", []
    if op == "eq":
        return f"{column} = ?", [field.operand(value, actor)]
    if op == "ne":
        return f"({column} IS NULL OR {column} <> ?)", [field.operand(value, actor)]
    if op in _SIGNS:
        return f"{column} {_SIGNS[op]} ?", [field.operand(value, actor)]
    if op == "between":
        low, high = pair(value)
        return f"{column} BETWEEN ? AND ?", [field.operand(low, actor), field.operand(high, actor)]
    if op in ("in", "not_in"):
        marks, bound = many(field, value, actor)
        if op == "in":
            return f"{column} IN ({marks})", bound
        return f"({column} IS NULL OR {column} NOT IN ({marks}))", bound
    raise AssertionError(op)


def pair(value: Any) -> tuple[Any, Any]:
    """The two ends of ``between``."""
    from smallcrm.records.fields.base import FieldError

    if not isinstance(value, list | tuple) or len(value) != 2:
        raise FieldError(str(L("“between” takes two values.")))
    return value[0], value[1]


def many(field: Field, value: Any, actor: Actor) -> tuple[str, list[Any]]:
    """Marks and values for ``IN``; a long list travels as one JSON value, and so does an empty one: SQLite would see that
    nothing can fit and then find no use for the index it is told to take.
    """
    from smallcrm.records.fields.base import FieldError
    from smallcrm.store import json_list

    if not isinstance(value, list | tuple):
        raise FieldError(str(L("“in” takes a list of values.")))
    if len(value) > MOST_IN:
        raise FieldError(str(L("At most %(n)s values.", n=MOST_IN)))
    bound = [field.operand(each, actor) for each in value]
    if not bound or len(bound) > 100:
        return "SELECT value FROM json_each(?)", [json_list(bound)]
    return ", ".join("?" * len(bound)), bound


def whole_days(value: Any) -> int:
    """A number of days for ``within_days`` and ``older_than_days``."""
    from smallcrm.records.fields.base import FieldError

    if isinstance(value, bool) or not isinstance(value, int | str):
        raise FieldError(str(L("This takes a number of days.")))
    try:
        days = int(value)
    except ValueError:
        raise FieldError(str(L("This takes a number of days."))) from None
    if abs(days) > 40_000:
        raise FieldError(str(L("That is too many days.")))
    return days

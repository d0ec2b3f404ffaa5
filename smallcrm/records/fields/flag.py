"""Yes or no; stored as 1 or 0, empty means no."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values

_YES = {"1", "true", "yes", "y", "on", "x", "✓", "是", "ναι", "对", "有"}
_NO = {"0", "false", "no", "n", "off", "否", "οχι", "无", "没有", "-"}


class Flag(Field):
    """A tick box."""

    kind = "flag"
    field_type = "INTEGER"
    operators = ("eq", "ne", "in", "not_in", *NOTHING)

    def clean(self, value: Any, context: Cleaning) -> int:
        if isinstance(value, bool) or value in (0, 1):
            return int(value)
        if isinstance(value, str):
            word = fold(value)
            if word in _YES:
                return 1
            if word in _NO:
                return 0
        raise FieldError(str(L("This is yes or no.")))

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "" if value is None else str(L("yes") if value else L("no"))

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return "1" if value else ""

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        return bool(value)

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return None if value is None else str(L("yes") if value else L("no"))

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["boolean", "null"]}

    def filter_expr(self, alias: str) -> str:
        return self.expr(alias)

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.expr(alias)
        if op in ("is_empty", "not_empty"):
            return f"{column} IS {'' if op == 'is_empty' else 'NOT '}NULL", []
        values = value if op in ("in", "not_in") and isinstance(value, list) else [value]
        wanted = {self.operand(each, actor) for each in values}
        if op in ("ne", "not_in"):
            wanted = {0, 1} - wanted
        if wanted == {0, 1}:
            return "1", []
        if not wanted:
            return "unlikely(0)", []  # a bare 0 leaves a forced index unusable
        return (f"{column} = 1", []) if wanted == {1} else (f"({column} IS NULL OR {column} = 0)", [])

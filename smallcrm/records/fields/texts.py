"""Several values: tags, further phones, further addresses. ``eq``, ``contains`` and ``in`` mean any of them."""

from __future__ import annotations

import json
import re
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.base.text import fold, index_address, index_digits, index_words, tidy
from smallcrm.identity.actor import Actor
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values, need_text


class Texts(Field):
    """A JSON list of texts, in the order given, without doubles. ``of`` says what they are: text, phone or email."""

    kind = "texts"
    operators = ("eq", "ne", "in", "not_in", "contains", *NOTHING)
    is_list = True

    def __init__(self, label: Any, *, of: str = "text", most: int = 50, **flags: Any) -> None:
        super().__init__(label, **flags)
        self.of = of
        self.most = most

    def to_sql(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if value else None

    def from_sql(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def clean(self, value: Any, context: Cleaning) -> list[str] | None:
        if isinstance(value, str):
            value = self.read(value, context)
        if not isinstance(value, list | tuple):
            raise FieldError(str(L("This takes a list.")))
        if len(value) > self.most:
            raise FieldError(str(L("At most %(most)s values.", most=self.most)))
        cleaned = [self.clean_item(item) for item in value if not self.blank(item)]
        return list(dict.fromkeys(filter(None, cleaned))) or None

    def clean_item(self, item: Any) -> str:
        from smallcrm.records.fields.email import clean_address
        from smallcrm.records.fields.phone import clean_number

        if self.of == "email":
            return clean_address(item)
        if self.of == "phone":
            return clean_number(item)
        try:
            text = tidy(need_text(item))
        except FieldError:
            raise
        except ValueError:
            raise FieldError(str(L("This holds characters that cannot be kept."))) from None
        if len(text) > 100:
            raise FieldError(str(L("At most %(most)s characters each.", most=100)))
        return text

    def read(self, text: str, context: Cleaning) -> Any:
        return [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]

    def show_item(self, item: str) -> str:
        return item

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "; ".join(self.show_item(item) for item in value or ())

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return "; ".join(value or ())

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        return list(value or ())

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        kept = self.of in ("phone", "email")
        return ("; ".join(value or ()) if kept else self.show(value, values, reading)) or None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["array", "string", "null"], "items": {"type": "string"}}

    def words(self, value: Any) -> str:
        if not value:
            return ""
        if self.of == "phone":
            return index_digits(*value)
        return " ".join((index_address if self.of == "email" else index_words)(self.show_item(v)) for v in value)

    def match_keys(self, value: Any, values: Values) -> list[str]:
        from smallcrm.records.fields.phone import phone_key

        if self.of == "phone":
            return [key for each in value or () if (key := phone_key(each, values.get("country")))]
        return [fold(each) for each in value or ()]

    def item_operand(self, value: Any) -> str:
        return fold(need_text(value))

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.expr(alias)
        if op == "is_empty":
            return f"{column} IS NULL", []
        if op == "not_empty":
            return f"{column} IS NOT NULL", []
        if op == "contains":
            inner, bound = "instr(fold(e.value), ?) > 0", [fold(need_text(value))]
        else:
            several = value if op in ("in", "not_in") else [value]
            if not isinstance(several, list | tuple) or len(several) > 1000:
                raise FieldError(str(L("“in” takes a list of values.")))
            bound = [self.item_operand(each) for each in several]
            inner = f"fold(e.value) IN ({', '.join('?' * len(bound))})"
        found = f"EXISTS (SELECT 1 FROM json_each({column}) e WHERE {inner})"
        return (f"NOT {found}" if op in ("ne", "not_in") else found), bound

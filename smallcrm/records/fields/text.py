"""A line of text, a longer text, a web address."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

import peewee

from smallcrm.base.i18n import L
from smallcrm.base.text import fold, index_address, index_body, index_words, name_core, sort_key, tidy
from smallcrm.identity.actor import Actor
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values, need_text


class Text(Field):
    """One line. With ``sort`` or ``filter`` it keeps a folded key beside it, which is what gets compared."""

    kind = "text"
    operators: ClassVar[tuple[str, ...]] = (
        "eq", "ne", "in", "not_in", "contains", "starts_with", "lt", "lte", "gt", "gte", "between", *NOTHING,
    )  # fmt: skip
    lines: ClassVar[bool] = False

    def __init__(self, label: Any, *, most: int = 200, open_list: bool = False, **flags: Any) -> None:
        super().__init__(label, **flags)
        self.most = most
        self.open_list = open_list  # earlier values are offered as one types

    @property
    def keyed(self) -> bool:
        """Whether a key column stands beside the value."""
        return (self.filter or bool(self.match)) and not self.custom

    def _columns(self) -> tuple[str, ...]:
        name = str(self.column_name)
        return (name, f"{name}_key") if self.keyed else (name,)

    def bind(self, model: Any, name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)
        if self.keyed:
            model._meta.add_field(f"{name}_key", peewee.TextField(null=True))

    def clean(self, value: Any, context: Cleaning) -> str | None:
        try:
            text = tidy(need_text(value), lines=self.lines)
        except FieldError:
            raise
        except ValueError:
            raise FieldError(str(L("This holds characters that cannot be kept."))) from None
        if len(text) > self.most:
            raise FieldError(
                str(L("At most %(most)s characters; these are %(found)s.", most=self.most, found=len(text)))
            )
        return text or None

    def fill(self, value: Any, context: Cleaning) -> dict[str, Any]:
        text = None if self.blank(value) else self.clean(value, context)
        filled = {self.columns[0]: text}
        if self.keyed:
            filled[self.columns[1]] = sort_key(text) if text else None
        return filled

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.most}

    def words(self, value: Any) -> str:
        return index_words(value) if value else ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        if not value:
            return []
        if self.match == "name":
            core = name_core(value)
            return [core] if len(core) > 1 else []
        return [fold(value).replace(" ", "")]

    def filter_expr(self, alias: str) -> str:
        return self.expr(alias, "_key") if self.keyed else f"fold({self.expr(alias)})"

    def sort_expr(self, alias: str = "t") -> str:
        return self.filter_expr(alias)

    def operand(self, value: Any, actor: Actor) -> str:
        text = need_text(value)
        return sort_key(text) if self.keyed else fold(text)

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.filter_expr(alias)
        if op == "starts_with":
            start = self.operand(value, actor)
            return f"({column} >= ? AND {column} < ?)", [start, start + "\U0010ffff"]
        if op == "contains":
            part = self.operand(value, actor)
            if self.keyed and part.isascii() and not part.isdigit():
                # the key carries pinyin, which nobody asked for here
                return f"(instr({column}, ?) > 0 AND instr(fold({self.expr(alias)}), ?) > 0)", [part, part]
            return f"instr({column}, ?) > 0", [part]
        return operators.simple(self, op, value, alias, actor)


class LongText(Text):
    """Several lines; searched as a body, never sorted."""

    kind = "long_text"
    operators: ClassVar[tuple[str, ...]] = ("contains", *NOTHING)
    lines = True

    def __init__(self, label: Any, *, most: int = 20_000, **flags: Any) -> None:
        super().__init__(label, most=most, wide=True, **flags)

    @property
    def keyed(self) -> bool:
        return False

    def words(self, value: Any) -> str:
        return index_body(value) if value else ""

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return value


class Url(Text):
    """A web address; only http and https, the scheme may be left out."""

    kind = "url"

    def __init__(self, label: Any, **flags: Any) -> None:
        super().__init__(label, most=400, **flags)

    def clean(self, value: Any, context: Cleaning) -> str | None:
        text = super().clean(value, context)
        if text is None:
            return None
        wrong = FieldError(str(L("This is no web address. It looks like www.example.com.")))
        if " " in text or re.match(r"(?i)(?!https?:)[a-z][a-z0-9+.-]*:(?!\d)", text):
            raise wrong
        try:
            host = urlsplit(text if "://" in text else f"https://{text}").hostname
        except ValueError:
            raise wrong from None
        if not host or "." not in host.strip("."):
            raise wrong
        return text

    def words(self, value: Any) -> str:
        return index_address(value) if value else ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        if not value:
            return []
        host = urlsplit(value if "://" in value else f"https://{value}").hostname or ""
        return [host.removeprefix("www.")] if "." in host else []

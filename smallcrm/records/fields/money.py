"""An amount in the record's currency, with its value in the company's currency beside it for sums and sorting."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import peewee

from smallcrm.base import formats, money
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import Cleaning, Field, FieldError, Reading, Values

# (currency) → rate to the company's currency, None where unknown; and the company's currency. Set by records/settings.
rate_of: Callable[[str], Decimal | None] = lambda _currency: Decimal(1)
company_currency: Callable[[], str] = lambda: "EUR"


# a sign or a word, a figure, a sign or a word
_TYPED = re.compile(r"\s*([^\W\d_]*[^\w\s.,'+\-−－]?|)\s*([-+−－\d.,．，'\s]+?)\s*([^\W\d_]*[^\w\s.,'+\-]?)\s*")
_LONGEST = 60
_WORDS = {
    "RMB": "CNY", "元": "CNY", "人民币": "CNY", "EURO": "EUR", "EUROS": "EUR", "ΕΥΡΏ": "EUR", "ΕΥΡΩ": "EUR",
    "€": "EUR", "£": "GBP", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF",
}  # fmt: skip


def _is_sign(unit: str) -> bool:
    """Whether it is a sign that several currencies share: nothing, ``$``, ``US$``, ``kr``."""
    return not unit or unit in ("KR", "FR") or (unit[-1] in "$¥￥₩₹₺₽₫฿₪₱" and len(unit) <= 3)


class Money(Field):
    """Minor units of ``values["currency"]`` (else of the company's currency). API: text with the decimals."""

    kind = "money"
    field_type = "INTEGER"
    operators = operators.ORDERED
    numeric = True

    def _columns(self) -> tuple[str, ...]:
        name = str(self.column_name)
        return (name, f"{name}_base")

    def bind(self, model: Any, name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)
        model._meta.add_field(f"{name}_base", peewee.IntegerField(null=True))

    def clean(self, value: Any, context: Cleaning) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise FieldError(str(L("This is no amount.")))
        try:
            return money.minor(str(value).strip(), _currency(context.values))
        except ValueError:
            raise FieldError(str(L("This is no amount, or it is too large."))) from None

    def read(self, text: str, context: Cleaning) -> Any:
        found = _TYPED.fullmatch(text) if len(text) <= _LONGEST else None
        unit = (found[1] or found[3] or "").upper() if found else ""
        code = _WORDS.get(unit, unit)
        try:
            if found is None or (found[1] and found[3]) or not (code in money.currencies() or _is_sign(unit)):
                raise ValueError(text)
            amount = formats.parse_number(found[2])
        except ValueError:
            raise FieldError(str(L("“%(text)s” is no amount.", text=text[:40]))) from None
        meant = _currency(context.values)
        if code in money.currencies() and code != meant:
            raise FieldError(str(L("The currency here is %(meant)s; you typed %(typed)s.", meant=meant, typed=code)))
        return amount

    def fill(self, value: Any, context: Cleaning) -> dict[str, Any]:
        units = None if self.blank(value) else self.clean(value, context)
        return {self.columns[0]: units, self.columns[1]: to_base(units, _currency(context.values))}

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "" if value is None else formats.currency(value, _currency(values))

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return "" if value is None else formats.amount(value, _currency(values))

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        return None if value is None else money.plain(value, _currency(values))

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        return None if value is None else money.major(value, _currency(values))

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "null"]}

    def filter_expr(self, alias: str) -> str:
        return self.expr(alias, "_base")

    def sort_expr(self, alias: str = "t") -> str:
        return self.expr(alias, "_base")

    def operand(self, value: Any, actor: Actor) -> Any:
        return self.clean(value, Cleaning(actor=actor, values={"currency": company_currency()}))


def _currency(values: Values) -> str:
    return values.get("currency") or company_currency()


def to_base(units: int | None, currency: str) -> int | None:
    """``units`` of ``currency`` in minor units of the company's currency; None where no rate is known."""
    base = company_currency()
    if units is None or currency == base:
        return units
    rate = rate_of(currency)
    return None if rate is None else money.minor(money.major(units, currency) * rate, base)

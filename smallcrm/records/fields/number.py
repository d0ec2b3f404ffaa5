"""A number with a fixed count of decimals, stored as an integer of its smallest steps."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import Cleaning, Field, FieldError, Reading, Values


class Number(Field):
    """``places`` decimals; 1.5 with two places is stored as 150. API: an integer, or text such as ``"1.50"``."""

    kind = "number"
    field_type = "INTEGER"
    operators = operators.ORDERED
    numeric = True

    def __init__(
        self,
        label: Any,
        *,
        places: int = 0,
        least: int | None = None,
        most: int = 10**12,
        unit: Any = "",
        percent: bool = False,
        **flags: Any,
    ) -> None:
        super().__init__(label, **flags)
        self.places = places
        self.least = least
        self.most = most
        self.unit = "%" if percent else unit

    def clean(self, value: Any, context: Cleaning) -> int:
        wrong = FieldError(str(L("This is no number.")))
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise wrong
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            raise wrong from None
        if not number.is_finite():
            raise wrong
        if abs(number) > self.most or (self.least is not None and number < self.least):
            if self.least is None:
                raise FieldError(str(L("At most %(most)s.", most=formats.number(self.most))))
            raise FieldError(
                str(L("Between %(least)s and %(most)s.", least=self.least, most=formats.number(self.most)))
            )
        steps = number.scaleb(self.places)
        if self.places == 0 and steps != steps.to_integral_value():
            raise FieldError(str(L("This must be a whole number.")))
        return int(steps.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def read(self, text: str, context: Cleaning) -> Any:
        try:
            return formats.parse_number(text.strip().removesuffix("%"))
        except ValueError:
            raise FieldError(str(L("“%(text)s” is no number.", text=text[:40]))) from None

    def _decimal(self, value: int) -> Decimal:
        return Decimal(value).scaleb(-self.places)

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        if value is None:
            return ""
        text = formats.number(self._decimal(value), self.places) if self.places else formats.number(value)
        return f"{text}%" if self.unit == "%" else f"{text} {self.unit}" if self.unit else text

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        if value is None:
            return ""
        return formats.number(self._decimal(value), self.places) if self.places else str(value)  # 8142, 1996

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        if value is None or not self.places:
            return value
        return f"{self._decimal(value):.{self.places}f}"

    def cell(self, value: Any, values: Values, reading: Reading) -> Any:
        if value is None:
            return None
        return self._decimal(value) if self.places else value

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]} if self.places else {"type": ["integer", "null"]}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "null"]}

    def words(self, value: Any) -> str:
        return "" if value is None else f"{self._decimal(value):f}"

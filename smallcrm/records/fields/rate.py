"""A rate between two currencies: as many decimals as somebody typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.records.fields.base import Cleaning, FieldError, Reading, Values
from smallcrm.records.fields.number import Number

PLACES = 10


class Rate(Number):
    """Above zero, stored in ten-thousand-millionths."""

    def __init__(self, label: Any, **flags: Any) -> None:
        super().__init__(label, places=PLACES, least=0, most=1_000_000, **flags)

    def clean(self, value: Any, context: Cleaning) -> int:
        steps = super().clean(value, context)
        if steps <= 0:
            raise FieldError(str(L("A rate is above zero.")))
        return steps

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "" if value is None else shown(decimal(value))

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return self.show(value, values, reading)


def decimal(steps: int) -> Decimal:
    """A stored rate as a number."""
    return Decimal(steps).scaleb(-PLACES)


def steps(rate: Decimal) -> int:
    """A number as a stored rate."""
    return int(rate.scaleb(PLACES).to_integral_value())


def shown(rate: Decimal) -> str:
    """Without the zeros at its end."""
    return formats.number(rate)

"""Numbers of targets as a page writes them."""

from __future__ import annotations

from decimal import Decimal

from smallcrm.areas.targets.rules.progress import half_up
from smallcrm.base import formats, money
from smallcrm.records import settings
from smallcrm.records.figures.metrics import Metric
from smallcrm.records.figures.words import NONE


def amount(value: Decimal | None, metric: Metric, *, short: bool = False) -> str:
    """In the metric's unit; a dash for none."""
    if value is None:
        return NONE
    if metric.unit == "money":
        currency = settings.money_currency()
        units = money.minor(half_up(value, money.digits(currency)), currency)
        return formats.currency_short(units, currency) if short else formats.currency(units, currency)
    found = half_up(value, metric.places)
    return formats.number(found if found != found.to_integral_value() else int(found))


def percent(value: Decimal | None) -> str:
    """Two decimals; a dash for none."""
    return NONE if value is None else f"{formats.number(value, 2)}%"

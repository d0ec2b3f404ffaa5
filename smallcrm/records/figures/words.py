"""Numbers of a figure as people, spreadsheets and programs read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from smallcrm.base import formats, money
from smallcrm.base.i18n import L, ngettext
from smallcrm.records.figures.asking import Result
from smallcrm.records.figures.measures import Measure, Value, rounded

NONE = "—"


def value(found: Value, measure: Measure, currency: str, *, short: bool = False) -> str:
    """A number with its unit; a dash for none."""
    if found is None:
        return NONE
    if measure.unit == "money":
        units = int(rounded(Decimal(found), 0))
        return formats.currency_short(units, currency) if short else formats.currency(units, currency)
    if measure.unit == "percent":
        return f"{formats.number(rounded(Decimal(found), 0 if short else 2))}%"
    if measure.unit == "days":
        number = rounded(Decimal(found), 1)
        return (
            ngettext("%(n)s day", "%(n)s days", int(number))
            if number == int(number)
            else str(L("%(days)s days", days=formats.number(number, 1)))
        )
    scaled = Decimal(found).scaleb(-measure.places)
    return formats.number(rounded(scaled, max(measure.places, 0 if scaled == int(scaled) else 2)))


def plain(found: Value, measure: Measure, currency: str) -> Any:
    """For a spreadsheet or a program: amounts in whole units of the currency, percent as a fraction of 100."""
    if found is None:
        return None
    if measure.unit == "money":
        return Decimal(int(rounded(Decimal(found), 0))).scaleb(-money.digits(currency))
    if measure.unit in ("percent", "days"):
        return rounded(Decimal(found), 2)
    scaled = Decimal(found).scaleb(-measure.places)
    return int(scaled) if scaled == int(scaled) else rounded(scaled, max(measure.places, 2))


def in_currency(result: Result) -> str:
    """That sums are in the company's currency, and what they leave out."""
    if result.measure.unit != "money":
        return without(result.without_rate)
    return sums_in(result.currency, result.without_rate)


def sums_in(currency: str, left_out: int = 0) -> str:
    """The same of any sums."""
    said = str(L("In %(currency)s, at the rates kept with each record.", currency=currency))
    return f"{said} {without(left_out)}".rstrip()


def without(n: int) -> str:
    """How many amounts a sum leaves out for want of a rate; empty for none."""
    return ngettext("without %(n)s amount: no rate", "without %(n)s amounts: no rate", n) if n else ""

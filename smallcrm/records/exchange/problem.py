"""What is wrong with a cell, in words for the person who owns the file.

``drops`` says what follows from it: ``row`` (it can be mended in the file, so the row waits), ``value`` (what was meant
is lost for good, so the row comes in without it) or ``nothing`` (kept, but worth a look).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from smallcrm.base.i18n import L, Lazy

Drops = Literal["row", "value", "nothing"]

MESSAGES: dict[str, tuple[Drops, Lazy]] = {
    "no_such_date": ("row", L("There is no such date: %(text)s.")),
    "not_a_date": ("row", L("“%(text)s” is no date.")),
    "year_missing": ("row", L("“%(text)s” lacks the year.")),
    "day_missing": ("row", L("“%(text)s” lacks the day.")),
    "date_out_of_range": ("row", L("The year of “%(text)s” cannot be right.")),
    "ambiguous_date": ("row", L("“%(text)s” can be read as two dates. Say which comes first, day or month.")),
    "serial_date": ("nothing", L("%(text)s was read as Excel's number for %(date)s.")),
    "not_a_number": ("row", L("“%(text)s” is no number.")),
    "ambiguous_number": ("row", L("“%(text)s” can be read in two ways. Say which sign stands before the decimals.")),
    "number_too_large": ("row", L("“%(text)s” is too large a number.")),
    "not_whole": ("row", L("“%(text)s” is no whole number.")),
    "digits_lost": ("value", L("The spreadsheet kept only %(text)s; the other digits are lost.")),
    "digits_doubtful": ("nothing", L("The spreadsheet keeps 15 digits; the last ones of %(text)s may be wrong.")),
    "not_a_phone": ("value", L("“%(text)s” is no phone number.")),
    "phone_shortened": ("nothing", L("Of “%(text)s” only the whole numbers were taken.")),
    "not_an_email": ("value", L("“%(text)s” is no e-mail address.")),
    "not_a_flag": ("row", L("“%(text)s” is neither yes nor no.")),
    "unknown_choice": ("row", L("“%(text)s” is none of the choices.")),
    "cell_error": ("value", L("The cell holds the error %(text)s instead of a value.")),
    "no_result": (
        "row",
        L("The formula %(text)s has no stored result. Open the file in Excel or LibreOffice and save it again."),
    ),
    "letters_lost": ("row", L("“%(text)s” has letters that were lost in an earlier conversion.")),
    "too_long": ("nothing", L("The text was cut at %(limit)s characters.")),
    "not_a_url": ("value", L("“%(text)s” is no web address.")),
    "other_currency": ("nothing", L("“%(text)s” names the currency %(currency)s.")),
    "required": ("row", L("A value is needed here.")),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """``code`` is a key of ``MESSAGES``; ``values`` fill its sentence."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def drops(self) -> Drops:
        return MESSAGES[self.code][0]

    def __str__(self) -> str:
        values = {key: _short(value) for key, value in self.values.items()}
        return str(Lazy(MESSAGES[self.code][1].message, **values))


def _short(value: Any) -> Any:
    return f"{value[:60]}…" if isinstance(value, str) and len(value) > 61 else value


class Unfit(Exception):
    """Raised inside a reader of values: the cell cannot be read as what its column holds."""

    def __init__(self, code: str, text: object, **values: Any) -> None:
        self.problem = Problem(code, {"text": str(text), **values})
        super().__init__(code)

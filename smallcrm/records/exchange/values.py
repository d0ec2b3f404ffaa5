"""Cells to values: what a column of dates, phones or money holds, by the column's own conventions.

A reader is made once a column and called for every cell: ``(value, problem)`` comes back. ``value`` is None where the
cell is empty or the problem drops it. Values by kind: text, long_text, code, link, person, choice, url: str · integer:
int · number, percent: Decimal (12.5 for 12.5 %) · money: ``Amount`` · date: date · moment: datetime (naive means the
business's clock) · flag: bool · phone, phones, email, emails, choices, texts: list of str.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from smallcrm.base.text import fold, tidy
from smallcrm.records.exchange import contacts, dates, figures, words
from smallcrm.records.exchange.cells import EXACT, Cell, CellError, number_text, shown
from smallcrm.records.exchange.problem import Problem, Unfit

Read = tuple[Any, Problem | None]

LISTS = frozenset({"phone", "phones", "email", "emails", "choices", "texts"})
TEXTS = frozenset({"text", "long_text", "link", "person"})
KINDS = LISTS | TEXTS | {"code", "choice", "url", "integer", "number", "percent", "money", "date", "moment", "flag"}


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as it stands in a file: ``currency`` is an ISO code, or empty where the cell names none."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True)
class Choice:
    """One of the values of a closed or open list, with every text that means it: labels in all languages, aliases."""

    value: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conventions:
    """How a column's cells are to be read."""

    date_order: str = ""  # dmy, mdy, ymd; empty where it was not decided
    decimal: str = ""  # . or , ; empty where it was not decided
    currency: str = ""  # of amounts that name none; empty for the company's
    epoch_1904: bool = False
    scale: int = 0  # by how many zeros its figures are short: 4 under "万元"
    fractions: bool = False  # a column of percentages that holds 0.24 for 24 %
    empty_markers: bool = True  # "-", "n/a", "无" mean nothing
    choices: tuple[Choice, ...] = ()
    open: bool = True  # whether a text that is none of the choices is a new one
    values: Mapping[str, str | None] = field(default_factory=dict)  # text in the file → value, or None for nothing


class ColumnReader:
    """Reads the cells of one column. Remembers texts it has seen: columns repeat themselves."""

    def __init__(self, kind: str, conventions: Conventions | None = None) -> None:
        if kind not in KINDS:
            raise ValueError(kind)
        self.kind = kind
        self.how = conventions or Conventions()
        self._read: Callable[[Cell, ColumnReader], Any] = _READERS[kind]
        self._empty = words.EMPTY if kind in TEXTS else words.EMPTY_VALUE
        self.choices = _choice_index(self.how)
        self._renamed = {fold(text): value for text, value in self.how.values.items()} if kind in TEXTS else {}
        self._seen: dict[str, Read] = {}

    def __call__(self, cell: Cell) -> Read:
        if cell is None:
            return None, None
        if not isinstance(cell, str):
            return self._fresh(cell)
        known = self._seen.get(cell)
        if known is None:
            known = self._fresh(cell)
            if len(self._seen) < 20_000 and len(cell) < 200:
                self._seen[cell] = known
        return known

    def _fresh(self, cell: Cell) -> Read:
        if isinstance(cell, CellError):
            return None, Problem("cell_error" if cell.code else "no_result", {"text": str(cell)})
        try:
            if isinstance(cell, str):
                if not cell.strip() or self._means_nothing(cell):
                    return None, None
                if "\ufffd" in cell:
                    raise Unfit("letters_lost", cell)
            if self._renamed and (folded := fold(_plain(cell))) in self._renamed:
                return self._renamed[folded], None
            found = self._read(cell, self)
        except Unfit as unfit:
            return None, unfit.problem
        return found if isinstance(found, tuple) else (found, None)

    def _means_nothing(self, text: str) -> bool:
        if not self.how.empty_markers or len(text) > 20:
            return False
        folded = fold(text)
        if folded not in self._empty:
            return False
        return not (folded in self.choices or (self.kind == "flag" and (folded in words.YES or folded in words.NO)))


def _choice_index(how: Conventions) -> dict[str, str | None]:
    """Folded text → choice; what the mapping says comes before labels, labels before the values themselves."""
    index: dict[str, str | None] = {}
    for choice in how.choices:
        index.setdefault(fold(choice.value), choice.value)
    for choice in how.choices:
        for label in choice.labels:
            index.setdefault(fold(label), choice.value)
    index.update({fold(text): value for text, value in how.values.items()})
    return index


# ---------------------------------------------------------------- text


def clean_text(text: str, *, lines: bool = False) -> str:
    """``tidy`` for texts out of files: what no database text can hold is dropped instead of refused."""
    return tidy(text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8"), lines=lines)


def _plain(cell: Cell, *, lines: bool = False) -> str:
    """Any cell as the text it shows."""
    if isinstance(cell, str):
        return clean_text(cell, lines=lines)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell)
    return shown(cell)


_SCIENCE = re.compile(r"[+-]?\d[.,]\d+E\+\d{2,3}", re.IGNORECASE)


def _text(cell: Cell, column: ColumnReader) -> Any:
    text = _plain(cell, lines=column.kind == "long_text")
    inexact = isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT
    if inexact or (isinstance(cell, str) and len(cell) < 30 and _SCIENCE.fullmatch(text)):
        return text, Problem("digits_doubtful", {"text": text})
    return text or None


def _code(cell: Cell, column: ColumnReader) -> Any:
    """Tax numbers, postcodes, account numbers: zeros stay, lost digits are told."""
    if isinstance(cell, float) and (abs(cell) >= EXACT or not cell.is_integer()):
        if abs(cell) >= EXACT:
            raise Unfit("digits_lost", f"{cell:.6g}")
        return number_text(cell)
    text = _plain(cell).lstrip("'").strip()
    if _SCIENCE.fullmatch(text):
        raise Unfit("digits_lost", text)
    return re.sub(r"^(\d+)\.0+$", r"\1", text) or None


def _url(cell: Cell, column: ColumnReader) -> Any:
    text = _plain(cell)
    if (
        len(text) > 2_000
        or " " in text
        or "." not in text
        or "@" in text.partition("/")[0]
        or text.lower().startswith("javascript:")
    ):
        raise Unfit("not_a_url", text)
    return text


# ---------------------------------------------------------------- figures


def _number_of(cell: Cell, column: ColumnReader) -> figures.Number:
    if isinstance(cell, bool | dt.date):
        raise Unfit("not_a_number", _plain(cell))
    if isinstance(cell, int | float):
        if abs(cell) > figures.MOST:
            raise Unfit("number_too_large", number_text(cell))
        return figures.Number(_scaled(Decimal(cell) if isinstance(cell, int) else figures.of_float(cell), column))
    number = figures.parse(str(cell), column.how.decimal)
    return number if number.scaled or number.percent else replace(number, value=_scaled(number.value, column))


def _scaled(value: Decimal, column: ColumnReader) -> Decimal:
    return Decimal(f"{value.scaleb(column.how.scale):f}") if column.how.scale else value


def _number(cell: Cell, column: ColumnReader) -> Any:
    number = _number_of(cell, column)
    return number.value / 100 if number.percent else number.value


def _integer(cell: Cell, column: ColumnReader) -> Any:
    number = _number_of(cell, column)
    if number.percent or number.value != number.value.to_integral_value():
        raise Unfit("not_whole", _plain(cell))
    return int(number.value)


def _percent(cell: Cell, column: ColumnReader) -> Any:
    number = _number_of(cell, column)
    return number.value if number.percent or not column.how.fractions else number.value * 100


def _money(cell: Cell, column: ColumnReader) -> Any:
    number = _number_of(cell, column)
    if number.percent:
        raise Unfit("not_a_number", _plain(cell))
    return Amount(number.value, number.currency or column.how.currency)


# ---------------------------------------------------------------- dates


_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")


def _moment_of(cell: Cell, column: ColumnReader) -> tuple[dt.datetime | dt.date, Problem | None]:
    if isinstance(cell, dt.date):
        if not dates.FIRST_YEAR <= cell.year <= dates.LAST_YEAR:
            raise Unfit("date_out_of_range", cell.isoformat()[:10])
        return cell, None
    if isinstance(cell, bool):
        raise Unfit("not_a_date", _plain(cell))
    if isinstance(cell, int | float):
        if isinstance(cell, int) and cell > 10_000_000:
            return _typed(str(cell), column), None
        return _serial(cell, column)
    text = str(cell).strip()
    if _SERIAL.fullmatch(text):
        return _serial(float(text.replace(",", ".")), column)
    return _typed(text, column), None


def _serial(value: float, column: ColumnReader) -> tuple[dt.datetime, Problem]:
    found = dates.of_serial(value, column.how.epoch_1904)
    if found is None:
        text = number_text(value)
        raise Unfit("day_missing" if re.fullmatch(r"(?:19|20)\d\d", text) else "not_a_date", text)
    return found, Problem("serial_date", {"text": number_text(value), "date": found.date().isoformat()})


def _typed(text: str, column: ColumnReader) -> dt.datetime | dt.date:
    parsed = dates.parse(text)
    if "" in parsed.days:
        day = parsed.days[""]
    elif column.how.date_order:
        day = parsed.days.get(column.how.date_order)
    else:
        possible = [day for day in parsed.days.values() if day]
        if len(possible) > 1:
            raise Unfit("ambiguous_date", text)
        day = possible[0]
    if day is None:
        raise Unfit("no_such_date", text)
    return dt.datetime.combine(day, parsed.time) if parsed.time else day


def _date(cell: Cell, column: ColumnReader) -> Any:
    found, problem = _moment_of(cell, column)
    return found.date() if isinstance(found, dt.datetime) else found, problem


def _moment(cell: Cell, column: ColumnReader) -> Any:
    found, problem = _moment_of(cell, column)
    return found if isinstance(found, dt.datetime) else dt.datetime.combine(found, dt.time()), problem


# ---------------------------------------------------------------- choices and lists


def _flag(cell: Cell, column: ColumnReader) -> Any:
    if isinstance(cell, bool):
        return cell
    folded = fold(_plain(cell))
    if folded in column.choices:
        return column.choices[folded] in ("true", "yes", "1")
    if folded in words.YES:
        return True
    if folded in words.NO:
        return False
    raise Unfit("not_a_flag", _plain(cell))


def _choice(cell: Cell, column: ColumnReader) -> Any:
    text = _plain(cell)
    folded = fold(text)
    if folded in column.choices:
        return column.choices[folded]
    if not column.how.open:
        raise Unfit("unknown_choice", text)
    return text or None


_LIST = re.compile(r"[;；、,，|\n]+")


def _parts(cell: Cell) -> Sequence[str]:
    text = cell if isinstance(cell, str) else _plain(cell)
    return [part for part in (clean_text(piece) for piece in _LIST.split(text)) if part]


def _choices(cell: Cell, column: ColumnReader) -> Any:
    whole = fold(_plain(cell))
    known = whole in column.choices
    found = [column.choices[whole]] if known else [_choice(part, column) for part in _parts(cell)]
    return list(dict.fromkeys(value for value in found if value)) or None


def _texts(cell: Cell, column: ColumnReader) -> Any:
    return list(dict.fromkeys(_parts(cell))) or None


def _phones(cell: Cell, column: ColumnReader) -> Any:
    return contacts.phones(cell)


def _emails(cell: Cell, column: ColumnReader) -> Any:
    return contacts.emails(cell)


_READERS: dict[str, Callable[[Cell, ColumnReader], Any]] = {
    "text": _text, "long_text": _text, "link": _text, "person": _text, "code": _code, "url": _url,
    "number": _number, "integer": _integer, "percent": _percent, "money": _money,
    "date": _date, "moment": _moment, "flag": _flag,
    "choice": _choice, "choices": _choices, "texts": _texts,
    "phone": _phones, "phones": _phones, "email": _emails, "emails": _emails,
}  # fmt: skip

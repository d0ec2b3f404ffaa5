"""The workbook itself, written row by row with openpyxl. Called in this process for little, in a worker for much.

Every text is written as a text, whatever it begins with; what a workbook cannot hold is dropped or cut, and told.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from smallcrm.records.exchange.cells import EXACT, letter

LONGEST = 32_767  # characters a cell can hold, as UTF-16 counts them
CUT_MARK = "…"
_LOOK = 200  # rows that widths are taken from

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_STARTS_FORMULA = re.compile(r"""[\s\u200b-\u200f\u2060\ufeff"';,|]*[=+\-@＝＋－＠]""")


def legal(text: str) -> str:
    """The text without control characters and halves of characters, its lines ending in LF."""
    if text.isprintable():
        return text
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean(text: str) -> str:
    """The text without what a workbook cannot hold, and at most as long as a cell."""
    text = legal(text)
    if len(text) * 2 > LONGEST and len(text.encode("utf-16-le")) // 2 > LONGEST:
        kept = text.encode("utf-16-le")[: (LONGEST - 1) * 2].decode("utf-16-le", "ignore")
        return kept + CUT_MARK
    return text


def was_cut(text: str) -> bool:
    """Whether a cell's text is one that ``clean`` had to cut: reading it back must not shorten the record's."""
    return text.endswith(CUT_MARK) and len(text.encode("utf-16-le")) // 2 >= LONGEST - 1


def title(text: str) -> str:
    """A sheet's name that Excel accepts."""
    return _TITLE.sub(" ", text).strip(" '")[:31].strip(" '") or "Sheet"


FORMATS = {
    "integer": "#,##0", "number": "#,##0.######", "money": "#,##0.00", "percent": "0.##%",
    "text": "@", "long_text": "@", "code": "@", "phone": "@", "phones": "@", "flag": "General",
    "any": "General",
}  # fmt: skip


def _format(column: dict[str, Any], book: dict[str, Any]) -> str:
    if column["kind"] == "date":
        return str(book["date_format"])
    if column["kind"] == "moment":
        return f"{book['date_format']} hh:mm"
    if column["kind"] == "money" and column.get("decimals") is not None:
        places = int(column["decimals"])
        return "#,##0" + (f".{'0' * places}" if places else "")
    return FORMATS.get(column["kind"], "@")


def write_book(path: Path, book: dict[str, Any], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Write ``book`` (see ``writing``) with ``rows`` to ``path``, which appears only when it is whole.

    A row may end in a dict: ``{"bad": [columns]}`` colours those cells.
    """
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    part = path.with_name(f"{path.name}.part")
    try:
        count, cut = _data_sheet(made, book, rows)
        for sheet in book["sheets"]:
            _plain_sheet(made, sheet)
        made.save(part)
        os.replace(part, path)
    except BaseException:
        _abandon(made)
        raise
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return {"rows": count, "cut": cut}


def _abandon(made: Any) -> None:
    """Close what is half written, so that no temporary file stays."""
    for sheet in made.worksheets:
        with suppress(Exception):
            sheet.close()
        with suppress(Exception):
            sheet._writer.cleanup()


# ---------------------------------------------------------------- the sheet of data


def _data_sheet(made: Any, book: dict[str, Any], rows: Iterable[Sequence[Any]]) -> tuple[int, list[list[int]]]:
    columns = book["columns"]
    sheet = made.create_sheet(title(book["title"]))
    source = iter(rows)
    first = list(islice(source, _LOOK))
    _columns(sheet, columns, first, book)
    sheet.freeze_panes = f"{letter(book['frozen'])}2"
    pen = _Pen(sheet, [_format(column, book) for column in columns])
    pen.header(columns)
    count, cut = 0, list[list[int]]()
    for count, row in enumerate(chain(first, source), 1):  # noqa: B007
        pen.row(row, cut)
    if columns:
        sheet.auto_filter.ref = f"A1:{letter(len(columns) - 1)}{count + 1}"
    for index, column in enumerate(columns):
        if column.get("choices"):
            _drop_down(made, sheet, book, index, column["choices"])
    return count, cut[:1000]


def _columns(sheet: Any, columns: list[dict[str, Any]], first: list[Sequence[Any]], book: dict[str, Any]) -> None:
    for index, column in enumerate(columns):
        dimension = sheet.column_dimensions[letter(index)]
        dimension.width = column.get("width") or _width(
            column["title"], [row[index] for row in first if index < len(row)]
        )
        dimension.hidden = bool(column.get("hidden"))
        dimension.number_format = _format(column, book)


def _width(title_: str, cells: list[Any]) -> float:
    widest = max(
        [_columns_of(title_) + 3, *(_columns_of(str(cell)[:200].split("\n")[0]) for cell in cells if cell is not None)]
    )
    return float(min(60, max(8, widest + 1.5)))


def _columns_of(text: str) -> int:
    """How many characters wide a text is: Han and full-width ones count twice."""
    return sum(2 if char > "\u2e7f" else 1 for char in text)


class _Cell:
    """What openpyxl's row writer asks of a cell. Its own cells cost three times as much and check what is known."""

    __slots__ = ("_value", "coordinate", "data_type", "parent", "style_id")
    _comment = hyperlink = None
    has_style = True

    def __init__(self, sheet: Any, coordinate: str, style: int, value: Any, kind: str) -> None:
        self.parent, self.coordinate, self.style_id, self._value, self.data_type = sheet, coordinate, style, value, kind


_FIGURES = frozenset({"integer", "number", "money", "percent"})
_FILL, _PINK = "E8EEF2", "FBE0DE"


class _Pen:
    """Writes rows: a style's number is looked up once a column, not once a cell."""

    def __init__(self, sheet: Any, formats: list[str]) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill

        self._sheet, self._number = sheet, 0
        sheet._values_to_row = lambda cells, _: cells  # our cells need no conversion
        top, wrap = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
        pink = PatternFill("solid", fgColor=_PINK)
        self._letters = [letter(index) for index in range(len(formats))]
        head = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor=_FILL)}
        self.head = self.style(**head, alignment=wrap)
        self.head_right = self.style(**head, alignment=Alignment(vertical="top", horizontal="right", wrap_text=True))
        self.bold, self.wrapped = self.style(font=Font(bold=True), alignment=wrap), self.style(alignment=wrap)
        self._styles = [self.style(number_format=code, alignment=top) for code in formats]
        self._long = [self.style(number_format=code, alignment=wrap) for code in formats]
        self._bad = [self.style(number_format=code, alignment=top, fill=pink) for code in formats]
        self._quoted = self.style(number_format="@", alignment=top, quotePrefix=True)
        self._undated = [code in ("General", "@") for code in formats]
        self._dates = {
            (moment, bad): self.style(number_format=code, alignment=top, **({"fill": pink} if bad else {}))
            for moment, code in ((False, "yyyy-mm-dd"), (True, "yyyy-mm-dd hh:mm"))
            for bad in (False, True)
        }

    def style(self, **parts: Any) -> int:
        """The number of a style."""
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet)
        for name, value in parts.items():
            setattr(cell, name, value)
        return int(cell.style_id)

    def header(self, columns: Sequence[dict[str, Any]]) -> None:
        """The row of titles; figures stand under a title at the right."""
        self._number += 1
        styles = [self.head_right if column["kind"] in _FIGURES else self.head for column in columns]
        titles = [self._text(clean(c["title"]), f"{letter(i)}1", styles[i]) for i, c in enumerate(columns)]
        self._sheet.append(titles)

    def texts(self, texts: Sequence[str], style: int) -> None:
        """A row of texts in one style."""
        self._number += 1
        place = self._number
        row = [self._text(clean(t), f"{letter(i)}{place}", style) for i, t in enumerate(texts) if t]
        self._sheet.append(row)

    def row(self, values: Sequence[Any], cut: list[list[int]]) -> None:
        """A row of values; texts that had to be cut are noted."""
        self._number += 1
        bad: Sequence[int] = ()
        if values and isinstance(values[-1], dict):
            bad, values = values[-1]["bad"], values[:-1]
        row = []
        for index, value in enumerate(values):
            if value is not None and value != "":
                row.append(self._cell(value, index, index in bad, cut))
            elif index in bad:
                row.append(_Cell(self._sheet, f"{self._letters[index]}{self._number}", self._bad[index], None, "n"))
        self._sheet.append(row)

    def _cell(self, value: Any, index: int, bad: bool, cut: list[list[int]]) -> _Cell:
        style = (self._bad if bad else self._styles)[index]
        place = f"{self._letters[index]}{self._number}"
        if isinstance(value, str):
            text = clean(value)
            if len(text) > 10_000 and was_cut(text):
                cut.append([self._number - 1, index])
            if not bad and "\n" in text:
                style = self._long[index]
            return self._text(text, place, style)
        if isinstance(value, bool):
            return _Cell(self._sheet, place, style, value, "b")
        if isinstance(value, int):
            return (
                self._text(str(value), place, style)
                if abs(value) >= EXACT
                else _Cell(self._sheet, place, style, value, "n")
            )
        if isinstance(value, dt.date):
            style = self._dates[isinstance(value, dt.datetime), bad] if self._undated[index] else style
            return _Cell(self._sheet, place, style, value, "d")
        if isinstance(value, Decimal) and (not value.is_finite() or len(value.as_tuple().digits) > 15):
            return self._text(str(value), place, style)
        if isinstance(value, float) and not math.isfinite(value):
            return self._text(str(value), place, style)
        return _Cell(self._sheet, place, style, value, "n")

    def _text(self, text: str, place: str, style: int) -> _Cell:
        """A cell that stays a text, whatever it begins with: in this file, and after the next edit in Excel."""
        if _STARTS_FORMULA.match(text) and style in self._styles:
            style = self._quoted
        return _Cell(self._sheet, place, style, _ESCAPED.sub("_x005F_", text) if "_x" in text else text, "s")


def _drop_down(made: Any, sheet: Any, book: dict[str, Any], index: int, choices: list[str]) -> None:
    """Offer the choices in the column's cells; they stand on a hidden sheet, which has no limit on their length."""
    from openpyxl.worksheet.datavalidation import DataValidation

    place = book["lists"].index(index)
    area = f"'{title(book['lists_title'])}'!${letter(place)}$1:${letter(place)}${len(choices)}"
    rule = DataValidation(
        type="list", formula1=area, allow_blank=True, showErrorMessage=not book["columns"][index].get("open")
    )
    rule.add(f"{letter(index)}2:{letter(index)}{max(1000, book.get('room', 1000))}")
    sheet.data_validations.append(rule)


# ---------------------------------------------------------------- the other sheets


def _plain_sheet(made: Any, about: dict[str, Any]) -> None:
    """A sheet of texts: the explanation, lists of choices, what a round trip needs."""
    sheet = made.create_sheet(title(about["title"]))
    sheet.sheet_state = about.get("state", "visible")
    for index, width in enumerate(about.get("widths", ())):
        sheet.column_dimensions[letter(index)].width = width
    pen = _Pen(sheet, [])
    for number, row in enumerate(about["rows"]):
        pen.texts(row, pen.bold if number in about.get("bold", ()) else pen.wrapped)


def padded_rows(columns: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Columns of different length as rows."""
    for number in range(max(map(len, columns), default=0)):
        yield [column[number] if number < len(column) else "" for column in columns]

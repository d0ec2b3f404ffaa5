"""Workbooks written by openpyxl: tables with real types and formats, texts that are never formulas, charts that Excel draws."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smallcrm.base import money
from smallcrm.base.i18n import L, language
from smallcrm.records.exchange.sheets_out import clean

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

DATES = {"zh": "yyyy-mm-dd", "en": "dd/mm/yyyy", "el": "dd/mm/yyyy"}
FORMATS = {"count": "#,##0", "percent": "0.00%", "days": "#,##0.0", "text": "@"}
INK = "0B6478"
_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(frozen=True)
class Column:
    """A column of a table. ``unit``: text, count, money, number, percent (of 100), days, date; ``currency`` of a money one."""

    title: str
    unit: str = "text"
    currency: str = ""
    places: int = 0
    width: float = 0


def new_book() -> Workbook:
    """An empty workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    return book


def sheet(book: Workbook, title: str) -> Worksheet:
    """A sheet under a name that is free and that Excel takes."""
    base = _UNFIT.sub(" ", clean(title)).strip("' ")[:28] or "–"
    name, number = base, 1
    while name.lower() in {each.lower() for each in book.sheetnames}:
        number += 1
        name = f"{base} {number}"
    made = book.create_sheet(name)
    made.sheet_view.showGridLines = False
    return made


def put(
    page: Worksheet,
    row: int,
    column: int,
    value: Any,
    *,
    bold: bool = False,
    size: int = 0,
    form: str = "",
    grey: bool = False,
) -> Any:
    """A value into a cell; a text stays a text whatever it begins with."""
    from openpyxl.styles import Alignment, Font

    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = clean(value)
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=len(value) > 60)
    else:
        cell.value = value
    if form:
        cell.number_format = form
    if bold or size or grey:
        cell.font = Font(bold=bold, size=size or 11, color="626E77" if grey else None)
    return cell


def number_format(column: Column) -> str:
    """How Excel shows a column."""
    if column.unit == "date":
        return DATES.get(language(), "yyyy-mm-dd")
    if column.unit == "money":
        return "#,##0" + ("." + "0" * money.digits(column.currency) if money.digits(column.currency) else "")
    if column.unit == "number" and column.places:
        return "#,##0." + "0" * column.places
    return FORMATS.get(column.unit, "#,##0")


def cell_value(column: Column, value: Any) -> Any:
    """As Excel keeps it: percent as a fraction."""
    if column.unit == "percent" and isinstance(value, int | float | Decimal):
        return Decimal(value) / 100
    return value


def table(
    page: Worksheet,
    top: int,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    *,
    total: Sequence[Any] | None = None,
) -> int:
    """A table with a bold head, real types and a filter; the number of its last row."""
    from openpyxl.styles import Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color="C9D0D3")
    for number, column in enumerate(columns, 1):
        head = put(page, top, number, _head(column), bold=True)
        head.fill = PatternFill("solid", fgColor="E4EFF2")
        head.font = Font(bold=True, color=INK)
        head.border = Border(bottom=line)
    last = top
    for last, row in enumerate([*rows, *([total] if total else [])], top + 1):
        ends = total is not None and last == top + len(rows) + 1
        for number, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            cell = put(
                page,
                last,
                number,
                cell_value(column, value),
                bold=ends,
                form="" if isinstance(value, str) else number_format(column),
            )
            if ends:
                cell.border = Border(top=line)
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        held = page.column_dimensions[letter].width
        page.column_dimensions[letter].width = max(
            held if held != 13 else 0, column.width or _width(column, rows, number - 1)
        )
    if rows:
        page.auto_filter.ref = f"A{top}:{get_column_letter(len(columns))}{top + len(rows)}"
    page.freeze_panes = page.cell(top + 1, 1)
    return last


def _head(column: Column) -> str:
    return (
        f"{column.title} ({column.currency})"
        if column.unit == "money" and column.currency not in ("", column.title)
        else column.title
    )


def _width(column: Column, rows: Sequence[Sequence[Any]], place: int) -> float:
    """As wide as what stands in it; Han letters are twice as wide."""
    texts = [_head(column), *(str(row[place]) for row in rows[:200] if row[place] is not None)]
    return min(48.0, 3 + max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in texts))


def chart(
    page: Worksheet, at: str, title: str, *, kind: str, rows: tuple[int, int], columns: Sequence[int], names: int = 1, head: int = 0,
    form: str = "", source: Worksheet | None = None,
) -> None:  # fmt: skip
    """A chart of ours in Excel's own kind, over a table of ``source``: ``rows`` first and last, ``columns`` with the numbers."""
    from openpyxl.chart import BarChart, LineChart, Reference

    where = source or page
    made = LineChart() if kind == "line" else BarChart()
    if isinstance(made, BarChart):
        made.type = "bar" if kind == "rows" else "col"
        if kind == "stacked":
            made.grouping, made.overlap = "stacked", 100
        if kind == "rows":
            made.x_axis.scaling.orientation = "maxMin"
    made.title, made.height, made.width = clean(title), 8.5, 17
    made.x_axis.delete = made.y_axis.delete = False
    made.y_axis.majorGridlines = made.y_axis.majorGridlines
    if form:
        made.y_axis.number_format = form
    made.legend.position = "b"
    for column in columns:
        made.add_data(
            Reference(where, min_col=column, min_row=head or rows[0] - 1, max_row=rows[1]), titles_from_data=True
        )
    made.set_categories(Reference(where, min_col=names, min_row=rows[0], max_row=rows[1]))
    for place, series in enumerate(made.series):
        ink = (INK, "9DC3CC", "845000", "1D6839", "626E77", "C9D0D3")[place % 6]
        series.graphicalProperties.line.solidFill = ink
        if kind != "line":
            series.graphicalProperties.solidFill = ink
    if len(made.series) < 2:
        made.legend = None
    page.add_chart(made, at)


def content(book: Workbook, *, title: str, company: str) -> bytes:
    """The workbook as octets."""
    if not book.sheetnames:
        put(sheet(book, title), 1, 1, str(L("Nothing to show.")))
    book.properties.title, book.properties.creator = clean(title), clean(company)
    for page in book.worksheets:
        page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def day(value: dt.date) -> str:
    """A date in a cell of words."""
    from smallcrm.base import formats

    return formats.date(value, year=True)

"""Figures as sheets: the table with what it is compared with, the chart beside it, and how it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smallcrm.areas.reports.rules import sheets
from smallcrm.areas.reports.rules.sheets import Column
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, figures, labels, settings
from smallcrm.records.figures import Result, periods, words

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Listed = tuple[str, Result, str]  # name, result, how it is counted
CHARTED = 40  # rows that a chart shows


@dataclass(frozen=True)
class Table:
    """A figure as columns and rows."""

    columns: list[Column]
    rows: list[list[Any]]
    total: list[Any] | None
    series: list[int]  # the columns that are drawn


def of_figures(actor: Actor, title: str, found: Sequence[Listed], *, whose: str = "") -> bytes:
    """A workbook of these figures: the single numbers together on the first sheet, every other one on a sheet of its own."""
    book = sheets.new_book()
    numbers = [each for each in found if not each[1].groups]
    if numbers:
        _numbers(book, title, numbers, whose)
    for name, result, how in found:
        if result.groups:
            figure_sheet(book, name, result, how, whose)
    audit.log(actor, "export", detail={"report": title, "n": sum(len(result.rows) for _, result, _ in found)})
    return sheets.content(book, title=title, company=str(settings.get("company.name")))


def told(result: Result, whose: str = "") -> list[str]:
    """What a figure speaks of: records, period, comparison, whose, currency."""
    found = [labels.many(result.spec.kind)]
    if result.spec.when:
        found.append(periods.words(result.span))
    if result.before:
        found.append(str(L("against %(period)s", period=periods.words(result.before))))
    if whose:
        found.append(whose)
    return [" · ".join(found), *filter(None, [words.in_currency(result)])]


def head(page: Worksheet, title: str, lines: Sequence[str]) -> int:
    """The head of a sheet; the row where its table begins."""
    sheets.put(page, 1, 1, title, bold=True, size=15)
    stamp = str(L("As of %(moment)s", moment=formats.moment_full(clock.now())))
    row = 1
    for row, line in enumerate([each for each in (*lines, stamp) if each], 2):
        sheets.put(page, row, 1, line, grey=True)
    return row + 2


def _column(title: str, result: Result) -> Column:
    unit = result.measure.unit
    return Column(title, unit, result.currency if unit == "money" else "", result.measure.places)


def as_table(result: Result) -> Table:
    """A figure's rows with plain numbers."""
    if len(result.groups) > 1:
        return _crossed(result)
    names = [Column(group.label) for group in result.groups]
    columns = [*names, _column(str(result.measure.label), result)]
    if result.before:
        columns += [_column(periods.words(result.before), result), Column(str(L("Change", "difference")), "percent")]
    rows = [[*row.names, *_values(result, row.cell)] for row in result.rows]
    total = [str(L("Total")), *_values(result, result.total)] if result.groups else None
    drawn = [len(names) + 1, *([len(names) + 2] if result.before else [])]
    return Table(columns, rows, total, drawn)


def _values(result: Result, cell: figures.Cell) -> list[Any]:
    plain = [words.plain(cell.value, result.measure, result.currency)]
    if result.before:
        plain += [words.plain(cell.before, result.measure, result.currency), cell.change]
    return plain


def _crossed(result: Result) -> Table:
    down, across, cells = result.matrix()
    columns = [Column(result.groups[0].label), *(_column(result.names[1].get(key, "–"), result) for key in across)]
    rows = [
        [result.names[0].get(key, "–"), *(_plain(result, cells.get((key, other))) for other in across)]
        for key in down
    ]  # fmt: skip
    return Table(columns, rows, None, list(range(2, min(8, len(columns) + 1))))


def _plain(result: Result, cell: figures.Cell | None) -> Any:
    return words.plain(cell.value, result.measure, result.currency) if cell else None


def figure_sheet(book: Workbook, name: str, result: Result, how: str, whose: str = "") -> Worksheet:
    """A sheet with a figure's table and its chart."""
    page = sheets.sheet(book, name)
    made = as_table(result)
    top = head(page, name, [*told(result, whose), how])
    sheets.table(page, top, made.columns, made.rows, total=made.total)
    if made.rows and result.spec.drawn != "table":
        draw(page, page, name, result, made, top, f"{_letter(len(made.columns) + 2)}{top}")
    return page


def draw(onto: Worksheet, source: Worksheet, name: str, result: Result, made: Table, top: int, at: str) -> None:
    """The chart of a figure's table, onto the same sheet or another one."""
    last = top + min(len(made.rows), CHARTED)
    kind = "stacked" if len(result.groups) > 1 and result.spec.drawn != "line" else result.spec.drawn
    form = sheets.number_format(made.columns[made.series[0] - 1])
    sheets.chart(
        onto, at, name, kind=kind, rows=(top + 1, last), columns=made.series, head=top, form=form, source=source
    )


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def _numbers(book: Workbook, title: str, found: Sequence[Listed], whose: str) -> None:
    page = sheets.sheet(book, title)
    top = head(page, title, [whose])
    number_table(page, top, found)


def number_table(page: Worksheet, top: int, found: Sequence[Listed]) -> int:
    """Single numbers below each other, each in its own format; the last row."""
    for number, text in enumerate(
        (L("Figure"), L("Now"), L("Before"), L("Change", "difference"), L("Period"), L("How it is counted")), 1
    ):
        sheets.put(page, top, number, str(text), bold=True)
    row = top
    for row, (name, result, how) in enumerate(found, top + 1):
        column = _column(name, result)
        form = sheets.number_format(column)
        sheets.put(page, row, 1, name)
        for place, value in ((2, result.total.value), (3, result.total.before)):
            plain = sheets.cell_value(column, words.plain(value, result.measure, result.currency))
            sheets.put(page, row, place, words.NONE if plain is None and place == 2 else plain, form=form)
        change = result.total.change
        sheets.put(page, row, 4, None if change is None else Decimal(change) / 100, form="0.0%")
        sheets.put(page, row, 5, periods.words(result.span) if result.spec.when else str(L("now", "period")))
        sheets.put(page, row, 6, " ".join(each for each in (how, words.in_currency(result)) if each))
    for letter, width in zip("ABCDEF", (34, 18, 18, 12, 26, 60), strict=True):
        page.column_dimensions[letter].width = width
    return row

"""Workbooks (xlsx, xls, ods) to rows on disk. Runs in a process of its own: calamine asks for a whole sheet's area at
once, and a file with two cells in opposite corners makes it abort whoever called it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from smallcrm.records.exchange import sheet_details
from smallcrm.records.exchange.cells import Row, plain
from smallcrm.records.exchange.refusals import Limits, Unreadable
from smallcrm.records.exchange.spool import FileFacts, SheetFacts, rows_file, write_rows

Progress = Callable[[float], None]


def read_workbook(path: Path, kind: str, folder: Path, limits: Limits, progress: Progress) -> FileFacts:
    """Write every sheet's rows into ``folder`` and say what the file is."""
    import python_calamine as calamine

    details = _details(path, kind)
    progress(0.2)
    facts = FileFacts(kind)
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            wanted = [(i, sheet) for i, sheet in enumerate(book.sheets_metadata) if _is_table(sheet)]
            if len(wanted) > limits.sheets:
                raise Unreadable("sheets", count=len(wanted), limit=limits.sheets)
            for done, (index, about) in enumerate(wanted):
                facts.sheets.append(_sheet(book, index, about, details, rows_file(folder, done), limits))
                progress(0.2 + 0.8 * (done + 1) / len(wanted))
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except calamine.CalamineError as fault:
        raise Unreadable("password" if "password" in str(fault).lower() else "damaged") from None
    return facts


def _details(path: Path, kind: str) -> dict[str, sheet_details.Details]:
    if kind == "xlsx":
        return sheet_details.excel_details(path)
    return sheet_details.open_document_details(path) if kind == "ods" else {}


def _is_table(about: Any) -> bool:
    return str(about.typ).endswith("WorkSheet")


def _sheet(
    book: Any, index: int, about: Any, details: dict[str, sheet_details.Details], rows: Path, limits: Limits
) -> SheetFacts:
    more = details.get(about.name, sheet_details.Details())
    facts = SheetFacts(
        about.name,
        hidden=not str(about.visible).endswith(".Visible"),
        hidden_columns=sorted(more.hidden_columns),
        hidden_rows=more.hidden_rows,
        unsolved={str(column): count for column, count in more.unsolved.items() if count},
        currencies={str(column): counts.most_common(1)[0][0] for column, counts in more.currencies.items()},
        epoch_1904=more.epoch_1904,
    )
    sheet = book.get_sheet_by_index(index)
    if sheet.start is not None and sheet.total_width + 1 > limits.columns:
        raise Unreadable("columns", sheet=about.name, count=sheet.total_width + 1, limit=limits.columns)
    facts.merged = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()][
        :20_000
    ]
    write_rows(rows, _rows(sheet, more), facts, limits)
    return facts


def _rows(sheet: Any, details: sheet_details.Details) -> Iterator[Row]:
    """The sheet's rows from its first row and column on, whatever area calamine saw."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    whole = ([*left, *row] for row in sheet.iter_rows())
    for row in sheet_details.patched(_at_least(whole, details), details):
        yield [None if cell == "" else cell if type(cell) is str else plain(cell) for cell in row]


def _at_least(rows: Iterator[list[Any]], details: sheet_details.Details) -> Iterator[list[Any]]:
    """As many rows as the details speak of: calamine ends at the last value, a patch may be below it."""
    last = max(details.patches, default=-1)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        yield row
    for _ in range(count, last + 1):
        yield []

"""Workbooks and csv for people: exports, templates to fill in. What is written here reads back as the same values.

    write_workbook(path, columns, rows, title="Customers", expected=20_000, progress=step)

Rows are sequences of values in the order of ``columns``: None, str, bool, int, Decimal, float, date, datetime (aware
ones are shown on the business's clock), and lists of str, which are joined by ``; ``.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from smallcrm.base import clock
from smallcrm.base.i18n import L, language
from smallcrm.records.exchange import worker
from smallcrm.records.exchange.cells import number_text, pack_row
from smallcrm.records.exchange.layout import OWN
from smallcrm.records.exchange.separated import guarded
from smallcrm.records.exchange.sheets_out import legal, padded_rows, write_book
from smallcrm.records.exchange.sheets_out import title as sheet_title

ID, VERSION = f"id {OWN}", f"version {OWN}"
ABOUT = "smallcrm"
JOIN = "; "
_IDS = 1_000  # ids in a cell
_HERE = 2_000  # rows that are written in this process
_DATES = {"zh": "yyyy-mm-dd", "en": "dd/mm/yyyy", "el": "dd/mm/yyyy"}

Progress = Callable[[float], None]

KIND_NAMES = {
    "text": L("Text"),
    "long_text": L("Long text"),
    "code": L("Text (zeros are kept)"),
    "link": L("Name"),
    "person": L("Name or e-mail"),
    "choice": L("One of the choices"),
    "choices": L("Choices, separated by semicolons"),
    "texts": L("Texts, separated by semicolons"),
    "url": L("Web address"),
    "integer": L("Whole number"),
    "number": L("Number"),
    "percent": L("Per cent"),
    "money": L("Amount"),
    "date": L("Date"),
    "moment": L("Date and time"),
    "flag": L("Yes or no"),
    "phone": L("Phone"),
    "email": L("E-mail"),
    "phones": L("Phones, separated by semicolons"),
    "emails": L("E-mails, separated by semicolons"),
    "any": L("Anything"),
}


@dataclass(frozen=True)
class Column:
    """A column of an export. ``title`` is its header; ``choices`` are offered as a drop-down (``open``: others too)."""

    title: str
    kind: str = "text"
    field: str = ""
    help: str = ""
    required: bool = False
    read_only: bool = False
    hidden: bool = False
    width: float | None = None
    decimals: int | None = None
    choices: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True)
class RoundTrip:
    """Marks an export that may come back: rows must then begin with the record's id and version (two extra values)."""

    type: str
    exported_at: str = ""
    ids: tuple[int, ...] = ()  # every record in it, so that a row that was taken out is seen


@dataclass(frozen=True)
class Written:
    """What came of it: rows written, and cells (row, column) whose text was too long and was cut."""

    rows: int
    cut: tuple[tuple[int, int], ...] = ()


def value_out(value: Any, kind: str = "text") -> Any:
    """A value as it travels to a worker and into a cell."""
    if isinstance(value, list | tuple | set):
        return JOIN.join(str(part) for part in value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(clock.business_zone()).replace(tzinfo=None)
    if kind == "percent" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)) / 100
    if value is None or isinstance(value, str | bool | int | float | Decimal | dt.date):
        return value
    return str(value)


# ---------------------------------------------------------------- workbooks


def write_workbook(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    title: str,
    notes: Sequence[str] = (),
    round_trip: RoundTrip | None = None,
    expected: int = 0,
    progress: Progress | None = None,
    worker_from: int = _HERE,
) -> Written:
    """An xlsx with real types, a frozen bold header, filters and a sheet that explains the columns.

    From ``worker_from`` rows on a process of its own writes it; ``expected`` rows is what ``progress`` counts against,
    and raising in ``progress`` cancels. The file appears only when it is whole. Raises ``DiskFull``.
    """
    columns = list(columns)
    if round_trip:
        columns += [Column(ID, "code", hidden=True), Column(VERSION, "code", hidden=True)]
    book = _book(columns, title, notes, round_trip)
    kinds = [column.kind for column in columns]
    ready = _ready(rows, kinds, bool(round_trip))
    return _write(path, book, _stepping(ready, expected, progress), worker_from)


def _ready(rows: Iterable[Sequence[Any]], kinds: list[str], round_trip: bool) -> Iterator[list[Any]]:
    for row in rows:
        values = [*row[2:], *row[:2]] if round_trip else row
        yield [value_out(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _stepping(rows: Iterable[list[Any]], expected: int, progress: Progress | None) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if progress is not None and number % 250 == 0:
            progress(min(0.99, number / expected) if expected else 0.0)
        yield row


def _write(path: Path, book: dict[str, Any], rows: Iterator[list[Any]], worker_from: int) -> Written:
    first = list(islice(rows, worker_from))
    if len(first) < worker_from:
        result = write_book(path, book, first)
    else:
        feed = (pack_row(row) for row in chain(first, rows))
        try:
            where = path.resolve()
            task = {"path": str(where), "temporary": str(where.parent), "book": book}
            result = worker.run("write", task, feed=feed, timeout=1800)
        finally:
            with suppress(OSError):
                path.with_name(f"{path.name}.part").unlink(missing_ok=True)
    return Written(result["rows"], tuple((row, column) for row, column in result["cut"]))


def _book(
    columns: Sequence[Column], title: str, notes: Sequence[str], round_trip: RoundTrip | None, *, explain: bool = True
) -> dict[str, Any]:
    """All of a workbook but its rows, as JSON can carry it."""
    lists = [index for index, column in enumerate(columns) if column.choices]
    book: dict[str, Any] = {
        "title": title, "columns": [asdict(column) for column in columns], "frozen": 1, "lists": lists,
        "lists_title": f"lists {OWN}", "date_format": _DATES[language()], "sheets": [],
    }  # fmt: skip
    if explain:
        book["sheets"].append(_explanation(columns, notes))
    if lists:
        rows = list(padded_rows([columns[index].choices for index in lists]))
        book["sheets"].append({"title": book["lists_title"], "rows": rows, "state": "hidden"})
    if round_trip:
        about = [[ABOUT, "1"], ["type", round_trip.type], ["exported_at", round_trip.exported_at]]
        about += [["column", column.title, column.field] for column in columns if column.field]
        about += [
            ["ids", " ".join(map(str, round_trip.ids[start : start + _IDS]))]
            for start in range(0, len(round_trip.ids), _IDS)
        ]
        book["sheets"].append({"title": ABOUT, "rows": about, "state": "veryHidden"})
    return book


def _explanation(columns: Sequence[Column], notes: Sequence[str]) -> dict[str, Any]:
    head = [str(L("Column")), str(L("Holds")), str(L("Needed")), str(L("Explanation")), str(L("Choices"))]
    rows = [[note] for note in notes] + ([[""]] if notes else []) + [head]
    for column in columns:
        if not column.hidden:
            needed = L("yes") if column.required else L("only shown, not read back") if column.read_only else ""
            rows.append(
                [column.title, str(KIND_NAMES[column.kind]), str(needed), column.help, JOIN.join(column.choices)[:1000]]
            )
    return {
        "title": str(L("Explanation")), "rows": rows, "bold": [rows.index(head)], "widths": [28, 26, 12, 60, 60],
    }  # fmt: skip


# ---------------------------------------------------------------- csv


def write_csv(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    separator: str = ",",
    expected: int = 0,
    progress: Progress | None = None,
) -> Written:
    """UTF-8 with its mark, CRLF, ISO dates, plain figures; a text that a spreadsheet might run gets an apostrophe."""
    part = path.with_name(f"{path.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8-sig", errors="ignore", newline="") as handle:
            handle.write(_line((guarded(legal(column.title)) for column in columns), separator))
            for count, row in enumerate(_stepping(map(list, rows), expected, progress), 1):  # noqa: B007
                cells = (_csv_cell(value, column.kind) for value, column in zip(row, columns, strict=True))
                handle.write(_line(cells, separator))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return Written(count)


_NEEDS_QUOTES = re.compile(r"""[",;|\t\r\n]|^\s|\s$""")


def _line(cells: Iterable[str], separator: str) -> str:
    """A record. Whatever holds any program's separator is quoted, so that none can split it."""
    quoted = ('"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell for cell in cells)
    return separator.join(quoted) + "\r\n"


def _csv_cell(value: Any, kind: str) -> str:
    value = value_out(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return f"{text}%" if kind == "percent" else text
    if isinstance(value, int | float):
        return number_text(value) + ("%" if kind == "percent" else "")
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, dt.date) else guarded(legal(str(value)))


# ---------------------------------------------------------------- templates


def write_template(
    path: Path,
    columns: Sequence[Column],
    *,
    title: str,
    samples: Iterable[Sequence[Any]] = (),
    notes: Sequence[str] = (),
) -> None:
    """An empty table to fill in: headers (a star where a value is needed), drop-downs, a sheet that explains."""
    shown = [column for column in columns if not column.read_only and not column.hidden]
    starred = [
        Column(**{**asdict(column), "title": f"{column.title} *"}) if column.required else column for column in shown
    ]
    book = _book(starred, title, notes, None)
    write_book(
        path, book, [[value_out(value, c.kind) for value, c in zip(row, starred, strict=True)] for row in samples]
    )


def safe_title(text: str) -> str:
    """A sheet's name as ``write_workbook`` will write it."""
    return sheet_title(text)

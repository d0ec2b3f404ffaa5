"""The first rows of a workbook or a csv, as text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from smallcrm.base import formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.records.exchange.cells import Cell, CellError
from smallcrm.records.exchange.reading import Sheet, open_workbook
from smallcrm.records.exchange.refusals import Limits
from smallcrm.store import durable

LARGEST = 20 * 2**20  # octets up to which a table is opened for a look
ROWS, COLUMNS, SHEETS = 50, 30, 8
_LIMITS = Limits(file_size=LARGEST, unpacked_size=300 * 2**20, memory=600 * 2**20, seconds=20)
MEDIA = frozenset({
    "text/csv", "text/tab-separated-values", "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.oasis.opendocument.spreadsheet",
})  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A sheet's first rows: number and (text, is it a figure) of each cell."""

    name: str
    rows: list[tuple[int, list[tuple[str, bool]]]]
    width: int
    total: int


def read(path: Path, name: str, scratch: Path, language: str) -> list[Shown]:
    """The first sheets with anything in them. Raises Invalid in words where it cannot be read."""
    if path.stat().st_size > LARGEST:
        raise Invalid({"": [str(L("This table is too large for a preview."))]})
    with (
        durable.workplace(scratch) as place,
        open_workbook(path, name, scratch=place.path, language=language, limits=_LIMITS) as book,
    ):
        filled = [sheet for sheet in book.sheets if sheet.facts.filled and not sheet.facts.hidden]
        return [_shown(sheet) for sheet in filled[:SHEETS]]


def _shown(sheet: Sheet) -> Shown:
    hidden = set(sheet.facts.hidden_columns)
    kept = [i for i in range(sheet.facts.width) if i not in hidden][:COLUMNS]
    rows = [
        (number, [_cell(row[i]) if i < len(row) else ("", False) for i in kept]) for number, row in sheet.head(ROWS)
    ]
    return Shown(sheet.name, rows, len(kept), sheet.facts.filled)


def _cell(value: Cell) -> tuple[str, bool]:
    if value is None or isinstance(value, CellError):
        return "" if value is None else str(value), False
    if isinstance(value, bool):
        return str(L("yes") if value else L("no")), False
    if isinstance(value, dt.datetime):
        day = formats.date(value.date(), year=True)
        return (f"{day} {value:%H:%M}" if value.time() != dt.time() else day), True
    if isinstance(value, dt.date):
        return formats.date(value, year=True), True
    if isinstance(value, int | float):
        return (str(value) if isinstance(value, int) else repr(value)), True
    return value[:300], False

"""Rows on disk between the process that reads a file and the one that uses them: a line of JSON each, in order.

A folder holds ``workbook.json`` and ``0.rows``, ``1.rows`` … It is written whole or not at all, and says of which file
it was made, so that the same upload need not be read again for each page that shows it.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smallcrm.records.exchange.cells import Row, pack_row, trimmed, unpack_row
from smallcrm.records.exchange.refusals import LIMITS, Limits, Unreadable

FORMAT = 1  # raised when what is written here changes


@dataclass
class SheetFacts:
    """What is known of a sheet beside its cells. Columns and rows are counted from 0, ``merged`` holds both ends."""

    name: str
    hidden: bool = False
    rows: int = 0
    width: int = 0
    filled: int = 0  # rows that are not blank
    hidden_columns: list[int] = field(default_factory=list)
    hidden_rows: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right
    unsolved: dict[str, int] = field(default_factory=dict)  # column → formulas without a result
    currencies: dict[str, str] = field(default_factory=dict)  # column → the currency most figures are formatted in
    epoch_1904: bool = False


@dataclass
class FileFacts:
    """What is known of a file: ``kind`` xlsx, xls, ods or text; the rest concerns text."""

    kind: str
    sheets: list[SheetFacts] = field(default_factory=list)
    encoding: str = ""
    encoding_confidence: float = 1.0
    encoding_sure: bool = True
    encoding_other: str = ""
    separator: str = ""
    separator_confidence: float = 1.0
    separator_sure: bool = True
    separator_other: str = ""
    bad_lines: list[int] = field(default_factory=list)
    lone_quotes: list[int] = field(default_factory=list)
    zeros: int = 0
    lost_letters: int = 0
    previews: dict[str, list[str]] = field(default_factory=dict)  # encoding → lines read with it, where not sure


def write_rows(path: Path, rows: Iterable[Row], facts: SheetFacts, limits: Limits = LIMITS) -> None:
    """Write a sheet's rows and count them into its facts. Blank rows at the end are not written."""
    waiting, cells = 0, 0
    with path.open("wb") as handle:
        for row in rows:
            row = trimmed(row)
            if not row:
                waiting += 1
                continue
            if len(row) > limits.columns:
                raise Unreadable("columns", sheet=facts.name, count=len(row), limit=limits.columns)
            cells += len(row)
            if cells > limits.cells:
                raise Unreadable("cells", sheet=facts.name, count=cells)
            facts.rows += waiting + 1
            if facts.rows > limits.rows:
                raise Unreadable("rows", sheet=facts.name, limit=limits.rows)
            packed = pack_row(row)
            if len(packed) > limits.cell and any(isinstance(cell, str) and len(cell) > limits.cell for cell in row):
                raise Unreadable("cell", sheet=facts.name, row=facts.rows, limit=limits.cell >> 20)
            handle.write(b"[]\n" * waiting)
            handle.write(packed)
            facts.filled += 1
            facts.width = max(facts.width, len(row))
            waiting = 0


def read_rows(path: Path, first: int = 1) -> Iterator[tuple[int, Row]]:
    """Row number (from 1) and cells, from row ``first`` on, blank rows included."""
    with path.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            if number >= first:
                yield number, [] if line == b"[]\n" else unpack_row(line)


def last_rows(path: Path, count: int) -> list[tuple[int, Row]]:
    """The last ``count`` rows, blank ones included."""
    kept: deque[tuple[int, bytes]] = deque(maxlen=count)
    with path.open("rb") as handle:
        kept.extend(enumerate(handle, 1))
    return [(number, unpack_row(line)) for number, line in kept]


def signature(path: Path, **settings: Any) -> dict[str, Any]:
    """What a spool must have been made of to be used again."""
    stat = path.stat()
    return {"format": FORMAT, "size": stat.st_size, "changed": stat.st_mtime_ns, **settings}


def finish(folder: Path, facts: FileFacts, made_of: dict[str, Any]) -> None:
    """The spool is complete: from now on ``load`` finds it."""
    text = json.dumps({"made_of": made_of, "facts": asdict(facts)})
    part = folder / "workbook.part"
    part.write_text(text, "utf-8")
    os.replace(part, folder / "workbook.json")


def load(folder: Path, made_of: dict[str, Any]) -> FileFacts | None:
    """The facts of a complete spool made of exactly that; None where there is none."""
    try:
        kept = json.loads((folder / "workbook.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if kept.get("made_of") != made_of:
        return None
    facts = FileFacts(**kept["facts"])
    facts.sheets = [SheetFacts(**sheet) for sheet in kept["facts"]["sheets"]]
    for sheet in facts.sheets:
        sheet.merged = [(top, left, bottom, right) for top, left, bottom, right in sheet.merged]
    return facts


def rows_file(folder: Path, index: int) -> Path:
    """Where the rows of sheet ``index`` are."""
    return folder / f"{index}.rows"

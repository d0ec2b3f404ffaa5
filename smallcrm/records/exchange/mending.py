"""The workbook of rows that could not come in: the original cells, what is wrong in front, bad cells coloured.

It is mended in place and imported again: the headers are the file's own, so its mapping is remembered, and the column
of problems is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.records.exchange.cells import Cell, CellError
from smallcrm.records.exchange.layout import OWN
from smallcrm.records.exchange.writing import Column, Progress, Written, _book, _stepping, _write

_HERE = 2_000


@dataclass(frozen=True)
class BadRow:
    """A row as it stood in the file, with its number there. ``problems``: column (None: the whole row) and message."""

    number: int
    cells: Sequence[Cell]
    problems: Sequence[tuple[int | None, object]] = field(default_factory=list)


def problem_title() -> str:
    """The header of the column of problems, in the reader's language; the import ignores every header that ends so."""
    return f"{L('Problem')} {OWN}"


def write_mending(
    path: Path,
    names: Sequence[str],
    rows: Iterable[BadRow],
    *,
    title: str = "",
    expected: int = 0,
    progress: Progress | None = None,
) -> Written:
    """Write the rows under the file's own ``names``. Figures, dates and texts stay what they were."""
    columns = [Column(problem_title(), "long_text", width=50), *(Column(name, "any") for name in names)]
    book = _book(columns, title or str(L("To mend")), (), None, explain=False)
    return _write(path, book, _stepping(_cells(rows, names), expected, progress), _HERE)


def _cells(rows: Iterable[BadRow], names: Sequence[str]) -> Iterator[list[Any]]:
    for row in rows:
        said = []
        for column, message in row.problems:
            known = column is not None and column < len(names)
            said.append(_about_column(names[column], message) if known and column is not None else str(message))
        cells = [str(cell) if isinstance(cell, CellError) else cell for cell in row.cells[: len(names)]]
        cells += [None] * (len(names) - len(cells))
        bad = sorted({column + 1 for column, _ in row.problems if column is not None})
        yield ["\n".join(said), *cells, {"bad": bad}]


def _about_column(name: str, message: object) -> str:
    return str(L("%(column)s: %(problem)s", column=name, problem=message))

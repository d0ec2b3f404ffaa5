"""Our own exports coming back: which record each row was, and which field each column.

The id and version travel in hidden columns, so sorting and deleting rows does them no harm; which header is which
field stands on a hidden sheet, which a csv loses: then the headers are matched like any others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from smallcrm.base.text import fold
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.reading import Workbook
from smallcrm.records.exchange.writing import ABOUT, ID, VERSION


@dataclass(frozen=True)
class ComingBack:
    """``type`` and ``exported_at`` are empty where only the columns tell; ``fields`` has header → field."""

    id_column: int
    version_column: int | None
    type: str = ""
    exported_at: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    ids: frozenset[int] = frozenset()  # every record that was in it; empty where that was not written down

    def record_of(self, cells: Row) -> tuple[int, int] | None:
        """Id and version of a row; None for a row that was added. A version that is gone is 0."""
        found = _whole(cells, self.id_column)
        if found is None:
            return None
        version = _whole(cells, self.version_column) if self.version_column is not None else None
        return found, version or 0


def _whole(cells: Row, column: int) -> int | None:
    cell = cells[column] if column < len(cells) else None
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        value = float(str(cell).strip())
    except ValueError:
        return None
    return int(value) if value == int(value) and 0 < value < 2**53 else None


def coming_back(book: Workbook, names: Sequence[str]) -> ComingBack | None:
    """What ``book``, whose data have the headers ``names``, says of itself; None where it is no export of ours."""
    folded = [fold(name) for name in names]
    if fold(ID) not in folded:
        return None
    version = folded.index(fold(VERSION)) if fold(VERSION) in folded else None
    type_, moment, fields, ids = "", "", {}, set[int]()
    sheet = book.sheet(ABOUT)
    for _, row in sheet.head(3_000) if sheet else ():
        texts = [str(cell) for cell in row if cell is not None]
        if texts[0] == "type" and len(texts) == 2:
            type_ = texts[1]
        elif texts[0] == "exported_at" and len(texts) == 2:
            moment = texts[1]
        elif texts[0] == "ids" and len(texts) == 2:
            ids.update(int(each) for each in texts[1].split() if each.isdigit())
        elif texts[0] == "column" and len(texts) == 3:
            fields[texts[1]] = texts[2]
    return ComingBack(folded.index(fold(ID)), version, type_, moment, fields, frozenset(ids))

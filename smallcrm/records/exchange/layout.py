"""Where the table is on a sheet: header rows, first and last row of data, and what around it is no data.

People put a title above (often merged), group the columns under a second header row, leave rows blank, print the
header again on each page, add sums and remarks below. All of that is found, told, and left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from smallcrm.base.text import fold
from smallcrm.records.exchange import words
from smallcrm.records.exchange.cells import Cell, CellError, Row, letter
from smallcrm.records.exchange.column_words import all_column_words, plain_header, scale_of
from smallcrm.records.exchange.reading import Sheet

OWN = "(smallcrm)"  # headers that end so are ours: the problem, the id, the version; never data
_HEAD, _TAIL = 60, 80
LONGEST_NAME = 500  # characters of a header that are its name

Recognise = Callable[[str], bool]


@dataclass(frozen=True)
class Layout:
    """Rows are counted from 1, columns from 0. ``names`` has one name a column, unique."""

    header_rows: tuple[int, ...]
    names: tuple[str, ...]
    unnamed: frozenset[int]
    first: int
    last: int
    left_out: tuple[tuple[int, str], ...] = ()  # row, why: title, units, total, note
    confidence: float = 1.0
    rivals: tuple[tuple[int, ...], ...] = ()  # other header rows that look nearly as good
    header: frozenset[tuple[str, ...]] = field(default_factory=frozenset)
    serial: int | None = None  # the column that only counts rows
    units: Mapping[int, str] = field(default_factory=dict)  # column → what a row of units says of it

    def scale(self, column: int) -> int:
        """By how many zeros the figures of a column are short, by its header or its unit."""
        return scale_of(self.names[column]) or scale_of(f"({self.units.get(column, '')})")


# ---------------------------------------------------------------- what a cell looks like

_DATALIKE = re.compile(
    r"[+(（]?[\d０-９][\d０-９\s().,/:\-–—%+年月日号万亿元]*[年月日号万亿元%]?$|[¥￥$€£]\s*-?[\d]|-?[\d.,]+\s*[€$£¥]?$|\S+@\S+\.\S+$|https?://|www\."
)


def datalike(cell: Cell) -> bool:
    """Whether a cell is a value rather than a heading: a figure, a date, a phone, a mail address."""
    if isinstance(cell, str):
        return len(cell) <= 200 and bool(_DATALIKE.match(cell.strip())) and not _YEAR.fullmatch(cell.strip())
    if isinstance(cell, int) and not isinstance(cell, bool):
        return not 1990 <= cell <= 2100
    return cell is not None


_YEAR = re.compile(r"(?:19|20)\d\d(?:年)?")


def _texts(row: Row) -> dict[int, str]:
    return {i: " ".join(str(cell).split()) for i, cell in enumerate(row) if cell is not None and str(cell).strip()}


def _known(text: str, recognise: Recognise | None) -> bool:
    plain = plain_header(text)
    return plain in all_column_words() or bool(recognise and recognise(text))


# ---------------------------------------------------------------- header rows


@dataclass
class _Head:
    """The rows among which the header is looked for, with the width a row of data usually fills."""

    rows: list[tuple[int, Row]]
    usual: float
    width: int
    merged: list[tuple[int, int, int, int]]
    recognise: Recognise | None


def guess_layout(sheet: Sheet, recognise: Recognise | None = None) -> Layout:
    """The likeliest layout. ``recognise`` says whether a text is the label of a field."""
    rows = sheet.head(_HEAD)
    filled = [len(_texts(row)) for _, row in rows]
    usual = median(sorted(filled)[len(filled) // 3 :]) if filled else 0
    head = _Head(rows, max(1, usual), sheet.facts.width, sheet.facts.merged, recognise)
    scores = sorted(
        ((_header_score(head, place), -place) for place in range(min(len(rows), 30))), key=lambda s: (-s[0], -s[1])
    )
    if not scores or scores[0][0] < 0.42:
        return _without_header(sheet, 0.5)
    best, place = scores[0][0], -scores[0][1]
    chosen = _with_second_row(head, place)
    numbers = tuple(rows[i][0] for i in chosen)
    near = [rows[-p][0] for score, p in scores[1:4] if best - score < 0.06 and -p not in chosen]
    layout = layout_with(sheet, numbers, recognise)
    confidence = min(1.0, best + 0.15) * (0.6 if near else 1.0)
    return replace(layout, confidence=round(confidence, 3), rivals=tuple((row,) for row in near))


def _header_score(head: _Head, place: int) -> float:
    """How much row ``place`` looks like the (last) header row: 0 to 1."""
    texts = _texts(head.rows[place][1])
    row = head.rows[place][1]
    below = [row for _, row in head.rows[place + 1 : place + 21]]
    if not texts or (not below and place):
        return 0.0
    names = {i: text for i, text in texts.items() if not datalike(row[i]) and len(text) <= 60}
    share = len(names) / len(texts)
    known = sum(_known(text, head.recognise) for text in names.values()) / len(texts)
    coverage = min(1.0, len(texts) / head.usual)
    unique = len({fold(text) for text in names.values()}) / len(texts)
    contrast = _contrast(names, below)
    score = 0.22 * share + 0.2 * coverage + 0.08 * unique + 0.25 * known + 0.25 * contrast
    if share < 0.5 or (len(texts) == 1 and head.usual > 1.5):
        score *= 0.5
    return score - 0.004 * place


def _contrast(names: dict[int, str], below: list[Row]) -> float:
    """In how many columns the rows below hold values of a kind that a heading is not, or much the same lengths."""
    if not below or not names:
        return 0.5 if names else 0.0
    found = 0.0
    for column, name in names.items():
        cells = [row[column] for row in below if column < len(row) and row[column] is not None]
        if cells:
            share = sum(map(datalike, cells)) / len(cells)
            repeated = len({str(cell) for cell in cells}) < len(cells) and name not in map(str, cells)
            found += 1.0 if share >= 0.5 else 0.5 if repeated else 0.2
    return found / len(names)


def _with_second_row(head: _Head, place: int) -> tuple[int, ...]:
    """``place`` alone, or with the row above or below it where the two make one header."""
    if place + 1 < len(head.rows) and _make_one(head, place, place + 1):
        return place, place + 1
    if place > 0 and _make_one(head, place - 1, place):
        return place - 1, place
    return (place,)


def _make_one(head: _Head, upper: int, lower: int) -> bool:
    """Whether the upper row names groups of columns and the lower one the columns in them."""
    (above, upper_row), (below, lower_row) = head.rows[upper], head.rows[lower]
    if below != above + 1:
        return False
    groups, names = _texts(upper_row), _texts(lower_row)
    if any(datalike(lower_row[i]) for i in names) or any(datalike(upper_row[i]) for i in groups):
        return False
    if len(groups) < 2 and not any(_known(text, head.recognise) for text in groups.values()):
        return False
    spans = [(left, right) for top, left, bottom, right in head.merged if top == above - 1 and right > left]
    under_span = any(sum(left <= i <= right for i in names) >= 2 for left, right in spans)
    fills = set(names) - set(groups)
    following = [len(_texts(row)) for _, row in head.rows[lower + 1 : lower + 11]]
    fuller = not following or median(following) >= len(set(groups) | set(names)) * 0.6
    known_below = sum(_known(text, head.recognise) for text in names.values()) >= max(1, len(names) / 2)
    if under_span:
        return fuller and len(names) >= 2
    gaps_filled = len(fills) >= 1 and min(groups) <= min(names) and len(set(groups) - set(names)) >= 1
    return gaps_filled and fuller and known_below


# ---------------------------------------------------------------- the layout for given header rows


def layout_with(sheet: Sheet, header_rows: Sequence[int], recognise: Recognise | None = None) -> Layout:
    """The layout when the header rows are known; none means that the data begin at once."""
    if not header_rows:
        return _without_header(sheet, 1.0)
    wanted = sorted(header_rows)
    rows = {number: row for number, row in _until(sheet, wanted[-1]) if number in wanted}
    header = [rows.get(number, []) for number in wanted]
    names, unnamed = _names(header, wanted, sheet)
    first = wanted[-1] + 1
    left_out = [(number, "title") for number, row in _until(sheet, wanted[0] - 1) if row]
    said: dict[int, str] = {}
    units = next(((number, row) for number, row in sheet.rows(first) if row), None)
    if units and _is_units(units[1], names):
        left_out.append((units[0], "units"))
        first = units[0] + 1
        said = _texts(units[1])
    serial = next((i for i, name in enumerate(names) if plain_header(name) in words.SERIAL), None)
    last, below = _end(sheet, first, len(names))
    left_out += [(row, "section") for row in _sections(sheet, len(names)) if first <= row <= last]
    again = frozenset(tuple(fold(str(cell)) for cell in row if cell is not None) for row in header)
    return Layout(tuple(wanted), names, unnamed, first, last, (*left_out, *below), 1.0, (), again, serial, said)


def _until(sheet: Sheet, last: int) -> Iterator[tuple[int, Row]]:
    for number, row in sheet.rows():
        if number > last:
            return
        yield number, row


def _without_header(sheet: Sheet, confidence: float) -> Layout:
    width = sheet.facts.width
    last, below = _end(sheet, 1, width)
    names = tuple(letter(i) for i in range(width))
    return Layout((), names, frozenset(range(width)), 1, last, below, confidence)


def _names(header: list[Row], numbers: list[int], sheet: Sheet) -> tuple[tuple[str, ...], frozenset[int]]:
    """One unique name a column: ``Group / Name`` of two rows, the column's letter where there is none."""
    width = max([sheet.facts.width, *(len(row) for row in header)])
    lines = [_texts(row) for row in header]
    if len(lines) == 2:
        lines[0] = _spread(lines[0], lines[1], numbers[0], sheet.facts.merged, width)
    found: list[str] = []
    unnamed: set[int] = set()
    taken: set[str] = set()
    for column in range(width):
        parts = list(dict.fromkeys(line[column] for line in lines if column in line))
        name = " / ".join(parts)[:LONGEST_NAME]
        if not name:
            unnamed.add(column)
            name = letter(column)
        found.append(_unique(name, taken))
    return tuple(found), frozenset(unnamed)


def _unique(name: str, taken: set[str]) -> str:
    tried, count = name, 1
    while fold(tried) in taken:
        count += 1
        tried = f"{name} ({count})"
    taken.add(fold(tried))
    return tried


def _spread(
    groups: dict[int, str], names: dict[int, str], number: int, merged: list[tuple[int, int, int, int]], width: int
) -> dict[int, str]:
    """A group's name over all its columns: as far as it is merged, or up to the next group where names stand below."""
    spans = {left: right for top, left, bottom, right in merged if top == number - 1}
    spread = dict(groups)
    for left, text in groups.items():
        column = left + 1
        end = spans.get(left, width - 1 if left in names else left)
        while column <= end and column not in groups and column in names:
            spread[column] = text
            column += 1
    return spread


def _is_units(row: Row, names: tuple[str, ...]) -> bool:
    texts = _texts(row)
    bare = [fold(text).strip("()（）[]【】:： ") for text in texts.values()]
    return bool(bare) and len(names) > 1 and all(text in words.UNITS for text in bare)


# ---------------------------------------------------------------- the end of the data


def _end(sheet: Sheet, first: int, width: int) -> tuple[int, tuple[tuple[int, str], ...]]:
    """The last row of data, and the rows below it that are sums or remarks."""
    tail = [(number, row) for number, row in sheet.tail(_TAIL) if number >= first]
    filled = [(number, row) for number, row in tail if row]
    usual = median(len(_texts(row)) for _, row in filled) if filled else 0
    blank_before = _after_blank(tail)
    left_out: list[tuple[int, str]] = []
    while filled:
        number, row = filled[-1]
        why = _why_no_data(row, usual, number in blank_before or bool(left_out), any(w == "total" for _, w in left_out))
        if not why and not (len(filled) > 1 and _total_above(filled[-4:-1]) and len(_texts(row)) <= max(2, usual / 3)):
            break
        left_out.append((number, why or "note"))
        filled.pop()
    last = filled[-1][0] if filled else max(first - 1, min((n for n, _ in left_out), default=sheet.facts.rows + 1) - 1)
    return last, tuple(sorted(left_out))


def _after_blank(tail: list[tuple[int, Row]]) -> set[int]:
    return {number for (_, before), (number, row) in pairwise(tail) if row and not before}


def _total_above(rows: list[tuple[int, Row]]) -> bool:
    return any(is_total(row) for _, row in rows)


def _why_no_data(row: Row, usual: float, apart: bool, total_below: bool) -> str:
    if is_total(row):
        return "total"
    texts = _texts(row)
    if not texts:
        return "note"
    first = next(iter(texts.values()))
    sparse = len(texts) <= max(1, usual / 3) and usual >= 2
    if sparse and means_remark(first, row, len(texts)):
        return "note"
    return "note" if sparse and len(texts) == 1 and usual >= 3 and apart else ""


def means_remark(text: str, row: Row, filled: int) -> bool:
    """A remark by its words, or by being a long sentence alone in its row."""
    return words.means_note(text) or (filled == 1 and len(text) > 60 and isinstance(row[0] if row else None, str))


def is_total(row: Row) -> bool:
    """A row of sums: its label says so, and nothing beside it but figures."""
    label = next((i for i, cell in enumerate(row) if isinstance(cell, str) and cell.strip()), None)
    if label is None or not words.means_total(str(row[label])):
        return False
    others = [cell for i, cell in enumerate(row) if i != label and cell is not None]
    return all(isinstance(cell, int | float | CellError) or _figure(cell) for cell in others)


def _figure(cell: Cell) -> bool:
    text = str(cell).strip()
    if len(text) > 60:
        return False
    return not text or words.means_total(text) or bool(_FIGURE.fullmatch(text)) or isinstance(cell, dt.date)


_FIGURE = re.compile(r"[¥￥$€£]?\s*[(-]?[\d.,\s'%]+\)?\s*(?:[€$£¥%元万亿家个条人笔]|pcs|EUR|USD|CNY)?")


# ---------------------------------------------------------------- rows of data


def data_rows(sheet: Sheet, layout: Layout) -> Iterator[tuple[int, Row]]:
    """Number and cells of each row of data. Blank rows, headers printed again and sums in between are left out.

    A text merged over several rows counts for each of them; a figure only for the first, or sums would be wrong.
    """
    merged = _Merged(sheet.facts.merged, layout.first)
    width = len(layout.names)
    sections = {row for row, why in layout.left_out if why == "section"}
    for number, row in sheet.rows(layout.first):
        if number > layout.last:
            return
        row = merged.filled(number, row)
        if not row or number in sections or _is_blank(row, layout.serial):
            continue
        if _is_repeat(row, layout) or _is_subtotal(row):
            continue
        yield number, row[:width]


def _is_blank(row: Row, serial: int | None) -> bool:
    return all(
        cell is None or i == serial or (isinstance(cell, str) and not cell.strip()) for i, cell in enumerate(row)
    )


def _sections(sheet: Sheet, width: int) -> set[int]:
    """Rows that are one heading merged over most of the table: a region's name, a year."""
    wide = max(3, width / 2)
    return {top + 1 for top, left, bottom, right in sheet.facts.merged if top == bottom and right - left + 1 >= wide}


def _is_repeat(row: Row, layout: Layout) -> bool:
    first = next((cell for cell in row if cell is not None), None)
    if not isinstance(first, str) or not any(line[:1] == (fold(first),) for line in layout.header):
        return False
    return tuple(fold(str(cell)) for cell in row if cell is not None) in layout.header


def _is_subtotal(row: Row) -> bool:
    first = next((cell for cell in row if cell is not None), None)
    return isinstance(first, str) and words.means_subtotal(first) and is_total(row)


class _Merged:
    """Fills the cells below the first one of a merged area, row by row."""

    def __init__(self, merged: list[tuple[int, int, int, int]], first: int) -> None:
        down = [area for area in merged if area[2] > area[0] and area[0] >= first - 1]
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for top, left, bottom, _ in down:
            self._starts.setdefault(top + 1, []).append((left, bottom + 1))
        self._open: dict[int, tuple[int, str]] = {}

    def filled(self, number: int, row: Row) -> Row:
        if self._open:
            for column, (until, text) in list(self._open.items()):
                if number > until:
                    del self._open[column]
                elif column >= len(row):
                    row = [*row, *([None] * (column - len(row))), text]
                elif row[column] is None:
                    row[column] = text
        for column, until in self._starts.get(number, ()):
            value = row[column] if column < len(row) else None
            if isinstance(value, str):
                self._open[column] = (until, value)
        return row

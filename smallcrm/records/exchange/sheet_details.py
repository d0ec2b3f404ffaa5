"""What calamine leaves out: hidden columns and rows, formulas without a stored result, error values, number formats
that change what a figure says (leading zeros, percent, a currency), the epoch.

Read by streaming through the XML; nothing is expanded, and only sheets that need a second look are read whole.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from smallcrm.records.exchange.cells import CellError, column_of, number_text
from smallcrm.records.exchange.formulas import constant
from smallcrm.records.exchange.refusals import Unreadable

Attributes = dict[str, str]


@dataclass
class Details:
    """Of one sheet. Columns and rows are counted from 0; ``patches`` replace what calamine says of a cell."""

    hidden_columns: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    epoch_1904: bool = False
    patches: dict[int, dict[int, Callable[[object], object]]] = field(default_factory=dict)
    unsolved: Counter[int] = field(default_factory=Counter)  # column → formulas without a result
    currencies: dict[int, Counter[str]] = field(default_factory=dict)

    def patch(self, row: int, column: int, change: Callable[[object], object]) -> None:
        self.patches.setdefault(row, {})[column] = change


class _Enough(Exception):
    """Nothing more to learn from this stream."""


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise Unreadable("damaged")


def parser(start: Callable[[str, Attributes], None]) -> expat.XMLParserType:
    """A parser that calls ``start`` for each element and refuses documents that declare entities."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
    made.EntityDeclHandler = _refuse
    made.StartDoctypeDeclHandler = _refuse
    return made


def _feed(bundle: zipfile.ZipFile, member: str, made: expat.XMLParserType) -> None:
    try:
        with bundle.open(member) as stream:
            while block := stream.read(2**18):
                made.Parse(block, False)
            made.Parse(b"", True)
    except (_Enough, KeyError):
        return
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError, UnicodeError):
        raise Unreadable("damaged") from None


# ---------------------------------------------------------------- Excel workbooks


@dataclass
class _Workbook:
    epoch_1904: bool = False
    sheets: list[tuple[str, str]] = field(default_factory=list)  # name, relation
    targets: dict[str, str] = field(default_factory=dict)


def excel_details(path: Path) -> dict[str, Details]:
    """Sheet name → details."""
    with zipfile.ZipFile(path) as bundle:
        book = _workbook(bundle)
        formats = _formats(bundle)
        found = {}
        for name, relation in book.sheets:
            target = book.targets.get(relation, "")
            found[name] = _sheet(bundle, target, formats) if target in bundle.namelist() else Details()
            found[name].epoch_1904 = book.epoch_1904
    return found


def _workbook(bundle: zipfile.ZipFile) -> _Workbook:
    book = _Workbook()

    def start(name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            book.epoch_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            book.sheets.append((attributes.get("name", ""), relation))

    def relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            book.targets[attributes.get("Id", "")] = full

    _feed(bundle, "xl/workbook.xml", parser(start))
    _feed(bundle, "xl/_rels/workbook.xml.rels", parser(relations))
    return book


@dataclass
class _Formats:
    """Style number → what its number format means for a figure."""

    zeros: dict[str, str] = field(default_factory=dict)  # a format of zeros and signs only
    percent: set[str] = field(default_factory=set)
    currency: dict[str, str] = field(default_factory=dict)


def _formats(bundle: zipfile.ZipFile) -> _Formats:
    found, codes = _Formats(), {"9": "0%", "10": "0.00%"}
    inside = False
    style = -1

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside, style
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            style += 1
            _note_format(found, str(style), codes.get(attributes.get("numFmtId", "0"), ""))

    _feed(bundle, "xl/styles.xml", parser(start))
    return found


_SIGNS = {"€": "EUR", "¥": "CNY", "￥": "CNY", "£": "GBP", "$": "USD", "₽": "RUB", "₺": "TRY", "₹": "INR", "zł": "PLN"}
_LOCALE = re.compile(r"\[\$([^\]-]*)-?[0-9A-Fa-f,]*\]")
_CODE = re.compile(r"[A-Z]{3}")


def _note_format(found: _Formats, style: str, code: str) -> None:
    first = code.partition(";")[0]
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", first)
    if "%" in bare:
        found.percent.add(style)
    elif zero_padding(first):
        found.zeros[style] = first
    elif "0" in bare or "#" in bare:
        said = (
            " ".join(_LOCALE.findall(first)) + " " + re.sub(r"\[[^\]]*\]", "", first).replace('"', "").replace("\\", "")
        )
        signs = [name for sign, name in _SIGNS.items() if sign in said]
        code_ = _CODE.search(said)
        if code_ or signs:
            found.currency[style] = code_[0] if code_ else signs[0]


def zero_padding(code: str) -> bool:
    """Whether a number format writes zeros before a figure: ``000000000``, ``0000\\-000\\-000``."""
    bare = re.sub(r'"([^"]*)"|\\(.)', lambda m: m[1] or m[2] or "", code)
    return code.count("0") >= 2 and bool(re.fullmatch(r"[0 ()/+\-]*0[0 ()/+\-]*", bare)) and "[" not in code


def padded(value: int, code: str) -> str:
    """``value`` written by a format of zeros: ``(55857350, "000000000")`` → ``055857350``."""
    digits = str(value)
    pieces = re.findall(r'"[^"]*"|\\.|.', code)
    places = sum(piece == "0" for piece in pieces)
    digits = digits.rjust(places, "0")
    head, digits = digits[: len(digits) - places], digits[len(digits) - places :]
    out, fresh = [], iter(digits)
    for piece in pieces:
        if piece == "0":
            out.append(head + next(fresh))
            head = ""
        else:
            out.append(piece[1:] if piece[0] == "\\" else piece.strip('"'))
    return "".join(out)


# What makes a sheet worth a second look at every cell.
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_ERROR = re.compile(rb""" t=["']e["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row[^>]* hidden=["'](?:1|true)["']""")
_COLUMNS_END = re.compile(rb"<(?:\w+:)?sheetData")
_STYLED_ROWS = 1_000


def _sheet(bundle: zipfile.ZipFile, member: str, formats: _Formats) -> Details:
    details = Details()
    whole = bool(formats.zeros or formats.percent) or _mentions(bundle, member, _FORMULA, _ERROR, _HIDDEN)
    cells = _Cells(details, formats, whole)
    made = parser(cells.start)
    cells.parser = made
    _feed(bundle, member, made)
    cells.finish()
    return details


def _mentions(bundle: zipfile.ZipFile, member: str, *patterns: re.Pattern[bytes]) -> bool:
    tail = b""
    with bundle.open(member) as stream:
        while block := stream.read(2**18):
            text = tail + block
            if any(pattern.search(text) for pattern in patterns):
                return True
            tail = block[-2000:]
    return False


class _Cells:
    """Goes through a sheet's elements and notes what its details are about."""

    def __init__(self, details: Details, formats: _Formats, whole: bool) -> None:
        self.details, self.formats, self.whole = details, formats, whole
        self.parser: expat.XMLParserType | None = None
        self.row, self.column = -1, -1
        self.type = ""
        self.formula: list[str] | None = None
        self.value: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self.finish()
            self._cell(attributes)
        elif name == "v" and (self.formula is not None or self.type == "e"):
            self._listen(self._value_text)
            self.value = []
        elif name == "f":
            self._listen(self._formula_text)
            self.formula = []
        elif name == "row":
            self.finish()
            self._row(attributes)
        elif name == "col" and attributes.get("hidden", "0").lower() in ("1", "true"):
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self.details.hidden_columns.update(range(first - 1, min(last, first + 2000)))

    def _row(self, attributes: Attributes) -> None:
        said = attributes.get("r", "")
        self.row = int(said) - 1 if said.isdigit() else self.row + 1
        self.column = -1
        self.details.hidden_rows += attributes.get("hidden", "0").lower() in ("1", "true")
        if not self.whole and (self.row > _STYLED_ROWS or not self.formats.currency):
            raise _Enough

    def _cell(self, attributes: Attributes) -> None:
        said = attributes.get("r", "").rstrip("0123456789")
        column = column_of(said) if said else None
        self.column = self.column + 1 if column is None else column
        self.type = attributes.get("t", "n")
        style = attributes.get("s")
        if style is not None and self.type == "n":
            self._styled(style)

    def _styled(self, style: str) -> None:
        if style in self.formats.zeros:
            code = self.formats.zeros[style]
            self.details.patch(self.row, self.column, lambda cell: _zeros(cell, code))
        elif style in self.formats.percent:
            self.details.patch(self.row, self.column, _percent)
        elif style in self.formats.currency and self.row <= _STYLED_ROWS:
            self.details.currencies.setdefault(self.column, Counter())[self.formats.currency[style]] += 1

    def _listen(self, handler: Callable[[str], None]) -> None:
        assert self.parser is not None
        self.parser.CharacterDataHandler = handler

    def _formula_text(self, text: str) -> None:
        if self.formula is not None:
            self.formula.append(text)

    def _value_text(self, text: str) -> None:
        if self.value is not None:
            self.value.append(text)

    def finish(self) -> None:
        """The cell is over: note an error, or a formula without a result."""
        if self.formula is None and self.type != "e":
            return
        formula, value = "".join(self.formula or ()).strip(), "".join(self.value or ()).strip()
        if self.type == "e":
            self._put(CellError(value or "#VALUE!", formula))
        elif not value and self.type != "str":
            result = constant(formula)
            self._put(CellError("", formula) if result is None else result)
            self.details.unsolved[self.column] += result is None
        self.formula = self.value = None
        self.type = ""
        if self.parser is not None:
            self.parser.CharacterDataHandler = None

    def _put(self, value: object) -> None:
        self.details.patch(self.row, self.column, lambda _: value)


def _zeros(cell: object, code: str) -> object:
    whole = isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer() and cell >= 0
    return padded(int(cell), code) if whole and cell < 10**15 else cell  # type: ignore[call-overload,operator]


def _percent(cell: object) -> object:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return number_text(float(f"{cell * 100:.13g}")) + "%"
    return cell


# ---------------------------------------------------------------- OpenDocument


def open_document_details(path: Path) -> dict[str, Details]:
    """Sheet name → details: hidden columns and the number of hidden rows."""
    found: dict[str, Details] = {}
    current = Details()
    column = 0
    epoch = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal current, column, epoch
        if name == "table":
            current = found[_attribute(attributes, "name")] = Details()
            column = 0
        elif name == "table-column":
            repeated = _count(attributes, "number-columns-repeated")
            if _attribute(attributes, "visibility") in ("collapse", "filter"):
                current.hidden_columns.update(range(column, column + min(repeated, 2000)))
            column += repeated
        elif name == "table-row" and _attribute(attributes, "visibility") in ("collapse", "filter"):
            current.hidden_rows += min(_count(attributes, "number-rows-repeated"), 1_048_576)
        elif name == "null-date":
            epoch = _attribute(attributes, "date-value").startswith("1904")

    with zipfile.ZipFile(path) as bundle:
        _feed(bundle, "content.xml", parser(start))
    for details in found.values():
        details.epoch_1904 = epoch
    return found


def _attribute(attributes: Attributes, name: str) -> str:
    return next((value for key, value in attributes.items() if _local(key) == name), "")


def _count(attributes: Attributes, name: str) -> int:
    said = _attribute(attributes, name)
    return int(said) if said.isdigit() else 1


def patched(rows: Iterator[list[object]], details: Details) -> Iterator[list[object]]:
    """The rows with what the details know better."""
    for number, row in enumerate(rows):
        if changes := details.patches.get(number):
            for column, change in changes.items():
                if column >= len(row):
                    row.extend([""] * (column + 1 - len(row)))
                row[column] = change(row[column])
        yield row

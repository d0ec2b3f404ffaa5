"""A cell as any file gives it, how it travels between processes, and how it is shown."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

EXACT = 10**15  # a spreadsheet keeps 15 digits; from here on the last ones are invented


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a value: ``#REF!``, or ``code=""`` for a formula whose result the file does not hold."""

    code: str
    formula: str = ""

    def __str__(self) -> str:
        return self.code or f"={self.formula}"


Cell = str | int | float | bool | dt.date | dt.datetime | CellError | None
Row = list[Cell]


def plain(value: Any) -> Cell:
    """A cell out of calamine or openpyxl: whole floats as int, times as text, empty text as None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return CellError("#NUM!")
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=None)
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(value, Decimal):
        return plain(float(value))
    if value is None or isinstance(value, bool | int | dt.date | CellError):
        return value
    return str(value)


def trimmed(row: Row) -> Row:
    """The row without the empty cells at its end."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row if end == len(row) else row[:end]


# ---------------------------------------------------------------- a row as a line of JSON


def _pack(value: Any) -> dict[str, str]:
    if isinstance(value, dt.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, CellError):
        return {"e": value.code, "f": value.formula}
    raise TypeError(type(value).__name__)


def _unpack(packed: dict[str, str]) -> Any:
    if "d" in packed:
        return dt.date.fromisoformat(packed["d"])
    if "t" in packed:
        return dt.datetime.fromisoformat(packed["t"])
    if "n" in packed:
        return Decimal(packed["n"])
    return CellError(packed["e"], packed["f"]) if "e" in packed else packed


_encoder = json.JSONEncoder(ensure_ascii=True, default=_pack, separators=(",", ":"), allow_nan=False)
_decoder = json.JSONDecoder(object_hook=_unpack)


def pack_row(row: Sequence[Any]) -> bytes:
    """One line: the row as JSON, newline included."""
    return _encoder.encode(row).encode("ascii") + b"\n"


def unpack_row(line: bytes | str) -> list[Any]:
    """The row that ``pack_row`` wrote."""
    found: list[Any] = _decoder.decode(line if isinstance(line, str) else line.decode("ascii"))
    return found


# ---------------------------------------------------------------- columns by letter


def letter(index: int) -> str:
    """``0`` → ``A``, ``27`` → ``AB``."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(65 + rest) + found
    return found


def column_of(letters: str) -> int | None:
    """``AB`` → ``27``; None where it is no column's name."""
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isalpha():
        return None
    index = 0
    for char in letters.upper():
        index = index * 26 + ord(char) - 64
    return index - 1


# ---------------------------------------------------------------- text of a cell


def number_text(value: int | float) -> str:
    """A figure as the spreadsheet would show it in full: 15 digits, no float noise, no exponent."""
    if isinstance(value, int):
        return str(value)
    return f"{Decimal(f'{value:.15g}'):f}"


def shown(value: Cell) -> str:
    """A cell as one would read it in a preview, in no language: ISO dates, plain figures."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return str(value)

"""Phone numbers and mail addresses out of a cell: several at once, labelled, and what a spreadsheet left of them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from smallcrm.records.exchange.cells import EXACT, Cell, number_text
from smallcrm.records.exchange.problem import Problem, Unfit

FEWEST, MOST = 5, 15
LONGEST = 1_000  # characters of a cell that may hold several

_BARE = re.compile(r"\+?[0-9]{5,15}|[0-9]{3,4}-[0-9]{7,8}")
_SCIENCE = re.compile(r"[+-]?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_BETWEEN = re.compile(r"[;；、，,|\n]+|\s+(?:or|and|ή|και|或|和)\s+|\s{3,}")
_NUMBER = re.compile(
    r"[+＋]?\s*[(（]?\d[\d\s()（）.\-–—‐‑/]*(?:\s*(?:ext\.?|extension|x|转|分机|εσωτ\.?|#)\s*[:：]?\s*\d{1,6})?",
    re.IGNORECASE,
)
_TRUNK: Final = re.compile(r"(\+\d{1,3}[\s.\-]*)\(0\)\s*")
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|转|分机|εσωτ\.?|#)\s*[:：]?\s*(\d{1,6})$", re.IGNORECASE)


def phones(cell: Cell) -> tuple[list[str], Problem | None]:
    """The numbers in a cell as people wrote them, without labels. Raises ``Unfit`` where there is none left."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unfit("not_a_phone", cell)
    if isinstance(cell, int | float):
        return [_of_figure(cell)], None
    if _BARE.fullmatch(cell):
        return [cell], None
    if len(cell) > LONGEST:
        raise Unfit("not_a_phone", cell[:100])
    text = unicodedata.normalize("NFKC", cell).strip().lstrip("'`").strip()
    if _SCIENCE.fullmatch(text):
        raise Unfit("digits_lost", cell.strip())
    if re.fullmatch(r"\d+[.,]0+", text):
        text = re.split(r"[.,]", text)[0]
    found: list[str] = []
    leftover = False
    for piece in _BETWEEN.split(text):
        for number in _pieces(piece):
            digits = len(_digits(_EXTENSION.sub("", number)))
            if FEWEST <= digits <= MOST:
                found.append(number)
            else:
                leftover = leftover or digits > 0
    found = list(dict.fromkeys(found))
    if not found:
        raise Unfit("not_a_phone", cell.strip())
    return found, Problem("phone_shortened", {"text": cell.strip()}) if leftover else None


def _digits(text: str) -> str:
    return re.sub(r"\D+", "", text)


def _of_figure(value: int | float) -> str:
    if value != int(value) or value < 0:
        raise Unfit("not_a_phone", number_text(value))
    if value >= EXACT:
        raise Unfit("digits_lost", f"{value:.6g}")
    text = str(int(value))
    if not FEWEST <= len(text) <= MOST:
        raise Unfit("not_a_phone", text)
    return text


def _pieces(text: str) -> list[str]:
    """The numbers in a piece of text; a slash or a space divides only what would be two whole numbers."""
    numbers: list[str] = []
    for match in _NUMBER.finditer(text):
        number = _TRUNK.sub(r"\1", match[0].strip(" -–—./"))
        number = number if number.count("(") == number.count(")") else number.strip("()")
        parts = [part.strip() for part in number.split("/") if part.strip()]
        if len(parts) > 1 and len(_digits(parts[0])) >= 7:
            numbers.extend(parts)
        elif len(_digits(number)) > MOST:
            numbers.extend(_by_space(number))
        else:
            numbers.append(" ".join(number.split()))
    return numbers


def _by_space(text: str) -> list[str]:
    parts = text.split()
    return parts if len(parts) > 1 and all(len(_digits(part)) >= 7 for part in parts) else [text]


# ---------------------------------------------------------------- mail

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:：；，、\"|/]+@[^\s@<>()\[\],;:：；，、\"|/]+")
_WHOLE = re.compile(
    r"(?!\.)(?!.*\.\.)[^\s@]{1,64}(?<!\.)@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}", re.UNICODE
)


def emails(cell: Cell) -> list[str]:
    """The addresses in a cell, in lower case, each once. Raises ``Unfit`` where one is broken or there is none."""
    if not isinstance(cell, str) or len(cell) > LONGEST:
        raise Unfit("not_an_email", str(cell)[:100])
    text = unicodedata.normalize("NFKC", cell).replace("\u200b", "").strip().lstrip("'")
    text = re.sub(r"\s*@\s*", "@", re.sub(r"mailto:", " ", text, flags=re.IGNORECASE))
    found = [address.strip(".·'").lower() for address in _ADDRESS.findall(text)]
    if not found or not all(_WHOLE.fullmatch(address) and len(address) <= 254 for address in found):
        raise Unfit("not_an_email", cell.strip())
    return list(dict.fromkeys(found))

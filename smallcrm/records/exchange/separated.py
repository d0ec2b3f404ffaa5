"""Rows out of comma-, semicolon-, tab- or bar-separated text, however carelessly it was written.

The csv module lets one lone quote swallow the rest of a file; here a quoted cell that never closes properly is taken
literally. Rows are counted as a spreadsheet would: a quoted cell may hold line ends.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.refusals import Unreadable

SEPARATORS = (",", ";", "\t", "|")
_AHEAD, _AHEAD_SIZE, _AHEAD_TRIES = 100_000, 8 * 2**20, 40


@dataclass
class Notes:
    """What was odd in a text file. Row numbers from 1, the first few only."""

    lone_quotes: list[int] = field(default_factory=list)
    zeros: int = 0
    lost_letters: int = 0


@dataclass(frozen=True)
class Separator:
    """A guess; ``runner_up`` is empty where nothing else makes columns."""

    char: str
    confidence: float
    sure: bool
    runner_up: str = ""


def known_separator(text: str) -> str:
    """The separator somebody named, by its sign or as ``tab``. Raises ``Unreadable``."""
    char = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if char not in SEPARATORS:
        raise Unreadable("separator", separator=text[:5])
    return char


# ---------------------------------------------------------------- one record


@lru_cache(maxsize=8)
def _field(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf' *"([^"]*(?:""[^"]*)*)" *(?={sign}|\Z)|([^{sign}]*)')


@lru_cache(maxsize=8)
def _loose(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf' *"([^"]*(?:""[^"]*)*)"([^{sign}]*)|([^{sign}]*)')


def _split(text: str, separator: str) -> list[str] | None:
    """The fields of a whole record, or None where a quote stays open or is followed by something else."""
    pattern, found, place = _field(separator), [], 0
    while True:
        match = pattern.match(text, place)
        assert match is not None
        if match[1] is not None:
            found.append(match[1].replace('""', '"'))
        elif match[2].lstrip(" ").startswith('"'):
            return None
        else:
            found.append(match[2])
        place = match.end() + 1
        if place > len(text):
            return found


def _split_loosely(text: str, separator: str) -> list[str]:
    """The fields of a line whose quotes pair up but stand where they should not: ``"abc"def,x``."""
    if text.count('"') % 2:
        return text.split(separator)
    pattern, found, place = _loose(separator), [], 0
    while True:
        match = pattern.match(text, place)
        assert match is not None
        found.append(match[3] if match[1] is None else match[1].replace('""', '"') + match[2])
        place = match.end() + 1
        if place > len(text):
            return found


# ---------------------------------------------------------------- records


class _Lines:
    """Lines that can be put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()

    def next(self) -> str | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def records(lines: Iterable[str], separator: str, notes: Notes | None = None) -> Iterator[list[str]]:
    """The fields of each record."""
    notes = notes if notes is not None else Notes()
    source, number, width = _Lines(lines), 0, 0
    while (line := source.next()) is not None:
        number += 1
        if "\0" in line:
            notes.zeros += line.count("\0")
            line = line.replace("\0", "")
        if "\ufffd" in line:
            notes.lost_letters += line.count("\ufffd")
        plain = '"' not in line
        fields = line.split(separator) if plain else _quoted(line, separator, source, notes, number, width)
        width = width or (len(fields) if len(fields) > 1 else 0)
        yield fields


def _quoted(line: str, separator: str, source: _Lines, notes: Notes, number: int, width: int) -> list[str]:
    fields = _split(line, separator)
    if fields is None and line.count('"') % 2:
        fields = _joined(line, separator, source, width, _AHEAD if len(notes.lone_quotes) < 20 else 50)
    if fields is None:
        if line.count('"') % 2 and len(notes.lone_quotes) < 1000:
            notes.lone_quotes.append(number)
        fields = _split_loosely(line, separator)
    return fields


def _joined(line: str, separator: str, source: _Lines, width: int, ahead: int) -> list[str] | None:
    """The record that goes on over the next lines; None, with the lines put back, where its quote never closes."""
    taken: list[str] = []
    size, tries, open_ = 0, 0, True
    while len(taken) < ahead and size < _AHEAD_SIZE and tries < _AHEAD_TRIES and (line_ := source.next()) is not None:
        taken.append(line_)
        size += len(line_)
        if line_.count('"') % 2:
            open_ = not open_
            tries += not open_
            fields = None if open_ else _split("\n".join([line, *taken]).replace("\0", ""), separator)
            fits = not width or fields is None or len(fields) == width or line.count(separator) + 1 != width
            if fields is not None and fits and not _are_records(taken[:-1], separator, width):
                return fields
    source.put_back(taken)
    return None


def _are_records(lines: list[str], separator: str, width: int) -> bool:
    """Whether lines that a quoted cell would swallow look like rows of their own."""
    if width < 2 or len(lines) < (3 if width > 2 else 10):
        return False
    return sum(line.count(separator) + 1 == width for line in lines) >= 0.8 * len(lines)


# ---------------------------------------------------------------- cells


# What a spreadsheet may take for a formula, whatever stands before it that it or another program would skip.
_FORMULA = re.compile(r"""[\s\x00-\x1f\u200b-\u200f\u2060\ufeff"';,|]*[=+\-@＝＋－＠]|[\t\r]""")


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet might take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe that ``guarded`` puts before it."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


def _cell(text: str) -> str | None:
    """The text a cell means: without our apostrophe, and without the formula by which some exports keep zeros."""
    if not text:
        return None
    if text[0] == "'":
        return unguarded(text)
    if text[0] == "=" and (found := _KEPT.fullmatch(text)):
        return found[1] or None
    return text


_KEPT = re.compile(r'="([^"]*)"')


def cell_rows(lines: Iterable[str], separator: str, notes: Notes | None = None) -> Iterator[Row]:
    """Each record as cells: empty ones None, the guarding apostrophe gone."""
    for fields in records(lines, separator, notes):
        row: Row = list(map(_cell, fields))
        while row and row[-1] is None:
            row.pop()
        yield row


# ---------------------------------------------------------------- which separator

_DIRECTIVE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def directive(line: str) -> str:
    """The separator that a first line ``sep=;`` announces, as Excel reads it; empty for any other line."""
    found = _DIRECTIVE.fullmatch(line)
    return found[1] if found and found[1] in SEPARATORS else ""


def guess_separator(lines: list[str]) -> Separator:
    """By which sign the first lines of a file fall into the same number of columns."""
    if lines and (said := directive(lines[0])):
        return Separator(said, 1.0, True)
    scores = sorted(((_regularity(lines, char), -place, char) for place, char in enumerate(SEPARATORS)), reverse=True)
    (best, _, char), (second, _, other) = scores[0], scores[1]
    if best == 0:
        return Separator(",", 0.9, True)
    return Separator(char, round(best, 3), best >= 0.4 and best - second >= 0.08, other if second > 0.2 else "")


def _regularity(lines: list[str], char: str) -> float:
    if not any(char in line for line in lines):
        return 0.0
    notes = Notes()
    found = list(records(lines, char, notes))
    # A quoted cell longer than the sample looks like a lone quote: what follows it is no proof of anything.
    trusted = found[: notes.lone_quotes[0] - 1] if notes.lone_quotes and notes.lone_quotes[0] > 1 else found
    widths = [len(fields) for fields in trusted if any(fields)]
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0
    usual, often = max(counts.items(), key=lambda item: (item[1] * (1 - 1 / item[0]), item[0]))
    share = often / len(widths)
    if share < 0.3:
        return share * 0.3
    head = 1.0 if any(width == usual for width in widths[:3]) else 0.7
    return share * head * (1 - 1 / usual) ** 0.5

"""Rows of a file as rows of typed values: what the mapping makes of each cell, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from smallcrm.records.exchange import conventions
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.columns import Field
from smallcrm.records.exchange.guessing import Guess
from smallcrm.records.exchange.layout import Layout, data_rows
from smallcrm.records.exchange.mapping import Mapping, resolve
from smallcrm.records.exchange.problem import Problem
from smallcrm.records.exchange.reading import Sheet
from smallcrm.records.exchange.values import ColumnReader


@dataclass(slots=True)
class CellProblem:
    """A problem and where it is: ``column`` counts from 0."""

    column: int
    field: str
    problem: Problem


@dataclass(slots=True)
class CleanRow:
    """Row ``number`` of the file. ``values`` has the fields that have a value; blank cells are absent."""

    number: int
    cells: Row
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)

    @property
    def fails(self) -> bool:
        """Whether a problem keeps the row out until somebody mends it."""
        return any(found.problem.drops == "row" for found in self.problems)


class Cleaner:
    """Made once for a file, its layout and a complete mapping; then rows stream through it."""

    def __init__(
        self, sheet: Sheet, layout: Layout, mapping: Mapping, fields: Iterable[Field], *, fractions: Iterable[int] = ()
    ) -> None:
        self.sheet, self.layout = sheet, layout
        known = {each.name: each for each in fields}
        shares = set(fractions)
        self.readers: list[tuple[int, Field, ColumnReader]] = []
        columns = resolve(mapping.columns or {}, layout.names, known)
        # Given names come before family names, wherever they stand in the file.
        order = sorted(
            columns, key=lambda i: (known[columns[i] or ""].part(layout.names[i]) or 0 if columns[i] else 0, i)
        )
        for index in order:
            target = columns[index]
            if target is not None:
                how = conventions.for_reader(
                    known[target], index, layout.names, mapping,
                    epoch_1904=sheet.facts.epoch_1904, fractions=index in shares, scale=layout.scale(index),
                )  # fmt: skip
                self.readers.append((index, known[target], ColumnReader(known[target].kind, how)))

    @classmethod
    def of(cls, guess: Guess, fields: Iterable[Field]) -> Cleaner:
        """The cleaner that a guess without questions leads to."""
        fractions = [i for i, name in enumerate(guess.layout.names) if name in guess.fractions]
        return cls(guess.sheet, guess.layout, guess.mapping, fields, fractions=fractions)

    def rows(self) -> Iterator[CleanRow]:
        """Every row of data, cleaned. Nothing is kept, so a file of any length takes the memory of a row."""
        for number, cells in data_rows(self.sheet, self.layout):
            yield self.clean(number, cells)

    def clean(self, number: int, cells: Row) -> CleanRow:
        row = CleanRow(number, cells)
        width, values = len(cells), row.values
        for index, target, read in self.readers:
            if index >= width or cells[index] is None:
                continue
            value, problem = read(cells[index])
            if problem is not None:
                row.problems.append(CellProblem(index, target.name, problem))
            if value is None:
                continue
            if target.name in values:
                _join(values, target, value)
            else:
                values[target.name] = value
        return row


def _join(values: dict[str, Any], target: Field, value: Any) -> None:
    """Two columns that go to one field: lists are joined, long texts follow each other, names are put together."""
    before = values[target.name]
    if isinstance(before, list):
        values[target.name] = list(dict.fromkeys([*before, *value]))
    elif target.parts is not None:
        han = all("\u3400" <= char <= "\u9fff" for char in before + value)
        values[target.name] = f"{value}{before}" if han else f"{before} {value}"
    else:
        values[target.name] = f"{before}\n{value}"

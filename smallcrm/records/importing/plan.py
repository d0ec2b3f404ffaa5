"""What would happen to each row of a file: the outcome of a plan, kept on disk, a line a row, in the order of the file."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smallcrm.records.exchange.cells import Row, pack_row, unpack_row
from smallcrm.records.importing.problem import Finding, unpack
from smallcrm.records.importing.rows import ReadRow

CREATE, UPDATE, RESTORE = "create", "update", "restore"
JOINED, SAME, BINNED, LEFT, FAILED = "joined", "same", "binned", "left", "failed"
OUTCOMES = (CREATE, UPDATE, RESTORE, JOINED, SAME, BINNED, LEFT, FAILED)
WRITES = (CREATE, UPDATE, RESTORE)
SKIPPED = (JOINED, SAME, BINNED, LEFT)


@dataclass(frozen=True)
class Line:
    """A row as planned. ``record``: the one it changes or meets; ``first``: the row it joins; ``late``: how many
    records of the same file must stand before it."""

    row: ReadRow
    outcome: str
    record: int = 0
    first: int = 0
    late: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass
class Counts:
    """How many rows come to what. The first four add up to the rows read."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def rows(self) -> int:
        """The rows read."""
        return self.created + self.updated + self.skipped + self.failed

    def add(self, outcome: str, n: int = 1) -> None:
        """Count rows of an outcome."""
        if outcome == CREATE:
            self.created += n
        elif outcome in (UPDATE, RESTORE):
            self.updated += n
        elif outcome == FAILED:
            self.failed += n
        else:
            self.skipped += n


@dataclass
class Summary:
    """A plan in figures. ``by_outcome`` counts rows; ``problems``: (code, field) → rows; ``made``: type → records that
    are made because a name leads nowhere."""

    rows: int = 0
    by_outcome: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str, int]] = field(default_factory=list)
    warnings: int = 0
    made: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        """As they will be reported."""
        found = Counts()
        for outcome, n in self.by_outcome.items():
            found.add(outcome, n)
        return found

    @property
    def writes(self) -> int:
        """Rows that come in: all but those that fail, stay in the bin, are left alone or say nothing new."""
        return sum(self.by_outcome.get(outcome, 0) for outcome in (*WRITES, JOINED))

    def as_json(self) -> dict[str, Any]:
        """To be kept beside the lines."""
        return dict(vars(self))


def summary_of(data: dict[str, Any]) -> Summary:
    """What ``as_json`` gave."""
    return Summary(**{**data, "problems": [tuple(each) for each in data["problems"]]})


# ---------------------------------------------------------------- rows on disk


def pack_read(row: ReadRow) -> bytes:
    """A row that was read, as a line."""
    return pack_row(
        [
            row.number, row.cells, list(row.given.items()), list(row.names.items()),
            [[prefix, list(part.items())] for prefix, part in row.parts.items()], list(row.overflow.items()),
            [each.pack() for each in row.findings],
        ]
    )  # fmt: skip


def unpack_read(line: bytes) -> ReadRow:
    """The row of a line."""
    number, cells, given, names, parts, overflow, findings = unpack_row(line)
    return ReadRow(
        number, cells, dict(given), dict(names), {prefix: dict(part) for prefix, part in parts}, dict(overflow),
        [unpack(each) for each in findings],
    )  # fmt: skip


class Lines:
    """Rows on disk that are read one by one, in any order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offsets = array("Q")

    def write(self, rows: Iterator[ReadRow]) -> Iterator[ReadRow]:
        """Write the rows as they go by."""
        place = 0
        with self.path.open("wb") as handle:
            for row in rows:
                line = pack_read(row)
                self.offsets.append(place)
                place += handle.write(line)
                yield row

    def read(self, places: list[int]) -> list[ReadRow]:
        """The rows at these places."""
        with self.path.open("rb") as handle:
            return [self._at(handle, place) for place in places]

    def _at(self, handle: Any, place: int) -> ReadRow:
        handle.seek(self.offsets[place])
        return unpack_read(handle.readline())

    def drop(self) -> None:
        """Forget them."""
        self.path.unlink(missing_ok=True)

    def each(self) -> Iterator[bytes]:
        """Every line as it stands."""
        with self.path.open("rb") as handle:
            yield from handle


# ---------------------------------------------------------------- a plan on disk


def write_lines(path: Path, lines: Lines, heads: Iterator[list[Any]]) -> None:
    """Keep a plan: what becomes of each row, then the row as it was read."""
    part = path.with_name(f"{lines.path.stem}.plan")
    with part.open("wb") as handle:
        for head, line in zip(heads, lines.each(), strict=True):
            handle.write(json.dumps(head, separators=(",", ":"), default=str).encode() + b"\t" + line)
    part.replace(path)


def read_lines(path: Path) -> Iterator[Line]:
    """The plan, row by row."""
    with path.open("rb") as handle:
        for line in handle:
            yield _line(line)


def heads(path: Path) -> Iterator[tuple[int, str, list[Finding]]]:
    """Place, outcome and findings of each row, without reading its values."""
    with path.open("rb") as handle:
        for place, line in enumerate(handle):
            outcome, _, _, _, packed = json.loads(line.partition(b"\t")[0])
            yield place, outcome, [unpack(each) for each in packed]


def _line(line: bytes) -> Line:
    head, _, rest = line.partition(b"\t")
    outcome, record, first, late, packed = json.loads(head)
    return Line(unpack_read(rest), outcome, record, first, late, tuple(unpack(each) for each in packed))


def tally(found: Iterator[tuple[str, list[Finding]]]) -> Summary:
    """Count outcomes and problems. A row counts once for each kind of problem of a field."""
    outcomes: Counter[str] = Counter()
    problems: Counter[tuple[str, str]] = Counter()
    rows = warnings = 0
    for outcome, findings in found:
        rows += 1
        outcomes[outcome] += 1
        problems.update({(each.code, each.field) for each in findings})
        warnings += bool(findings) and outcome != FAILED
    ordered = sorted(problems.items(), key=lambda entry: (-entry[1], entry[0]))
    return Summary(rows, dict(outcomes), [(code, name, n) for (code, name), n in ordered], warnings)


def read_cells(path: Path, wanted: str = FAILED) -> Iterator[tuple[int, Row, tuple[Finding, ...]]]:
    """Number, cells and findings of the rows with that outcome."""
    for line in read_lines(path):
        if line.outcome == wanted:
            yield line.row.number, line.row.cells, line.findings

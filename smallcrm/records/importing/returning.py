"""An exported workbook that comes back: what its owner changed, what others changed meanwhile, what is new or missing.

Three values meet in each cell: as exported (today's value with every later change taken back), in the file, and now. A
blank cell means empty here, unlike in any other import.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, present, rows, settings
from smallcrm.records.clean import clean
from smallcrm.records.exchange.cleaning import Cleaner, CleanRow
from smallcrm.records.exchange.round_trip import ComingBack
from smallcrm.records.exchange.writing import value_out
from smallcrm.records.fields import AnyLink, Link
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.names import Finder
from smallcrm.records.importing.rows import RowReader
from smallcrm.records.reach import pool_column
from smallcrm.records.record import RecordType, by_key

CONFLICT, CHANGED, NEW, MISSING, SAME, WRONG = "conflict", "changed", "new", "missing", "same", "wrong"
CHUNK = 300


@dataclass
class CellDiff:
    """A cell that differs. ``columns``: what the file's value writes; texts are for people."""

    name: str
    exported: str
    file: str
    now: str
    conflict: bool = False
    columns: dict[str, Any] = field(default_factory=dict)
    back: dict[str, Any] = field(default_factory=dict)  # what "as exported" writes


@dataclass
class RowDiff:
    """A row of the file, or a record that is missing in it. ``key`` is its place in the comparison."""

    key: str
    sort: str
    record: int = 0
    version: int = 0
    title: str = ""
    number: int = 0
    cells: dict[str, CellDiff] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)  # every column as it would stand
    values: dict[str, Any] = field(default_factory=dict)  # a new record's, for the write path
    changed_by: tuple[str, str, str] = ("", "", "")  # who changed it since, when, why


@dataclass
class Comparison:
    """Everything that differs, and how many rows are the same."""

    rows: list[RowDiff] = field(default_factory=list)
    same: int = 0
    total: int = 0
    columns: list[str] = field(default_factory=list)

    def of(self, sort: str) -> list[RowDiff]:
        """The rows of a kind."""
        return [row for row in self.rows if row.sort == sort]


class Comparer:
    """Of one file and actor. ``added``: the new rows that were written before, by their keys, and the records they became."""

    def __init__(
        self, actor: Actor, kind: RecordType, reading: Reading, added: Mapping[str, int] | None = None
    ) -> None:
        assert reading.guess.coming_back is not None
        self.actor, self.kind, self.reading = actor, kind, reading
        self.back: ComingBack = reading.guess.coming_back
        self.fields = {n: t.field for n, t in reading.targets.items() if t.field is not None and n in reading.used}
        self._at = {c.field: c.index for c in reading.guess.columns if c.field in self.fields}
        self._pools = access.masked_pools(actor, kind)
        self._read = access.reading(actor)
        self._finders: dict[str, Finder] = {}
        live = access.within(actor, kind, (added or {}).values())
        self._added = {key for key, record in (added or {}).items() if record in live}

    def compare(self) -> Comparison:
        """Read the file against what stands now."""
        found = Comparison(columns=list(self._at))
        cleaner = Cleaner.of(self.reading.guess, self.reading.columns)
        reader = RowReader(self.reading.targets, self.fields, settings.get("company.currency"))
        seen: set[int] = set()
        for chunk in _chunks(cleaner.rows()):
            marks = [self.back.record_of(row.cells) for row in chunk]
            ids = [mark[0] for mark in marks if mark]
            held = self._held(ids)
            editable = access.within(self.actor, self.kind, list(held), "edit")
            before = self._as_exported(held, {mark[0]: mark[1] for mark in marks if mark})
            for row, mark in zip(chunk, marks, strict=True):
                found.total += 1
                if mark is None or mark[0] in seen:
                    if _key_of_new(row) in self._added:
                        found.same += 1
                    else:
                        found.rows.append(self._new(row, reader))
                    continue
                seen.add(mark[0])
                diff = self._row(row, mark, held, before, editable, reader)
                if diff.sort == SAME:
                    found.same += 1
                else:
                    found.rows.append(diff)
        found.rows += self._missing(seen)
        return found

    def _held(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        where, params = access.reach(self.actor, self.kind).where()
        return rows.load(self.kind, ids, f"t.deleted_at IS NULL AND {where}", params)

    def _as_exported(
        self, held: Mapping[int, Mapping[str, Any]], versions: Mapping[int, int]
    ) -> dict[int, dict[str, Any]]:
        """The values at the version that the file remembers."""
        found: dict[int, dict[str, Any]] = {}
        for record, values in held.items():
            mine = dict(values)
            version = versions.get(record, 0)
            if version and version < values["version"]:
                for entry in changesets.history(self.kind.card.key, record, limit=1000):
                    if entry.version <= version:
                        break
                    mine.update(entry.before)
            found[record] = mine
        return found

    # ------------------------------------------------------------ one row

    def _row(
        self,
        row: CleanRow,
        mark: tuple[int, int],
        held: Mapping[int, dict[str, Any]],
        before: Mapping[int, dict[str, Any]],
        editable: Collection[int],
        reader: RowReader,
    ) -> RowDiff:
        record, _ = mark
        diff = RowDiff(f"r{record}", SAME, record, number=row.number)
        now = held.get(record)
        if now is None:
            diff.sort, diff.title = WRONG, str(self._cell(row, self.kind.card.title) or f"#{record}")
            diff.wrong.append(str(L("It was deleted meanwhile, or you may not see it any more.")))
            return diff
        diff.version, diff.title = now["version"], str(now.get(self.kind.card.title) or f"#{record}")
        then = before[record]
        masked = (
            access.masked_in(self.kind, self._pools.get(now.get(pool_column(self.kind)) or 0))
            if self._pools
            else frozenset()
        )
        touched = [n for n in self._at if n not in masked and not self._unchanged(row, n, then)]
        diff.shown = {name: self._show(name, now) for name in self._at}
        if not touched:
            return diff
        if record not in editable:
            diff.sort, diff.wrong = WRONG, [str(L("You may not change this one."))]
            return diff
        given, wrong = self._given(row, touched, reader, then)
        diff.wrong = list(wrong.values())
        for name in touched:
            if name in wrong:
                continue
            columns, errors = clean(
                self.actor, self.kind, {name: given.get(name), **_currency(given, name)}, before=now
            )
            if errors:
                diff.wrong += [f"{self.reading.targets[name].label}: {' '.join(said)}" for said in errors.values()]
                continue
            self._differs(diff, name, columns, then, now)
        if diff.cells:
            diff.sort = CONFLICT if any(cell.conflict for cell in diff.cells.values()) else CHANGED
        elif diff.wrong:
            diff.sort = WRONG
        if diff.sort == CONFLICT:
            diff.changed_by = self._changed_by(record)
        return diff

    def _differs(
        self, diff: RowDiff, name: str, columns: dict[str, Any], then: dict[str, Any], now: dict[str, Any]
    ) -> None:
        mine = self.fields[name].columns
        written = {column: value for column, value in columns.items() if column in mine}
        if all(then.get(column) == value for column, value in written.items()):
            return
        if all(now.get(column) == value for column, value in written.items()):
            return
        conflict = any(now.get(column) != then.get(column) for column in written)
        diff.cells[name] = CellDiff(
            name, self._show(name, then), self._show(name, {**now, **columns}), self._show(name, now), conflict,
            columns, {column: then.get(column) for column in columns},
        )  # fmt: skip

    def _changed_by(self, record: int) -> tuple[str, str, str]:
        for entry in changesets.history(self.kind.card.key, record, limit=1):
            info = changesets.info(entry.set)
            if info is not None:
                return info.name, info.at, info.note or info.why_words
        return "", "", ""

    def _cell(self, row: CleanRow, name: str) -> Any:
        at = self._at.get(name)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def _unchanged(self, row: CleanRow, name: str, then: Mapping[str, Any]) -> bool:
        """Whether the cell still says what was exported."""
        each = self.fields[name]
        was = value_out(present.cell(each, then, self._read), self.reading.targets[name].column.kind)
        return same_cell(self._cell(row, name), was)

    def _given(
        self, row: CleanRow, names: Collection[str], reader: RowReader, then: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """What the cells give the write path; blank ones give None. And what cannot be read, by field."""
        read = reader.read(row, row.number)
        given = dict(read.given)
        wrong = {
            each.field: f"{self.reading.targets[each.field].label}: {each}"
            for each in read.findings
            if each.field in names and each.drops != "nothing"
        }
        for name, text in read.names.items():
            if name in names:
                found = self._linked(name, text, then)
                if isinstance(found, str):
                    wrong[name] = f"{self.reading.targets[name].label}: {found}"
                else:
                    given[name] = found
        return {name: given.get(name) for name in names}, wrong

    def _linked(self, name: str, text: str, then: Mapping[str, Any] | None) -> Any:
        each = self.fields[name]
        if isinstance(each, AnyLink) or not isinstance(each, Link):
            return str(L("This cannot be changed in a workbook."))
        if each.to not in self._finders:
            self._finders[each.to] = Finder(self.actor, by_key(each.to))
        found = self._finders[each.to](text)
        if found.id is not None:
            return found.id
        return str(self._finders[each.to].finding(text, name) or "")

    def _show(self, name: str, values: Mapping[str, Any]) -> str:
        return present.shown(self.fields[name], values, self._read)

    # ------------------------------------------------------------ new and missing

    def _new(self, row: CleanRow, reader: RowReader) -> RowDiff:
        diff = RowDiff(_key_of_new(row), NEW, number=row.number)
        given, wrong = self._given(row, list(self._at), reader, None)
        values = {name: value for name, value in given.items() if value not in (None, "", [])}
        diff.title = str(values.get(self.kind.card.title) or L("Row %(n)s", n=row.number))
        diff.wrong = list(wrong.values())
        if not diff.wrong:
            try:
                draft, errors = change.draft_new(self.actor, self.kind, values)
            except Exception as error:
                diff.wrong = [str(error)]
            else:
                diff.wrong = [" ".join(said) for said in errors.values()]
                diff.shown = {name: self._show(name, draft.after) for name in self._at if name in values}
        diff.values = values
        if diff.wrong:
            diff.sort = WRONG
        return diff

    def _missing(self, seen: set[int]) -> list[RowDiff]:
        gone = sorted(self.back.ids - seen)
        found = []
        for start in range(0, len(gone), 500):
            part = gone[start : start + 500]
            deletable = access.within(self.actor, self.kind, part, "delete")
            for record, values in sorted(self._held(part).items()):
                title = str(values.get(self.kind.card.title) or f"#{record}")
                diff = RowDiff(f"m{record}", MISSING, record, values["version"], title)
                if record not in deletable:
                    diff.wrong = [str(L("You may not delete this one."))]
                found.append(diff)
        return found


def _chunks(source: Iterator[CleanRow]) -> Iterator[list[CleanRow]]:
    chunk: list[CleanRow] = []
    for row in source:
        chunk.append(row)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _currency(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"currency": given["currency"]} if given.get("currency") and name != "currency" else {}


def same_cell(cell: Any, was: Any) -> bool:
    """Whether a cell still holds what was written into it, whatever a spreadsheet made of its type."""
    if cell is None or cell == "":
        return was is None or was == ""
    if was is None:
        return False
    if isinstance(was, dt.datetime) or isinstance(cell, dt.datetime):
        return _moment(cell) == _moment(was)
    if isinstance(was, dt.date):
        return _moment(cell) == _moment(was)
    if isinstance(was, bool) or isinstance(cell, bool):
        return str(cell).strip().casefold() == str(was).strip().casefold()
    if isinstance(was, int | float | Decimal):
        number = _number(cell)
        return number is not None and abs(number - Decimal(str(was))) < Decimal("0.0000005")
    return _text(cell) == _text(was)


def _moment(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, dt.date):
        return f"{value.isoformat()}T00:00:00"
    try:
        return dt.datetime.fromisoformat(str(value).strip()).replace(microsecond=0).isoformat()
    except ValueError:
        return str(value).strip()


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        return None


def _text(value: Any) -> str:
    text = str(value)
    if isinstance(value, float) and value == int(value):
        text = str(int(value))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _key_of_new(row: CleanRow) -> str:
    return f"n{row.number}"

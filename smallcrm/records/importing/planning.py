"""Deciding what happens to each row: reads everything, writes nothing but the plan.

Three rounds: every row is read and put with those that mean the same record; every group of rows is looked up among the
records; then its values are cleaned and compared with what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.exchange.cleaning import Cleaner
from smallcrm.records.fields import Field, Texts
from smallcrm.records.importing.comparing import Comparer
from smallcrm.records.importing.defaulting import Defaults
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.judging import Entry, Gathered, Judge
from smallcrm.records.importing.linking import Linker
from smallcrm.records.importing.matching import Grouping, Key, Keys, Matcher, plain
from smallcrm.records.importing.plan import (
    BINNED,
    CREATE,
    FAILED,
    JOINED,
    LEFT,
    RESTORE,
    SAME,
    UPDATE,
    Lines,
    Summary,
    tally,
    unpack_read,
    write_lines,
)
from smallcrm.records.importing.problem import Finding, fails, unpack
from smallcrm.records.importing.rows import ReadRow, RowReader, join
from smallcrm.records.record import RecordType

Step = Callable[[int, int], None]  # (rows done, of all): may raise to stop
_CHUNK = 400


def no_step(_done: int, _total: int) -> None:
    """Nobody wants to know."""


@dataclass
class _Read:
    """One pass over the file."""

    total: int
    failed: set[int] = field(default_factory=set)  # places of rows that fail by themselves


class Plan:
    """Made of a reading; ``make`` fills it. What it decided stands in ``entries`` and, for pages, in ``path``."""

    def __init__(self, actor: Actor, kind: RecordType, reading: Reading, folder: Path) -> None:
        mapping = reading.mapping
        self.actor, self.kind, self.reading, self.extras = actor, kind, reading, reading.extras
        self.path = folder / "plan.rows"
        self.lines = Lines(folder / f"{ids.token(6)}.rows")  # two may be made at once, by two requests
        self.fields: dict[str, Field] = {n: t.field for n, t in reading.targets.items() if t.field is not None}
        self.columns = _columns(reading)
        fallback = kind.card.title if reading.match_guessed and mapping.match else ""
        self.keys = Keys(kind, self._key_names(), self.fields, self.extras, fallback)
        self.defaults = Defaults(actor, kind, mapping.defaults or {}, self.fields)
        taken = [name for extra in self.extras for name in extra.takes]
        self.linker = Linker(actor, kind, self.fields, taken, mapping.create_missing or ())
        self.judge = Judge(
            Comparer(actor, kind, self.fields, self.defaults),
            self.linker,
            self.columns,
            mode=mapping.mode or "both",
            restore=mapping.bin == "restore",
        )
        self.entries: list[Entry] = []
        self.summary = Summary()
        self._pass = _Read(max(1, reading.guess.rows))

    def _key_names(self) -> Sequence[str]:
        """The keys; without any, a row is the same as a record that agrees in everything the file says."""
        match = self.reading.mapping.match or ()
        used = self.reading.used
        if absent := [name for name in match if name not in used]:
            raise BadRequest(L("No column goes to “%(field)s”, by which rows should be recognised.", field=absent[0]))
        if match:
            return match
        order = {"link": 0, "date": 1, "moment": 2}
        names = [n for n in self.fields if n in used and self.fields[n].kind not in ("long_text", "anylink", "flag")]
        names = [n for n in names if not self.fields[n].match and not self.fields[n].unique_live and n != "owner"]
        return sorted(names, key=lambda n: (order.get(self.fields[n].kind, 9), n))

    # ------------------------------------------------------------ the three rounds

    def make(self, step: Step = no_step) -> Summary:
        """Decide for every row. ``step`` may raise to stop; then nothing is kept."""
        grouping = Grouping()
        total = self._pass.total
        for place, (row, keys, alone) in enumerate(self._read()):
            if place % 200 == 0:
                step(place // 2, total)
            if fails(row.findings):
                self._pass.failed.add(place)
            grouping.add(place, keys, alone)
        self.entries = [Entry(group) for group in grouping.finished()]
        self._find(step)
        self._bring()
        self._decide(step)
        self.judge.follow_failures(self.entries, self._number)
        self.judge.level(self.entries, self._name_in)
        heads = list(self.heads())
        self.keep(heads)
        self.summary = tally((head[0], [unpack(each) for each in head[4]]) for head in heads)
        self.summary.made = {key: len(texts) for key, texts in self.linker.made.items()}
        return self.summary

    def _read(self) -> Iterator[tuple[ReadRow, set[Key], dict[str, set[str]]]]:
        """Every row with its keys. Names are looked up a few hundred rows at a time."""
        cleaner = Cleaner.of(self.reading.guess, self.reading.columns)
        reader = RowReader(self.reading.targets, self.fields, self.defaults.currency)
        waiting = (reader.read(row, row.number) for row in cleaner.rows())

        def prepared() -> Iterator[ReadRow]:
            while chunk := list(islice(waiting, _CHUNK)):
                self._prepare(chunk)
                yield from chunk

        for row in self.lines.write(prepared()):
            named = {name: self.linker.key_text(name, text) for name, text in row.names.items()}
            keys, alone = self.keys.of(row.given, named, row.parts)
            yield row, keys, alone

    def _prepare(self, rows: list[ReadRow]) -> None:
        """Look the rows' names up, and give each extra its part."""
        for row in rows:
            for extra in self.extras:
                part = row.parts.setdefault(extra.prefix, {})
                part |= {name: row.names.pop(name) for name in extra.takes if name in row.names}
                for name, value in extra.spill(part).items():
                    self._spill(row, name, value)
                row.findings += [self._placed(found, extra.prefix) for found in extra.check(part)]
                if not part:
                    del row.parts[extra.prefix]
        self.linker.learn(rows)
        for row in rows:
            row.findings += self.linker.findings(row.names, self.columns)

    def _spill(self, row: ReadRow, name: str, value: Any) -> None:
        """A value that an extra gives back: into its field, or among the further ones."""
        several = value if isinstance(value, list) else [value]
        each = self.fields.get(name)
        if each is None or not several:
            return
        if name not in row.given:
            row.given[name] = several[0]
            several = several[1:]
        further = next(
            (n for n, f in self.fields.items() if isinstance(f, Texts) and f.match and f.match == each.match), ""
        )
        if several and further:
            row.overflow.setdefault(further, []).extend(several)

    def _placed(self, finding: Finding, prefix: str) -> Finding:
        name = f"{prefix}.{finding.field}" if finding.field else ""
        return Finding(finding.code, name, self.columns.get(name, self.columns.get(finding.field)), finding.values)

    def _find(self, step: Step) -> None:
        if not self.keys.any:
            return
        matcher = Matcher(self.actor, self.kind, self.keys)
        for start in range(0, len(self.entries), _CHUNK):
            step(self._pass.total // 2, self._pass.total)
            part = self.entries[start : start + _CHUNK]
            for entry, found in zip(part, matcher.find([each.group for each in part]), strict=True):
                entry.found = found
        self._join_by_record()

    def _join_by_record(self) -> None:
        """Groups that meet the same record are one."""
        taken: dict[int, Entry] = {}
        kept = []
        for entry in self.entries:
            record = entry.found.id or entry.found.binned
            first = taken.get(record) if record else None
            if first is None:
                kept.append(entry)
                if record:
                    taken[record] = entry
            else:
                first.group.rows = sorted([*first.group.rows, *entry.group.rows])
        self.entries = kept

    def _bring(self) -> None:
        """Names of records that this file itself holds: those that lead to them must come after."""
        if not self.linker.own:
            return
        title = self.kind.card.title
        for place, entry in enumerate(self.entries):
            for row in self.lines.read(entry.group.rows):
                if row.given.get(title):
                    self.linker.bring(plain(str(row.given[title])), place, entry.found.id)

    def _decide(self, step: Step) -> None:
        total, many = self._pass.total, max(1, len(self.entries))
        for start in range(0, len(self.entries), _CHUNK):
            step(total // 2 + start * total // (2 * many), total)
            chunk = self.entries[start : start + _CHUNK]
            ids = [entry.found.id for entry in chunk if entry.found.id]
            editable = access.within(self.actor, self.kind, ids, "edit") if ids else set()
            assignable = self.defaults.assignable(ids)
            gathered = [self.gather(entry) for entry in chunk]
            for entry, found in zip(chunk, gathered, strict=True):
                self.judge(entry, found, editable=entry.found.id in editable, assignable=entry.found.id in assignable)
            self._extras_change(chunk, gathered)

    def gather(self, entry: Entry) -> Gathered:
        """The rows of an entry that come in, their joined values, and where their names lead."""
        good = [row for row in entry.group.rows if row not in self._pass.failed]
        rows = self.lines.read(good)
        values, more, notes = join(rows, self.fields)
        found = Gathered(good, rows, values, more)
        for row, said in zip(good, notes, strict=True):
            if said:
                found.notes[row] = [Finding(f.code, f.field, self.columns.get(f.field), f.values) for f in said]
        for name, value in list(values.items()):
            if isinstance(value, tuple):
                del values[name]
                found.link(name, value[1], self.linker.resolve(name, value[1]))
        for extra in self.extras:
            parts = [row.parts[extra.prefix] for row in rows if extra.prefix in row.parts]
            if parts:
                found.parts[extra.prefix] = parts
                found.promised |= set(extra.takes)
        return found

    def _extras_change(self, chunk: list[Entry], gathered: list[Gathered]) -> None:
        """A record that stays the same itself may still get something by an extra: another contact."""
        for extra in self.extras:
            matched = {
                entry.found.id: found.parts[extra.prefix]
                for entry, found in zip(chunk, gathered, strict=True)
                if entry.outcome == SAME and extra.prefix in found.parts
            }
            changing = extra.changes(matched) if matched else set()
            for entry in chunk:
                if entry.outcome == SAME and entry.found.id in changing:
                    entry.outcome = UPDATE

    # ------------------------------------------------------------ as lines

    def close(self) -> None:
        """Forget the rows as they were read: for a plan that is only shown."""
        self.lines.drop()

    def keep(self, heads: list[list[Any]]) -> None:
        """Write what becomes of each row where pages read it."""
        write_lines(self.path, self.lines, iter(heads))

    def heads(self) -> Iterator[list[Any]]:
        """For each row in the file's order: outcome, record, the row it joins, how late, findings."""
        of_row = {row: place for place, entry in enumerate(self.entries) for row in entry.group.rows}
        for place, line in enumerate(self.lines.each()):
            entry = self.entries[of_row[place]]
            findings = [*unpack_read(line).findings, *entry.findings.get(place, ())]
            outcome, first = self._outcome(entry, place)
            if outcome == FAILED and not fails(findings):
                findings.append(Finding("joins_failed", "", None, {"row": self._number(entry.group.rows[0])}))
            joined = self._number(first) if outcome == JOINED else 0
            record = entry.found.id or entry.found.binned
            yield [outcome, record, joined, entry.late, [each.pack() for each in findings]]

    def _outcome(self, entry: Entry, place: int) -> tuple[str, int]:
        if place in self._pass.failed or entry.outcome == FAILED:
            return FAILED, 0
        first = next(row for row in entry.group.rows if row not in self._pass.failed)
        alone = place == first or entry.outcome in (SAME, BINNED, LEFT)
        return (entry.outcome, 0) if alone else (JOINED, first)

    def _number(self, place: int) -> int:
        return self.lines.read([place])[0].number

    def _name_in(self, entry: Entry, name: str) -> str:
        return str(self.lines.read(entry.group.rows[:1])[0].names.get(name, ""))


def _columns(reading: Reading) -> dict[str, int]:
    """Target → the first column that goes to it."""
    found: dict[str, int] = {}
    for column in reading.guess.columns:
        if column.field:
            found.setdefault(column.field, column.index)
    return found


__all__ = ["BINNED", "CREATE", "FAILED", "RESTORE", "Plan", "Step", "no_step"]

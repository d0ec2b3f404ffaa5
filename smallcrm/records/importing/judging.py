"""What becomes of a group of rows: new, changed, the same, left alone, or kept out with the reason said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.identity.actor import Scope
from smallcrm.records.importing import extras
from smallcrm.records.importing.comparing import Comparer
from smallcrm.records.importing.linking import Linker, Resolved
from smallcrm.records.importing.matching import Found, Group
from smallcrm.records.importing.plan import BINNED, CREATE, FAILED, LEFT, RESTORE, SAME, UPDATE, WRITES
from smallcrm.records.importing.problem import Finding
from smallcrm.records.importing.rows import ReadRow


@dataclass
class Entry:
    """A group of rows that mean one record, and what becomes of it. ``after``: entries that must be written before."""

    group: Group
    found: Found = field(default_factory=Found)
    outcome: str = ""
    late: int = 0
    after: set[int] = field(default_factory=set)
    findings: dict[int, list[Finding]] = field(default_factory=dict)  # by place of the row

    def say(self, finding: Finding) -> None:
        """Something about its first row."""
        self.findings.setdefault(self.group.rows[0], []).append(finding)

    def fail(self, finding: Finding) -> None:
        """It cannot come in."""
        self.outcome = FAILED
        self.say(finding)


@dataclass
class Gathered:
    """An entry's rows (with their places) and joined values. ``make``: link → the name of a record to make;
    ``waits``: link → the entry that brings it; ``promised``: columns that are filled only when it is written."""

    places: list[int]
    rows: list[ReadRow]
    values: dict[str, Any]
    more: dict[str, list[str]]
    notes: dict[int, list[Finding]] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)
    make: dict[str, str] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)

    def link(self, name: str, text: str, found: Resolved | Finding) -> None:
        """Take in where a name leads."""
        if isinstance(found, Finding):
            self.wrong.append(found)
        elif found.entry is not None:
            self.waits[name] = found.entry
            self.promised.add(name)
        elif found.make:
            self.make[name] = found.make
            self.promised.add(name)
        else:
            self.values[name] = found.value


class Judge:
    """Of one plan."""

    def __init__(
        self, comparer: Comparer, linker: Linker, columns: dict[str, int], *, mode: str, restore: bool
    ) -> None:
        self.compare, self.linker, self.columns = comparer, linker, columns
        self.mode, self.restore = mode, restore
        self.actor, self.kind = comparer.actor, comparer.kind

    def __call__(self, entry: Entry, rows: Gathered, *, editable: bool, assignable: bool) -> None:
        """Decide; ``editable`` and ``assignable`` speak of the record that was found."""
        for place, notes in rows.notes.items():
            entry.findings.setdefault(place, []).extend(notes)
        entry.after = set(rows.waits.values())
        if not rows.places:
            entry.outcome = FAILED
            return
        if rows.wrong:
            for finding in rows.wrong:
                entry.fail(Finding(finding.code, finding.field, self.columns.get(finding.field), finding.values))
            return
        self._decide(entry, rows, editable, assignable)

    def _decide(self, entry: Entry, rows: Gathered, editable: bool, assignable: bool) -> None:
        found = entry.found
        if found.several:
            titles = ", ".join(f"“{title}”" for title in found.titles)
            entry.fail(Finding("fits_several", "", None, {"n": len(found.several), "titles": titles}))
        elif found.id and self.mode == "create":
            entry.outcome = LEFT
        elif found.id and not editable:
            entry.fail(Finding("not_yours"))
        elif found.id:
            self._update(entry, rows, assignable)
        elif self._is_suppressed(rows):
            entry.outcome = LEFT
            entry.say(Finding("suppressed"))
        elif found.binned and not self.restore:
            entry.outcome = BINNED
        elif found.binned:
            entry.outcome = RESTORE
            self._check(entry, rows, found.binned_values)
        elif self.mode == "update":
            entry.outcome = LEFT
        elif self.actor.scope(self.kind.card.key, "create") is Scope.NONE:
            entry.fail(Finding("may_not_create"))
        else:
            entry.outcome = CREATE
            self._check(entry, rows, None)

    def _update(self, entry: Entry, rows: Gathered, assignable: bool) -> None:
        held = entry.found.values or {}
        entry.outcome = UPDATE
        if self.keeps_owner(rows.values, held, assignable):
            text = self.linker.text_of("owner", rows.values.pop("owner"))
            entry.say(Finding("keeps_owner", "owner", self.columns.get("owner"), {"text": text}))
        changed = self._check(entry, rows, held)
        waits = any(name for name in rows.waits)
        if entry.outcome == UPDATE and not changed and not rows.make and not waits:
            entry.outcome = SAME

    @staticmethod
    def keeps_owner(values: dict[str, Any], held: dict[str, Any], assignable: bool) -> bool:
        """Whether the file names another owner than the actor may give the record."""
        return "owner" in values and values["owner"] != held.get("owner") and not assignable

    def _check(self, entry: Entry, rows: Gathered, held: dict[str, Any] | None) -> bool:
        """Whether anything changes; an entry whose values cannot be kept fails."""
        given = self.compare.given(rows.values, rows.more, held)
        if held is None:
            if refused := self.compare.defaults.refused_owner(given.get("owner")):
                text = self.linker.text_of("owner", refused)
                entry.fail(Finding("other_owner", "owner", self.columns.get("owner"), {"text": text}))
            _, errors = self.compare.create(given, rows.promised)
            changed = True
        else:
            columns, errors = self.compare.amend(given, held)
            changed = self.compare.differs(columns, held)
        for finding in self.refusals(errors, given):
            entry.fail(finding)
        return changed

    def refusals(self, errors: dict[str, list[str]], given: dict[str, Any]) -> list[Finding]:
        """The write path's errors as findings."""
        found = []
        for name, messages in errors.items():
            if name in self.compare.required and given.get(name) in (None, "", []):
                found.append(Finding("required", name, self.columns.get(name)))
            else:
                found.append(Finding("refused", name, self.columns.get(name), {"text": " ".join(messages)}))
        return found

    def _is_suppressed(self, rows: Gathered) -> bool:
        if not extras.asks_suppression():
            return False
        keys = self.compare.keys(rows.values)
        return bool(keys and extras.suppressed(self.kind, keys))

    # ------------------------------------------------------------ entries that lead to others

    def follow_failures(self, entries: Sequence[Entry], number: Callable[[int], int]) -> None:
        """What leads to a record that does not come in cannot come in either."""
        again = bool(self.linker.own)
        while again:
            again = False
            for entry in entries:
                if entry.outcome not in (*WRITES, SAME):
                    continue
                bad = next((p for p in entry.after if entries[p].outcome not in (*WRITES, SAME)), None)
                if bad is not None:
                    name = self.linker.own[0]
                    row = number(entries[bad].group.rows[0])
                    entry.fail(Finding("row_failed", name, self.columns.get(name), {"row": row}))
                    again = True

    def level(self, entries: Sequence[Entry], name_in: Callable[[Entry, str], str]) -> None:
        """Parents before children. Whoever is still waiting at the end goes round in a circle."""
        waiting = {p for p, e in enumerate(entries) if e.after and e.outcome in WRITES}
        level = 0
        while waiting:
            level += 1
            ready = {p for p in waiting if not (entries[p].after & waiting)}
            if not ready:
                name = self.linker.own[0]
                for place in waiting:
                    text = name_in(entries[place], name)
                    entries[place].fail(Finding("circle", name, self.columns.get(name), {"text": text}))
                return
            for place in ready:
                entries[place].late = level
            waiting -= ready

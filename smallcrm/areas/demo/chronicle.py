"""What happened at the demo company, written in the order of time through the same door as everything else.

Happenings are gathered for a block of customers, sorted, and written a span of days, an actor and an act at a time: each such
act is one change-set with the clock set to its last moment, so histories, as-of views and undo find plausible times. A very
large company was brought in month by month from another program by one person (``by``): its acts are as large as an import's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from smallcrm import store
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base import clock
from smallcrm.identity.actor import Actor
from smallcrm.records import change, changesets
from smallcrm.records.drafts import Draft
from smallcrm.records.record import RecordType

PART = 1000  # records an act
AT_ONCE = 5000  # records a transaction

# The order of acts inside one span.
ORDER = {"customer": 0, "contact": 1, "relation": 2, "activity": 3, "visit": 4, "file": 5}
CHANGE, FALL, RETURN, CLAIM, BIN = 6, 7, 8, 9, 10
WHY = {CHANGE: "form", FALL: "recycle", RETURN: "release", CLAIM: "claim", BIN: "delete"}


@dataclass(slots=True)
class Happening:
    """A record made (``record`` 0), or something done to the record of that id. ``days``: for how long nobody had called."""

    at: dt.datetime
    actor: int
    kind: RecordType
    values: Mapping[str, Any]
    act: int
    record: int = 0
    why: str = "form"
    note: str = ""
    days: int = 0


@dataclass(slots=True)
class Act:
    """What one person did to records of one type in one go: a change-set. ``drafts``: the records made, by position."""

    at: dt.datetime
    kind: RecordType
    act: int
    actor: Actor
    why: str
    note: str
    drafts: dict[int, Draft] = field(default_factory=dict)
    done: list[Happening] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.drafts) + len(self.done)


@dataclass
class Chronicle:
    """Gathers happenings, then writes them. ``span``: days written together; ``start``: when the company began.

    ``people``: by id, everybody who does anything; looked up beforehand, because acts are made ready without the database.
    """

    start: dt.datetime
    span: int
    people: Mapping[int, Actor]
    by: int = 0
    gathered: list[Happening] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)

    def made(
        self,
        at: dt.datetime,
        actor: int,
        kind: RecordType,
        values: Mapping[str, Any],
        *,
        why: str = "form",
        note: str = "",
    ) -> None:
        """Somebody made a record."""
        stamp = clock.iso(at)
        whole = {name: value for name, value in values.items() if value is not None and value != []}
        whole |= {"created_at": stamp, "updated_at": stamp}
        self.gathered.append(Happening(at, actor, kind, whole, ORDER[kind.card.key], why=why, note=note))

    def done(
        self, at: dt.datetime, actor: int, kind: RecordType, record: int, act: int, values: Mapping[str, Any] | None = None,
        *, note: str = "", days: int = 0,
    ) -> None:  # fmt: skip
        """Somebody, or the nightly run, did something to a record."""
        self.gathered.append(Happening(at, actor, kind, values or {}, act, record, WHY[act], note, days))

    def take(self) -> list[Act]:
        """What was gathered, in the order of time, ready to be written; nothing is gathered any more. Reads no database."""
        taken, self.gathered = self.gathered, []
        return [self._ready(part) for group in self._groups(taken) for part in _parts(group)]

    def _ready(self, part: list[Happening]) -> Act:
        first, at = part[0], max(each.at for each in part)
        actor = self.people[first.actor and (self.by or first.actor)]
        made = first.act < CHANGE
        why = "import" if self.by and made else first.why
        act = Act(at, first.kind, first.act, actor, why, first.note)
        if made:
            with clock.at(at):
                values = [each.values for each in part]
                act.drafts, outcome = change.draft_many(actor, first.kind, values, trusted=True)
            _assert_good(outcome, first.kind)
        else:
            act.done = part
        return act

    def write(self, acts: Iterable[Act]) -> None:
        """Write them, so many records a transaction."""
        waiting: list[Act] = []
        rows = 0
        for act in acts:
            waiting.append(act)
            rows += len(act)
            if rows >= AT_ONCE:
                self._commit(waiting)
                waiting, rows = [], 0
        self._commit(waiting)

    def _groups(self, happenings: list[Happening]) -> Iterator[list[Happening]]:
        def together(each: Happening) -> tuple[Any, ...]:
            span = (each.at - self.start).days // self.span
            if self.by and each.act < CHANGE:
                return (span, each.act)
            return (span, each.act, each.actor and (self.by or each.actor), each.why, each.note)

        happenings.sort(key=lambda each: (*together(each), each.at, each.record))
        for _, group in groupby(happenings, together):
            yield list(group)

    def _commit(self, acts: Sequence[Act]) -> None:
        with store.writing():
            for act in acts:
                with clock.at(act.at), changesets.opened(act.actor, act.why, act.note):
                    self._write(act)

    def _write(self, act: Act) -> None:
        name, count = act.kind.card.name, 0
        if act.act < CHANGE:
            outcome = change.write_many(act.drafts, change.Outcome())
            count = len(outcome.written)
        elif act.act == BIN:
            name, outcome = "bin", change.Outcome()
            count = change.bin_with_children(act.actor, act.kind, [each.record for each in act.done])
        else:
            causes = {each.record: ("follow_up", each.days) for each in act.done} if act.act == FALL else {}
            changes = [(each.record, each.values) for each in act.done]
            with doing(act.note, causes):
                outcome = change.update_many(act.actor, act.kind, changes, trusted=True)
        _assert_good(outcome, act.kind)
        self.written[name] = self.written.get(name, 0) + count


def _parts(group: list[Happening]) -> Iterator[list[Happening]]:
    """At most so many at a time, and nothing twice to the same record: the second builds on the first."""
    part: list[Happening] = []
    met: set[int] = set()
    for each in group:
        if len(part) == PART or each.record in met:
            yield part
            part, met = [], set()
        part.append(each)
        if each.record:
            met.add(each.record)
    if part:
        yield part


def _assert_good(outcome: change.Outcome, kind: RecordType) -> None:
    if outcome.errors:
        raise AssertionError(f"the demo wrote a bad {kind.card.key}: {next(iter(outcome.errors.values()))}")

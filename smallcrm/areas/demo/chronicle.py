"""What happened at the demo company, written in the order of time through the same door as everything else.

Happenings are gathered for a block of customers, sorted, and written a span of days, an actor and an act at a time: each such
group is one change-set with the clock set to its last moment, so histories, as-of views and undo find plausible times. A very
large company was brought in month by month from another program by one person (``by``): its groups are as large as an import's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from smallcrm import store
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor, actor_of
from smallcrm.records import change, changesets
from smallcrm.records.record import RecordType

AT_ONCE = 1000  # rows a transaction

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


@dataclass
class Chronicle:
    """Gathers happenings, then writes them. ``span``: days written together; ``start``: when the company began."""

    start: dt.datetime
    span: int
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

    def take(self) -> list[Happening]:
        """What was gathered, to be written; nothing is gathered any more."""
        taken, self.gathered = self.gathered, []
        return taken

    def write(self, happenings: list[Happening]) -> None:
        """Write them, in the order of time."""
        waiting: list[list[Happening]] = []
        rows = 0
        for group in self._groups(happenings):
            for part in _parts(group):
                waiting.append(part)
                rows += len(part)
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

    def _commit(self, groups: Sequence[list[Happening]]) -> None:
        with store.writing():
            for group in groups:
                first = group[0]
                actor = _actor(first.actor and (self.by or first.actor))
                why = "import" if self.by and first.act < CHANGE else first.why
                with clock.at(max(each.at for each in group)), changesets.opened(actor, why, first.note):
                    self._write(actor, group)

    def _write(self, actor: Actor, group: list[Happening]) -> None:
        first = group[0]
        kind = first.kind
        if first.act < CHANGE:
            outcome = change.create_many(actor, kind, [each.values for each in group], trusted=True)
        elif first.act == BIN:
            drafts = change.bin_with_children(actor, kind, [each.record for each in group])
            self.written["bin"] = self.written.get("bin", 0) + drafts
            return
        else:
            causes = {each.record: ("follow_up", each.days) for each in group} if first.act == FALL else {}
            changes = [(each.record, each.values) for each in group]
            with doing(first.note, causes):
                outcome = change.update_many(actor, kind, changes, trusted=True)
        if outcome.errors:
            place, errors = next(iter(outcome.errors.items()))
            raise AssertionError(f"the demo wrote a bad {kind.card.key}: {errors} in {dict(group[place].values)}")
        if first.act < CHANGE:
            self.written[kind.card.name] = self.written.get(kind.card.name, 0) + len(outcome.written)


def _parts(group: list[Happening]) -> Iterator[list[Happening]]:
    """At most so many at a time, and nothing twice to the same record: the second builds on the first."""
    part: list[Happening] = []
    met: set[int] = set()
    for each in group:
        if len(part) == AT_ONCE or each.record in met:
            yield part
            part, met = [], set()
        part.append(each)
        if each.record:
            met.add(each.record)
    if part:
        yield part


def _actor(user: int) -> Actor:
    found = SYSTEM if not user else actor_of(user)
    assert found is not None, "everybody in the demo works here"
    return found

"""What stands in a calendar between two days: plans on their day, what was done on the day it was done, bare dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import agenda, repeating
from smallcrm.areas.activities.rules.agenda import Bare, Item, Whose
from smallcrm.areas.activities.rules.states import day_of, local_time
from smallcrm.base import clock
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import by_key

MOST = 1500  # of one view
USUAL_MINUTES = {"call": 30, "meeting": 60, "visit": 60}
QUARTER = 15
QUARTERS = 96
WIDEST = 6  # side by side


@dataclass(frozen=True)
class Entry:
    """One thing on one day. ``at`` is its first quarter of the day and ``long`` how many; None for any time that day."""

    item: Item
    day: dt.date
    at: int | None = None
    long: int = 2
    coming: bool = False  # a later one of a series, not made yet

    @property
    def late(self) -> bool:
        """Whether it is open and its time is over."""
        if self.item.done_at or self.coming or not self.item.due_at:
            return False
        return self.day < clock.today() if self.item.all_day else self.item.due_at < clock.stamp()


def of(actor: Actor, choice: str) -> Whose:
    """``mine``, ``team`` or ``u12``, as far as the actor's reach allows; one's own otherwise."""
    if choice == "team" and agenda.sees_a_team(actor):
        return agenda.whose(actor, team=True)
    if choice[:1] == "u" and choice[1:].isdigit() and len(choice) < 12 and int(choice[1:]) in dict(people(actor)):
        return Whose(user=int(choice[1:]))
    return Whose(user=actor.id)


def people(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the others whose calendar the actor may look at."""
    scope = actor.scope("activity", "view")
    if not agenda.sees_a_team(actor):
        return []
    teams = actor.teams_for(scope)
    where = "1" if scope is Scope.ALL else f"team IN ({', '.join('?' * len(teams))})"
    sql = f'SELECT id, name FROM "user" WHERE active = 1 AND deleted_at IS NULL AND id <> ? AND {where} ORDER BY name LIMIT 200'
    return [(i, name) for i, name in store.rows(sql, [actor.id, *(teams if scope is not Scope.ALL else ())])]


def entries(actor: Actor, who: Whose, first: dt.date, last: dt.date, kinds: Collection[str]) -> list[Entry]:
    """Everything from ``first`` to ``last``, in order; within what the actor may see."""
    start, end = clock.iso(clock.start_of(first)), clock.iso(clock.start_of(last + dt.timedelta(days=1)))
    reach, bound = access.reach(actor, by_key("activity")).where()
    which = f" AND t.kind IN ({', '.join('?' * len(kinds))}) AND {reach}"
    rest = [*kinds, *bound, MOST]
    rows: list[Sequence[Any]] = []
    for index, mine, values in who.open():
        sql = (
            f"SELECT {_COLUMNS} FROM activity t INDEXED BY {index} WHERE {mine} AND t.done_at IS NULL AND t.deleted_at IS NULL"
            f" AND t.due_at < ? AND (t.due_at >= ? OR t.repeat IS NOT NULL){which} ORDER BY t.due_at DESC LIMIT ?"
        )
        rows += store.rows(sql, [*values, end, start, *rest])
    mine, values = who.where()
    sql = (
        f"SELECT {_COLUMNS} FROM activity t INDEXED BY ix_activity_done_at WHERE t.done_at >= ? AND t.done_at < ?"
        f" AND t.deleted_at IS NULL AND {mine} AND t.kind <> 'note'{which} ORDER BY t.done_at LIMIT ?"
    )
    rows += store.rows(sql, [start, end, *values, *rest])
    items = {item.id: item for item in agenda.named(actor, [agenda.item_of(row[:11]) for row in rows])}
    found = [entry for row in rows for entry in _entries(items[row[0]], row, first, last)]
    return sorted(found, key=lambda e: (e.day, -1 if e.at is None else e.at, e.item.id))


_COLUMNS = f"{agenda.COLUMNS}, t.repeat, t.repeat_every, t.repeat_until, t.repeat_skip, t.repeats_on"


def _entries(item: Item, row: Sequence[Any], first: dt.date, last: dt.date) -> list[Entry]:
    text = item.done_at or item.due_at
    assert text
    day = day_of(text)
    long = max(1, -(-(item.minutes or USUAL_MINUTES.get(item.kind, 30)) // QUARTER))
    at = None if item.all_day and not item.done_at else _quarter(text)
    if item.done_at and item.minutes and at is not None:
        at = max(0, at - long)  # it was written down when it was over
    if at is not None:
        long = min(long, QUARTERS - at)
    made = [Entry(item, day, at, long)] if first <= day <= last else []
    repeat, every, until, skip, anchor = row[11:]
    if repeat and not item.done_at:
        begin = dt.date.fromisoformat(anchor) if anchor else day
        for rule_day, due in repeating.occurrences(repeat, int(every or 1), begin, skip=bool(skip)):
            if rule_day > last or (until and rule_day.isoformat() > until):
                break
            if due > day and first <= due <= last:
                made.append(Entry(item, due, at, long, coming=True))
    return made


def _quarter(moment: str) -> int:
    time = local_time(moment)
    return time.hour * 4 + time.minute // QUARTER


def side_by_side(entries_: Sequence[Entry]) -> list[tuple[Entry, int, int]]:
    """(entry, its place from 1, of how many) for the timed ones of one day, those that overlap beside each other."""
    made: list[tuple[Entry, int, int]] = []
    group: list[tuple[Entry, int]] = []
    ends: list[int] = []

    def close() -> None:
        made.extend((entry, min(place, WIDEST), min(len(ends), WIDEST)) for entry, place in group)
        group.clear()
        ends.clear()

    for entry in sorted((e for e in entries_ if e.at is not None), key=lambda e: (e.at or 0, -e.long)):
        at = entry.at or 0
        if ends and at >= max(ends):
            close()
        free = next((n for n, end in enumerate(ends) if end <= at), None)
        if free is None:
            ends.append(at + entry.long)
            free = len(ends) - 1
        else:
            ends[free] = at + entry.long
        group.append((entry, free + 1))
    close()
    return made


def bare(actor: Actor, who: Whose, first: dt.date, last: dt.date) -> list[Bare]:
    """Customers whose next follow-up is only a date, in these days."""
    return agenda.bare(actor, who, since=first, until=last, most=300)

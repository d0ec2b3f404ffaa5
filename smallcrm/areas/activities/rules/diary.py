"""What stands in a calendar between two days: plans on their day, what was done on the day it was done, bare dates."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import agenda, repeating
from smallcrm.areas.activities.rules.agenda import Bare, Item, Whose
from smallcrm.areas.activities.rules.states import day_of, local_time
from smallcrm.base import clock
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import by_key

MOST = 1500  # of a month, where a day shows a few
MOST_DRAWN = 300  # of a week or a day, where each is drawn
USUAL_MINUTES = {"call": 30, "meeting": 60, "visit": 60}
ONE_DAY = dt.timedelta(days=1)
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
    def begins(self) -> dt.datetime | None:
        """When it begins or began; what was written down when it was over began so many minutes before."""
        text = self.item.done_at or self.item.due_at
        if self.at is None or not text:
            return None
        moment = clock.moment(text)
        begun = moment - dt.timedelta(minutes=self.item.minutes or 0) if self.item.done_at else moment
        return begun if clock.day_of(begun) == clock.day_of(moment) else clock.start_of(self.day)

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


def entries(
    actor: Actor, who: Whose, first: dt.date, last: dt.date, kinds: Collection[str], *, most: int = MOST
) -> list[Entry]:
    """Everything from ``first`` to ``last``, in order; within what the actor may see. ``named`` says whom they are with."""
    start, end = clock.iso(clock.start_of(first)), clock.iso(clock.start_of(last + ONE_DAY))
    reach, bound = access.reach(actor, by_key("activity")).where()
    which = f" AND t.kind IN ({', '.join('?' * len(kinds))}) AND {reach}"
    rest = [*kinds, *bound, most]
    rows: list[Sequence[Any]] = []
    for index, mine, values in who.open():
        sql = (
            f"SELECT {_COLUMNS} FROM activity t INDEXED BY {index} WHERE {mine} AND t.done_at IS NULL AND t.deleted_at IS NULL"
            f" AND t.due_at < ? AND (t.due_at >= ? OR t.repeat IS NOT NULL){which} ORDER BY t.due_at DESC LIMIT ?"
        )
        rows += store.rows(sql, [*values, end, start, *rest])
    index, mine, values = who.done()
    sql = (
        f"SELECT {_COLUMNS} FROM activity t INDEXED BY {index} WHERE {mine} AND t.done_at >= ? AND t.done_at < ?"
        f" AND t.done_at IS NOT NULL AND t.deleted_at IS NULL AND t.kind <> 'note'{which} ORDER BY t.done_at LIMIT ?"
    )
    rows += store.rows(sql, [*values, start, end, *rest])
    days = _Days(first, last)
    found = [entry for row in rows for entry in _entries(row, days)]
    return sorted(found, key=lambda e: (e.day, -1 if e.at is None else e.at, e.item.id))


def named(actor: Actor, found: Sequence[Entry]) -> list[Entry]:
    """The entries with the customers and contacts that the actor may see."""
    items = agenda.named(actor, [entry.item for entry in found])
    return [replace(entry, item=item) for entry, item in zip(found, items, strict=True)]


_COLUMNS = f"{agenda.COLUMNS}, t.repeat, t.repeat_every, t.repeat_until, t.repeat_skip, t.repeats_on"


class _Days:
    """The business days from ``first`` to ``last``: which one a stored moment falls on, and at which quarter of it."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        days = [first + ONE_DAY * n for n in range((last - first).days + 2)]
        local = [dt.datetime.combine(day, dt.time(), tzinfo=clock.business_zone()) for day in days]
        self._starts = [clock.iso(moment) for moment in local]
        offsets = [int((moment.utcoffset() or dt.timedelta()).total_seconds()) // 60 for moment in local]
        # minutes from UTC, None on the day of a clock change
        self._offsets = [a if a == b else None for a, b in pairwise(offsets)]

    def place(self, text: str) -> tuple[dt.date, int]:
        """(day, quarter) of a moment as it is stored."""
        nth = bisect_right(self._starts, text) - 1
        if 0 <= nth < len(self._offsets) and (offset := self._offsets[nth]) is not None:
            minutes = (int(text[11:13]) * 60 + int(text[14:16]) + offset) % 1440
            return self.first + ONE_DAY * nth, minutes // QUARTER
        time = local_time(text)
        return day_of(text), time.hour * 4 + time.minute // QUARTER


def _entries(row: Sequence[Any], days: _Days) -> list[Entry]:
    item = agenda.item_of(row[:13])
    text = item.done_at or item.due_at
    assert text
    day, at = days.place(text)
    long = max(1, -(-(item.minutes or USUAL_MINUTES.get(item.kind, 30)) // QUARTER))
    if item.all_day and not item.done_at:
        made = [Entry(item, day, None, long)]
    else:
        if item.done_at and item.minutes:
            at = max(0, at - long)  # it was written down when it was over
        long = min(long, QUARTERS - at)
        made = [Entry(item, day, at, long)]
    if not days.first <= day <= days.last:
        made = []
    return [*made, *_coming(item, row, day, at, long, days)] if row[13] and not item.done_at else made


def _coming(item: Item, row: Sequence[Any], day: dt.date, at: int, long: int, days: _Days) -> list[Entry]:
    """The later ones of a series."""
    repeat, every, until, skip, anchor = row[13:]
    begin = dt.date.fromisoformat(anchor) if anchor else day
    made = []
    for rule_day, due in repeating.occurrences(repeat, int(every or 1), begin, skip=bool(skip)):
        if rule_day > days.last or (until and rule_day.isoformat() > until):
            break
        if due > day and days.first <= due <= days.last:
            made.append(Entry(item, due, None if item.all_day else at, long, coming=True))
    return made


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

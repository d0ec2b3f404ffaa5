"""Telling people of what they planned, at the moment they chose, once: bell, mail and group chat as each has it set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import agenda
from smallcrm.areas.activities.rules.agenda import Item
from smallcrm.areas.activities.rules.states import day_of
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import actor_of
from smallcrm.jobs import letter, notices
from smallcrm.records import derive
from smallcrm.records.record import by_key

CHUNK = 500
ONE_BY_ONE = 5  # so many reach somebody as messages of their own; more at once are put together
NAMED = 40

_WHERE = (
    "t.done_at IS NULL AND t.deleted_at IS NULL AND t.reminder_at > coalesce(t.reminded_at, '') AND t.reminder_at <= ?"
)
_FROM = "FROM activity t INDEXED BY activity_reminder"


def due(now: dt.datetime) -> bool:
    """Whether anybody is to be reminded of anything."""
    return store.row(f"SELECT 1 {_FROM} WHERE {_WHERE} LIMIT 1", [clock.iso(now)]) is not None


def send() -> int:
    """Tell everybody; how many activities were told of.

    What is said is worded before anything is locked. Each is marked in the transaction that tells of it; one that was
    moved, done or handed on meanwhile is left for the next round.
    """
    sent = 0
    while True:
        found = _found()
        told = _worded(found)
        with store.writing():
            same = set(found) & set(_found())
            changed = {row[0] for row in found if row not in same}
            for numbers, prepared in told:
                if not changed & set(numbers):
                    for each in prepared:
                        notices.put(each)
                    sent += len(numbers)
            put_off = {number for numbers, _ in told if changed & set(numbers) for number in numbers}
            marked = [row[0] for row in same if row[0] not in put_off]
            stamp = clock.stamp()
            derive.put(by_key("activity"), {number: {"reminded_at": stamp} for number in marked})
        if len(marked) == len(found) < CHUNK:
            return sent


def _found() -> list[tuple[Any, ...]]:
    sql = f"SELECT {agenda.COLUMNS}, t.version, t.reminder_at {_FROM} WHERE {_WHERE} ORDER BY t.reminder_at LIMIT ?"
    return [tuple(row) for row in store.rows(sql, [clock.stamp(), CHUNK])]


def _worded(found: Sequence[tuple[Any, ...]]) -> list[tuple[list[int], list[notices.Prepared | None]]]:
    """For each owner the activities, and what is to be put."""
    by_owner: dict[int, list[tuple[Item, str]]] = {}
    for row in found:
        item = agenda.item_of(row[:-2])
        by_owner.setdefault(item.owner or 0, []).append((item, row[-1]))
    told = []
    for owner, mine in by_owner.items():
        who = actor_of(owner) if owner else None
        if who is not None:
            items = agenda.named(who, [item for item, _ in mine])
            together = len(items) > ONE_BY_ONE
            one_by_one = zip(items, (at for _, at in mine), strict=True)
            said = [_tell_together(owner, items)] if together else [_tell_one(owner, i, at) for i, at in one_by_one]
            told.append(([item.id for item in items], said))
    return told


def _tell_one(owner: int, item: Item, at: str) -> notices.Prepared | None:
    return notices.prepare(
        owner,
        "reminder",
        title=lambda: item.subject,
        body=lambda: line(item),
        link=link(item),
        key=f"reminder/{item.id}/{at}",
    )


def _tell_together(owner: int, items: Sequence[Item]) -> notices.Prepared | None:
    return notices.prepare(
        owner,
        "reminder",
        title=lambda: ngettext("%(n)s reminder", "%(n)s reminders", len(items)),
        body=lambda: "\n".join(f"{item.subject}: {line(item)}" for item in items[:ONE_BY_ONE]),
        link="/",
        key=f"reminders/{clock.stamp()}/{items[0].id}",
        sections=lambda: [
            letter.Section(str(L("To do")), tuple(letter.Item(i.subject, link(i), line(i)) for i in items[:NAMED]))
        ],
    )


def line(item: Item) -> str:
    """When, and with whom: today 15:00 · Moorside Brewery, Bob Fenwick."""
    parts = [when(item)] if item.due_at else []
    return " · ".join([*parts, *([item.party] if item.party else [])])


def when(item: Item) -> str:
    """The day, and the time where there is one."""
    assert item.due_at
    day = formats.near_date(day_of(item.due_at))
    return day if item.all_day else f"{day} {formats.time(item.due_at)}"


def link(item: Item) -> str:
    """Where it is done."""
    return item.url

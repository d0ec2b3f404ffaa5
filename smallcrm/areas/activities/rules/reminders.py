"""Telling people of what they planned, at the moment they chose, once: bell, mail and group chat as each has it set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

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
    """Tell everybody; how many activities were told of. Each is marked in the transaction that tells of it."""
    sent = 0
    while True:
        with store.writing():
            found = store.rows(
                f"SELECT {agenda.COLUMNS}, t.reminder_at {_FROM} WHERE {_WHERE} ORDER BY t.reminder_at LIMIT ?",
                [clock.stamp(), CHUNK],
            )
            found = list(found)
            by_owner: dict[int, list[tuple[Item, str]]] = {}
            for row in found:
                item = agenda.item_of(row[:-1])
                by_owner.setdefault(item.owner or 0, []).append((item, row[-1]))
            for owner, mine in by_owner.items():
                sent += _tell(owner, mine)
            stamp = clock.stamp()
            derive.put(by_key("activity"), {row[0]: {"reminded_at": stamp} for row in found})
        if len(found) < CHUNK:
            return sent


def _tell(owner: int, mine: Sequence[tuple[Item, str]]) -> int:
    who = actor_of(owner) if owner else None
    if who is None:
        return 0
    items = agenda.named(who, [item for item, _ in mine])
    if len(items) > ONE_BY_ONE:
        _tell_together(owner, items)
        return len(items)
    for item, (_, at) in zip(items, mine, strict=True):
        _tell_one(owner, item, at)
    return len(items)


def _tell_one(owner: int, item: Item, at: str) -> None:
    notices.notify(
        owner,
        "reminder",
        title=lambda: item.subject,
        body=lambda: line(item),
        link=link(item),
        key=f"reminder/{item.id}/{at}",
    )


def _tell_together(owner: int, items: Sequence[Item]) -> None:
    notices.notify(
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
    party = ", ".join(each.name for each in (item.customer, item.contact) if each)
    return " · ".join([*parts, *([party] if party else [])])


def when(item: Item) -> str:
    """The day, and the time where there is one."""
    assert item.due_at
    day = formats.near_date(day_of(item.due_at))
    return day if item.all_day else f"{day} {formats.time(item.due_at)}"


def link(item: Item) -> str:
    """Where it is done: at its customer or contact, else at itself."""
    if item.customer:
        return f"/customers/{item.customer.id}"
    return f"/contacts/{item.contact.id}" if item.contact else f"/activities/{item.id}"

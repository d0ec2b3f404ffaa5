"""What has been overdue for too long is told to the manager of its team, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import agenda, reminding
from smallcrm.areas.activities.rules.agenda import Item
from smallcrm.areas.activities.rules.reminders import link, when
from smallcrm.areas.activities.rules.working_days import is_working
from smallcrm.areas.people import roles
from smallcrm.base import clock
from smallcrm.base.i18n import ngettext
from smallcrm.identity.actor import actor_of
from smallcrm.jobs import letter, notices
from smallcrm.records import access, derive, questions, settings
from smallcrm.records.record import by_key

MOST = 50_000  # told of at once; the rest at the next run
NAMED = 20
OLD = dt.timedelta(days=90)  # imported history that nobody ever closed is nobody's delay

_FROM = "FROM activity t INDEXED BY activity_late"
_WHERE = "t.done_at IS NULL AND t.deleted_at IS NULL AND t.escalated_at IS NULL AND t.due_at < ?"


def _before(now: dt.datetime) -> str | None:
    """Due before this moment is overdue for too long; None while nothing is to be told."""
    days = int(settings.get("follow_ups.escalate_days") or 0)
    today = clock.day_of(now)
    if not days or not is_working(today) or now < clock.at_local(today, reminding.day_begins()):
        return None
    return clock.iso(clock.start_of(today - dt.timedelta(days=days - 1)))


def due(now: dt.datetime) -> bool:
    """Whether a manager is to hear of something."""
    before = _before(now)
    return before is not None and store.row(f"SELECT 1 {_FROM} WHERE {_WHERE} LIMIT 1", [before]) is not None


def send() -> int:
    """Tell the managers; how many activities they heard of.

    Worded before anything is locked: of whom something was done or moved meanwhile is told at the next run.
    """
    before = _before(clock.now())
    if before is None:
        return 0
    found = _found(before)
    told: dict[int, list[Item]] = {}
    ancient = clock.iso(clock.now() - OLD)
    for row in found:
        item = agenda.item_of(row[:-2])
        manager = manager_of(row[-1], item.owner)
        if manager is not None and (item.due_at or "") >= ancient:
            told.setdefault(manager, []).append(item)
    prepared = [([item.id for item in items], _tell(manager, items)) for manager, items in told.items()]
    sent = 0
    with store.writing():
        same = set(found) & set(_found(before))
        changed = {row[0] for row in found if row not in same}
        put_off = {number for numbers, _ in prepared if changed & set(numbers) for number in numbers}
        for numbers, each in prepared:
            if not changed & set(numbers):
                notices.put(each)
                sent += len(numbers)
        stamp = clock.stamp()
        derive.put(by_key("activity"), {row[0]: {"escalated_at": stamp} for row in same if row[0] not in put_off})
    return sent


def _found(before: str) -> list[tuple[Any, ...]]:
    sql = f"SELECT {agenda.COLUMNS}, t.version, t.team {_FROM} WHERE {_WHERE} ORDER BY t.due_at LIMIT ?"
    return [tuple(row) for row in store.rows(sql, [before, MOST])]


def manager_of(team: int | None, owner: int | None) -> int | None:
    """Who leads the team, or the next one above it that is led by somebody other than the owner; who stands in while they are away."""
    tree = roles.tree()
    seen: set[int] = set()
    while team in tree and team not in seen:
        seen.add(team)
        parent, manager = tree[team]
        if manager and manager != owner and actor_of(manager) is not None:
            deputy = questions.there(manager)
            return deputy if deputy != owner and actor_of(deputy) is not None else manager
        team = parent
    return None


def _tell(manager: int, items: Sequence[Item]) -> notices.Prepared | None:
    who = actor_of(manager)
    if who is None:
        return None
    named = agenda.named(who, items[: NAMED * 3])
    owners = access.names(who, "user", {item.owner or 0 for item in named})

    def sections() -> list[letter.Section]:
        by_owner: dict[str, list[Item]] = {}
        for item in named:
            by_owner.setdefault(owners.get(item.owner or 0, "–"), []).append(item)
        return [
            letter.Section(name, tuple(letter.Item(_words(i), link(i), when(i)) for i in mine[:NAMED]))
            for name, mine in by_owner.items()
        ]

    return notices.prepare(
        manager,
        "escalation",
        title=lambda: ngettext(
            "%(n)s follow-up of your team is overdue", "%(n)s follow-ups of your team are overdue", len(items)
        ),
        body=lambda: "\n".join(f"{owners.get(i.owner or 0, '–')}: {_words(i)}, {when(i)}" for i in named[:5]),
        link="/?team=1",
        key=f"escalation/{clock.stamp()}",
        sections=sections,
    )


def _words(item: Item) -> str:
    return ", ".join([item.subject, *(each.name for each in item.parties if each is not item.contact)])

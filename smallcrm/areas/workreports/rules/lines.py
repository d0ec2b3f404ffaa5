"""The lines that activities, visits and customers give to a report of somebody's work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.records import doings
from smallcrm.records.doings import PLANNED, Doing

MOST = 60  # records that a line names


def _activities(user: int, start: str, end: str, condition: str, *params: Any) -> Doing:
    where = (
        "FROM activity t INDEXED BY activity_done_owner WHERE t.owner = ? AND t.done_at >= ? AND t.done_at < ?"
        f" AND t.done_at IS NOT NULL AND t.deleted_at IS NULL AND {condition}"
    )
    bound = [user, start, end, *params]
    count, minutes = store.row(f"SELECT count(*), coalesce(sum(t.duration_minutes), 0) {where}", bound) or (0, 0)
    ids = store.rows(f"SELECT t.id {where} ORDER BY t.done_at LIMIT ?", [*bound, MOST])
    return Doing(int(count), int(minutes), records=[("activity", number) for (number,) in ids])


@doings.line("calls", L("Calls"), "phone", order=10)
def calls(user: int, start: str, end: str) -> Doing:
    """Calls, with their length."""
    return _activities(user, start, end, "t.kind = 'call'")


@doings.line("visits", L("Visits"), "map-pin", order=20)
def visits(user: int, start: str, end: str) -> Doing:
    """Visits, with the time spent there."""
    return _activities(user, start, end, "t.kind = 'visit'")


@doings.line("follow_ups", L("Other follow-ups"), "messages", order=30)
def follow_ups(user: int, start: str, end: str) -> Doing:
    """Meetings, messages and mails."""
    return _activities(user, start, end, "t.kind IN ('meeting', 'message', 'email')")


@doings.line("tasks", L("Tasks done"), "checkbox", order=40)
def tasks(user: int, start: str, end: str) -> Doing:
    """Tasks."""
    return _activities(user, start, end, "t.kind = 'task'")


@doings.line("new_customers", L("New customers"), "building-store", order=50)
def new_customers(user: int, start: str, end: str) -> Doing:
    """Customers of theirs that were made in the period."""
    where = "FROM customer t WHERE t.owner = ? AND t.created_at >= ? AND t.created_at < ? AND t.deleted_at IS NULL"
    ids: Sequence[tuple[int]] = store.rows(f"SELECT t.id {where} ORDER BY t.id LIMIT ?", [user, start, end, MOST])
    count = len(ids) if len(ids) < MOST else int(store.value(f"SELECT count(*) {where}", [user, start, end]))
    return Doing(count, records=[("customer", number) for (number,) in ids])


@doings.line("planned", L("Planned"), "calendar-event", tense=PLANNED, order=10)
def planned(user: int, start: str, end: str) -> Doing:
    """What is due."""
    where = (
        "FROM activity t INDEXED BY activity_open_owner WHERE t.owner = ? AND t.due_at >= ? AND t.due_at < ?"
        " AND t.done_at IS NULL AND t.deleted_at IS NULL"
    )
    bound = [user, start, end]
    ids = store.rows(f"SELECT t.id {where} ORDER BY t.due_at LIMIT ?", [*bound, MOST])
    count = len(ids) if len(ids) < MOST else int(store.value(f"SELECT count(*) {where}", bound))
    return Doing(count, records=[("activity", number) for (number,) in ids])

"""What opportunities give to a report of somebody's work: moved on, won with their value, lost; and which are to close next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.records import doings
from smallcrm.records.doings import PLANNED, Doing

MOST = 60  # opportunities that a line names


def _moves(user: int, start: str, end: str, condition: str) -> list[tuple[int, int | None]]:
    """(opportunity, its value) of what came into a stage in these days and is somebody's; each once."""
    sql = (
        "SELECT h.opportunity, t.amount_base FROM stage_history h INDEXED BY stage_history_at CROSS JOIN opportunity t ON t.id = h.opportunity"
        f" WHERE h.at >= ? AND h.at < ? AND h.entered = 1 AND h.owner = ? AND t.deleted_at IS NULL AND {condition}"
        " GROUP BY h.opportunity ORDER BY min(h.at)"
    )
    return [(number, amount) for number, amount in store.rows(sql, [start, end, user])]


def _doing(found: Sequence[tuple[int, int | None]], *, valued: bool = True) -> Doing:
    amount = sum(value or 0 for _, value in found) if valued else None
    return Doing(len(found), amount=amount, records=[("opportunity", number) for number, _ in found[:MOST]])


@doings.line("won", L("Won"), "trophy", order=52)
def won(user: int, start: str, end: str) -> Doing:
    """Won, with their value."""
    return _doing(_moves(user, start, end, "h.state = 'won' AND t.state = 'won'"))


@doings.line("lost", L("Lost"), "circle-x", order=53)
def lost(user: int, start: str, end: str) -> Doing:
    """Lost, with their value."""
    return _doing(_moves(user, start, end, "h.state = 'lost' AND t.state = 'lost'"))


@doings.line("moved_on", L("Opportunities moved on"), "arrow-right", order=54)
def moved_on(user: int, start: str, end: str) -> Doing:
    """Moved from one open stage to another."""
    return _doing(_moves(user, start, end, "h.state = 'open' AND h.from_stage IS NOT NULL"), valued=False)


@doings.line("new_opportunities", L("New opportunities"), "target-arrow", order=51)
def made(user: int, start: str, end: str) -> Doing:
    """Made in the period, with their value."""
    return _doing(_own("t.created_at >= ? AND t.created_at < ?", user, start, end))


@doings.line("to_close", L("Opportunities expected to close"), "target-arrow", tense=PLANNED, order=20)
def to_close(user: int, start: str, end: str) -> Doing:
    """Open, and expected to close in the period."""
    days = [clock.day_of(clock.moment(each)).isoformat() for each in (start, end)]
    return _doing(_own("t.state = 'open' AND t.expected_close >= ? AND t.expected_close < ?", user, *days))


def _own(condition: str, user: int, *params: Any) -> list[tuple[int, int | None]]:
    sql = f"SELECT t.id, t.amount_base FROM opportunity t WHERE {condition} AND t.owner = ? AND t.deleted_at IS NULL ORDER BY t.id"
    return [(number, amount) for number, amount in store.rows(sql, [*params, user])]

"""What leads give to a report of somebody's work: those that came to them, those they converted."""

from __future__ import annotations

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.records import doings
from smallcrm.records.doings import Doing

MOST = 60  # leads that a line names


def _of(user: int, column: str, start: str, end: str) -> Doing:
    sql = f"SELECT t.id FROM lead t WHERE t.owner = ? AND t.{column} >= ? AND t.{column} < ? AND t.deleted_at IS NULL ORDER BY t.{column}, t.id"
    ids = [number for (number,) in store.rows(sql, [user, start, end])]
    return Doing(len(ids), records=[("lead", number) for number in ids[:MOST]])


@doings.line("new_leads", L("New leads"), "user-plus", order=46)
def new_leads(user: int, start: str, end: str) -> Doing:
    """Leads that came to them."""
    return _of(user, "owned_since", start, end)


@doings.line("converted_leads", L("Leads converted"), "user-check", order=47)
def converted(user: int, start: str, end: str) -> Doing:
    """Leads that became customers."""
    return _of(user, "converted_at", start, end)

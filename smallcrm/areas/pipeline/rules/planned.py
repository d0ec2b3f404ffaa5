"""What is planned next about opportunities, for cards and warnings: the earliest open activity about each, else its own next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.base import formats
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access


@dataclass(frozen=True)
class Plan:
    """An activity that is planned. ``due``: its moment (ISO)."""

    id: int
    subject: str
    due: str

    @property
    def words(self) -> str:
        """What and when."""
        return f"{self.subject}, {formats.moment(self.due)}"


def next_of(actor: Actor, ids: Sequence[int]) -> dict[int, Plan]:
    """Opportunity → the earliest activity planned about it that the actor sees."""
    if not ids or actor.scope("activity", "view") is Scope.NONE:
        return {}
    where, params = access.reach(actor, Activity).where()
    sql = (
        "SELECT t.about, t.id, t.subject, min(t.due_at) FROM activity t WHERE t.about_type = 'opportunity'"
        " AND t.about IN (SELECT value FROM json_each(?)) AND t.done_at IS NULL AND t.due_at IS NOT NULL"
        f" AND t.kind <> 'note' AND t.deleted_at IS NULL AND {where} GROUP BY t.about"
    )
    return {
        about: Plan(number, subject, due)
        for about, number, subject, due in store.rows(sql, [store.json_list(ids), *params])
    }

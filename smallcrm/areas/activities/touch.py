"""What the customers' pages ask of activities: what comes next with a customer, when each contact was last spoken to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smallcrm import store
from smallcrm.areas.activities.records import FOLLOW_UPS, Activity
from smallcrm.areas.customers.rules import touch
from smallcrm.areas.customers.rules.touch import NextStep
from smallcrm.base import clock
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import Record


def next_step(actor: Actor, record: Record) -> NextStep | None:
    """The earliest activity planned with the customer that the actor sees."""
    if actor.scope("activity", "view") is Scope.NONE:
        return None
    where, params = access.reach(actor, Activity).where()
    row = store.row(
        "SELECT t.id, t.subject, t.due_at, t.contact, t.owner FROM activity t WHERE t.customer = ? AND t.done_at IS NULL"
        f" AND t.due_at IS NOT NULL AND t.kind <> 'note' AND t.deleted_at IS NULL AND {where} ORDER BY t.due_at, t.id LIMIT 1",
        [record.id, *params],
    )
    if row is None:
        return None
    number, subject, due_at, contact, owner = row
    who = access.names(actor, "contact", [contact]).get(contact) if contact else None
    who = who or access.names(actor, "user", [owner]).get(owner, "")
    return NextStep(subject, clock.day_of(clock.moment(due_at)).isoformat(), who, f"/activities/{number}")


def last_touches(actor: Actor, contacts: Sequence[int]) -> Mapping[int, str]:
    """Contact → when the last follow-up with them that the actor sees was done."""
    if not contacts or actor.scope("activity", "view") is Scope.NONE:
        return {}
    where, params = access.reach(actor, Activity).where()
    kinds = ", ".join("?" * len(FOLLOW_UPS))
    sql = (
        "SELECT t.contact, max(t.done_at) FROM activity t WHERE t.contact IN (SELECT value FROM json_each(?))"
        f" AND t.kind IN ({kinds}) AND t.done_at IS NOT NULL AND t.deleted_at IS NULL AND {where} GROUP BY t.contact"
    )
    return dict(store.rows(sql, [store.json_list(contacts), *FOLLOW_UPS, *params]))


touch.set_next_step(next_step)
touch.set_last_touches(last_touches)

"""Contacts: whose they are, where they go, and which one is called first."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.customers.records import Contact
from smallcrm.records import change, derive
from smallcrm.records.drafts import Draft


@change.before("contact")
def belong(drafts: list[Draft]) -> None:
    """A contact without an owner has its customer's; one that moves to another customer goes to that one's owner."""
    touched = [draft for draft in drafts if draft.live_after and (draft.before is None or draft.touches("customer"))]
    customers = derive.linked_ids(touched, "customer")
    if not customers:
        return
    sql = "SELECT id, owner FROM customer WHERE id IN (SELECT value FROM json_each(?))"
    owners = dict(store.rows(sql, [store.json_list(customers)]))
    for draft in touched:
        mine = draft.after.get("owner")
        followed = draft.before is not None and mine == owners.get(draft.was("customer")) and not draft.touches("owner")
        if mine is None or followed:
            draft.after["owner"] = owners.get(draft.after.get("customer"))
            derive.amend(Contact, [draft])


@derive.on("contact")
def one_main(drafts: list[Draft]) -> None:
    """The one made the main contact takes that over from whoever had it."""
    chosen: dict[int, Draft] = {
        int(draft.after["customer"]): draft
        for draft in drafts
        if draft.live_after and draft.after.get("is_main") and draft.after.get("customer") and _becomes(draft)
    }
    if not chosen:
        return
    sql = (
        "SELECT id, customer FROM contact WHERE is_main = 1 AND deleted_at IS NULL"
        " AND customer IN (SELECT value FROM json_each(?))"
    )
    held = store.rows(sql, [store.json_list(chosen)])
    others = [(each, {"is_main": False}) for each, customer in held if each != chosen[customer].id]
    if others:
        change.update_many(next(iter(chosen.values())).actor, Contact, others, trusted=True)


def _becomes(draft: Draft) -> bool:
    return draft.before is None or draft.touches("is_main", "customer", "deleted_at")

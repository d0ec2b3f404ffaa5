"""What goes along as a customer changes hands. Since when it is whose, and whose it was, the pool area keeps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Relation
from smallcrm.records import change, derive, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.record import RecordType


@derive.on("customer")
def take_along(drafts: list[Draft]) -> None:
    """Contacts and relations without an owner of their own, or with the customer's, go where the customer goes."""
    moved = {draft.id: draft for draft in drafts if draft.before is not None and draft.touches("owner")}
    moved = {number: draft for number, draft in moved.items() if draft.why != "undo"}  # which brings all of them back
    if not moved:
        return
    sql = "SELECT id, customer, owner FROM contact WHERE {here} AND customer IN (SELECT value FROM json_each(?))"
    contacts = list(chain(*rows.with_bin(sql, [store.json_list(moved)])))
    _hand_over(Contact, contacts, moved)
    of_contact = {each: customer for each, customer, _ in contacts}
    _hand_over(Relation, _relations(list(moved), of_contact), moved)


def _hand_over(kind: RecordType, held: Iterable[tuple[int, int, int | None]], moved: dict[int, Draft]) -> None:
    """``held``: (record, its customer, its owner)."""
    changes = [
        (each, {"owner": moved[customer].after.get("owner")})
        for each, customer, owner in held
        if owner in (None, moved[customer].was("owner")) and owner != moved[customer].after.get("owner")
    ]
    if changes:
        change.update_many(next(iter(moved.values())).actor, kind, changes, trusted=True)


def _relations(customers: list[int], of_contact: dict[int, int]) -> list[tuple[int, int, int | None]]:
    """(relation, customer, owner) of the relations of these customers and their contacts."""
    found: dict[int, tuple[int, int, int | None]] = {}
    for key, ids in (("customer", customers), ("contact", list(of_contact))):
        for side in ("source", "target"):
            sql = (
                f"SELECT id, {side}, owner FROM relation WHERE {{here}} AND {side} IN (SELECT value FROM json_each(?))"
                f" AND {side}_type = ?"
            )
            for each, end, owner in chain(*rows.with_bin(sql, [store.json_list(ids), key])):
                found.setdefault(each, (each, of_contact[end] if key == "contact" else end, owner))
    return list(found.values())

"""Team members: colleagues who read or write a customer that is not theirs, perhaps until a day.

The rows of the ``members`` field are kept in step with ``reach.Share``, by which reach is decided.
"""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, cache, change, derive, search, transfer
from smallcrm.records.clean import refuse
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, values

STRONGER = {"read": 0, "write": 1}


@change.before("customer")
def check_members(drafts: list[Draft]) -> None:
    """Nobody stands there twice; only who may hand the customer over lets others in."""
    touched = [draft for draft in drafts if draft.touches("members") and (draft.before is None or draft.live_before)]
    for draft in touched:
        rows = draft.after.get("members") or []
        once = _once(rows)
        if len(once) < len(rows):
            if not draft.trusted:
                raise change.Wrong(draft, {"members": [str(L("Somebody stands here twice."))]})
            draft.after["members"] = once
    asked = [draft for draft in touched if draft.before is not None and not draft.trusted]
    if asked:
        allowed = access.within(asked[0].actor, Customer, [draft.id for draft in asked], "assign")
        for draft in asked:
            if draft.id not in allowed:
                raise change.Wrong(draft, {"members": [str(L("Only who may hand this over lets others in."))]})


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each colleague once, with the stronger right."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        held = found.get(row["user"])
        if held is None or STRONGER[row["level"]] > STRONGER[held["level"]]:
            found[row["user"]] = row
    return list(found.values())


@derive.on("customer")
def keep_shares(drafts: list[Draft]) -> None:
    """The shares of these customers say what their ``members`` say; an owner needs none."""
    touched = [
        draft for draft in drafts if draft.touches("members") or (draft.after.get("members") and draft.touches("owner"))
    ]
    if not touched:
        return
    ids = [draft.id for draft in touched]
    store.run(
        "DELETE FROM share WHERE record_type = 'customer' AND record IN (SELECT value FROM json_each(?))",
        [store.json_list(ids)],
    )
    store.run_many(
        "INSERT OR IGNORE INTO share (record_type, record, user, level, until) VALUES ('customer', ?, ?, ?, ?)",
        [
            (draft.id, row["user"], row["level"], row.get("until"))
            for draft in touched
            for row in draft.after.get("members") or ()
            if row["user"] != draft.after.get("owner")
        ],
    )
    cache.bump()
    search.rewrite(Customer, [draft.id for draft in touched if draft.live_after])
    known = [draft.id for draft in touched if draft.before is not None]
    if known:
        derive.mirror_scope(Customer, known)


# ---------------------------------------------------------------- verbs


def let_in(actor: Actor, record: Record, *, user: int, level: str, until: str | None = None) -> Record:
    """Let a colleague read or write the customer, perhaps until a day (ISO). Raises Invalid, Forbidden."""
    if not user:
        refuse({"user": [str(L("Choose a colleague."))]})
    transfer.need_active(user, "user")
    if user == values(record)["owner"]:
        refuse({"user": [str(L("It is theirs already."))]})
    if until and until < clock.today().isoformat():
        refuse({"until": [str(L("That day is over."))]})
    others = [row for row in values(record)["members"] or () if row["user"] != user]
    return change.update(actor, record, {"members": [*others, {"user": user, "level": level, "until": until}]})


def take_out(actor: Actor, record: Record, *, user: int) -> Record:
    """End a colleague's part in the customer."""
    others = [row for row in values(record)["members"] or () if row["user"] != user]
    return change.update(actor, record, {"members": others})

"""What follows from what was given, before an activity is saved: its customer, its reminder, the series it counts in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import reminding, repeating
from smallcrm.areas.activities.rules.states import due_day, is_open, local_time
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.records import change, derive
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.fields import Link
from smallcrm.records.record import by_key, declared

AHEAD = dt.timedelta(minutes=10)  # clocks differ a little
BROUGHT = ("import", "round trip", "demo", "undo", "merge", "restore")  # nobody plans these: no reminder is added


@change.before("activity")
def fill(drafts: list[Draft]) -> None:
    """Amend what is made or changed; deletions and returns from the bin are left as they are."""
    wanted = [draft for draft in drafts if draft.act in (CREATE, UPDATE) and draft.why not in ("undo", "merge")]
    _customers(wanted)
    now = clock.iso(clock.now() + AHEAD)
    for draft in wanted:
        _dates(draft, now)
        _series(draft)
        _reminder(draft)


# ---------------------------------------------------------------- whose it is


def _customers(drafts: Sequence[Draft]) -> None:
    """The customer is that of the contact, or of what it is about; a contact of another customer is refused."""
    touched = [d for d in drafts if d.touches("customer", "contact", "about", "about_type")]
    homes = homes_of({("contact", d.after["contact"]) for d in touched if d.after.get("contact")})
    lacking = [d for d in touched if not d.after.get("customer")]
    homes |= homes_of({(d.after["about_type"], d.after["about"]) for d in lacking if d.after.get("about")})
    for draft in touched:
        contact = ("contact", draft.after.get("contact"))
        home = homes.get(contact)
        if not draft.after.get("customer"):
            draft.after["customer"] = home or homes.get((draft.after.get("about_type"), draft.after.get("about")))
        elif home and home != draft.after["customer"] and not draft.trusted:
            if draft.touches("contact"):
                raise Wrong(draft, {"contact": [str(L("This person belongs to somebody else. Choose one of theirs."))]})
            draft.after["contact"] = None
    moved = [d for d in touched if d.before is None or d.touches("customer")]
    if moved:
        derive.amend(moved[0].kind, moved)


def homes_of(records: set[tuple[Any, Any]]) -> dict[tuple[Any, Any], int]:
    """(type, id) → the customer it belongs to; a customer belongs to itself."""
    found: dict[tuple[Any, Any], int] = {}
    by_type: dict[str, set[int]] = {}
    for key, number in records:
        by_type.setdefault(key, set()).add(number)
    for key, ids in by_type.items():
        if key == "customer":
            found |= {(key, number): number for number in ids}
        elif isinstance(link := declared(by_key(key)).get("customer"), Link) and link.to == "customer":
            sql = f'SELECT id, customer FROM "{by_key(key)._meta.table_name}" WHERE id IN (SELECT value FROM json_each(?))'
            found |= {(key, i): customer for i, customer in store.rows(sql, [store.json_list(ids)]) if customer}
    return found


# ---------------------------------------------------------------- when


def _dates(draft: Draft, now: str) -> None:
    after = draft.after
    if draft.before is None and after.get("kind") == "note" and not after.get("due_at") and not after.get("done_at"):
        after["done_at"] = after["created_at"]
    if not draft.trusted and draft.touches("done_at") and (after.get("done_at") or "") > now:
        raise Wrong(draft, {"done_at": [str(L("This lies ahead: plan it, and tick it off once it is done."))]})
    if after.get("due_at") and draft.touches("due_at"):
        midnight = local_time(after["due_at"]) == dt.time()
        if after.get("all_day") is None:
            after["all_day"] = int(midnight)
        elif draft.why == "form" and draft.before is not None and not draft.touches("all_day"):
            after["all_day"] = int(midnight)  # a time was typed into the list's cell, or taken off


def _series(draft: Draft) -> None:
    """A series is counted from the day on which it was set up, or set up anew."""
    after = draft.after
    if not after.get("repeat"):
        return
    if not after.get("due_at"):
        if is_open(after) and not draft.trusted:
            raise Wrong(draft, {"due_at": [str(L("What repeats needs a first day."))]})
        return
    if not after.get("repeats_on") or (draft.before is not None and draft.touches("repeat")):
        after["repeats_on"] = str(due_day(after))


def _reminder(draft: Draft) -> None:
    """A new plan gets its owner's usual reminder; one that moves takes its own along."""
    after = draft.after
    if draft.before is None:
        if is_open(after) and after.get("due_at") and not after.get("reminder_at") and draft.why not in BROUGHT:
            after["reminder_at"] = _usual(after)
    elif draft.touches("due_at") and not draft.touches("reminder_at"):
        after["reminder_at"] = repeating.shifted(after.get("reminder_at"), draft.was("due_at"), after.get("due_at"))


def _usual(after: dict[str, Any]) -> str | None:
    due = clock.moment(after["due_at"])
    lead = reminding.lead_of(after.get("owner"))
    at = reminding.remind_at(due, lead, all_day=bool(after.get("all_day")))
    if at is None or due < clock.start_of(clock.today()):
        return None
    return clock.iso(at)


@derive.on("contact")
def contacts_found_a_home(drafts: list[Draft]) -> None:
    """A contact that belonged to nobody has a customer now: so have the activities with that contact."""
    moved = {
        d.id: d.after["customer"] for d in drafts if d.live_after and d.after.get("customer") and d.touches("customer")
    }
    if not moved:
        return
    sql = (
        "SELECT id, contact FROM activity WHERE contact IN (SELECT value FROM json_each(?)) AND customer IS NULL"
        " AND deleted_at IS NULL"
    )
    found = [(i, {"customer": moved[contact]}) for i, contact in store.rows(sql, [store.json_list(moved)])]
    if found:
        change.update_many(drafts[0].actor, Activity, found, trusted=True)

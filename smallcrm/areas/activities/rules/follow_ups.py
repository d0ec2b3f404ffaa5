"""What counts as a follow-up, since when a customer has had none, and when the next one is due.

A follow-up is done, and no note or task: a call, a meeting, a visit, a message, a mail; with the customer itself, one of its
contacts, or about something that belongs to it. It counts from when it happened, never from later than it was last written (a call
of tomorrow is none yet). Who is no manager may enter one up to three days later; later ones are shown, but keep nothing out of the pool.

``last_follow_up_at`` is the latest of them. ``next_follow_up_on`` is the earliest day of an open plan; without any plan the
bare date that somebody wrote at the customer, until something has been done on or after it. Both follow from what
stands there, so deleting, undoing, merging and importing keep them right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import FOLLOW_UPS
from smallcrm.areas.activities.rules.states import day_of, is_done, is_follow_up, is_open
from smallcrm.areas.people import roles
from smallcrm.base import clock
from smallcrm.identity.actor import Scope, actor_of
from smallcrm.records import cache, derive, questions
from smallcrm.records.drafts import Draft
from smallcrm.records.record import by_key

LATE = 3  # days after which a follow-up is written down too late to count

_KINDS = ", ".join(f"'{kind}'" for kind in FOLLOW_UPS)
_AMONG = "customer IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
_FOLLOWS = ("kind", "customer", "done_at", "due_at", "owner", "deleted_at")


# ---------------------------------------------------------------- the last one


def done_for(ids: Sequence[int]) -> Iterable[tuple[int, int | None, str, str, str]]:
    """(customer, owner, done at, entered at, last written at) of every follow-up of these customers."""
    sql = f"SELECT customer, owner, done_at, created_at, updated_at FROM activity WHERE {_AMONG} AND done_at IS NOT NULL AND kind IN ({_KINDS})"
    return store.rows(sql, [store.json_list(ids)])


def latest(ids: Sequence[int]) -> dict[int, str]:
    """Customer → its last follow-up."""
    sql = (
        f"SELECT customer, max(min(done_at, updated_at)) FROM activity WHERE {_AMONG} AND done_at IS NOT NULL"
        f" AND kind IN ({_KINDS}) GROUP BY customer"
    )
    return dict(store.rows(sql, [store.json_list(ids)]))


@questions.answers(questions.FOLLOWED_UP, "customer")
def counting(ids: Sequence[int]) -> Mapping[int, str]:
    """Customer → its last follow-up that was written down in time."""
    found: dict[int, str] = {}
    for customer, owner, done, entered, written in done_for(ids):
        at = min(done, written)
        if at > found.get(customer, "") and (not _late(done, entered) or leads(owner)):
            found[customer] = at
    return found


def _late(done: str, written: str) -> bool:
    if done[:10] >= written[:10]:
        return False
    return (day_of(written) - day_of(done)).days > LATE


@cache.kept
def leads(user: int | None) -> bool:
    """Whether the user is a manager: leads a team, or may change more than their own customers."""
    if any(manager == user for _, manager in roles.tree().values()):
        return True
    who = actor_of(user) if user else None
    return who is not None and who.granted("customer", "edit") > Scope.OWN


def on_follow_up(function: Callable[[list[int]], None]) -> None:
    """Call ``function`` with the customers whose follow-ups change, inside the transaction that changes them."""
    questions.on_change("customer")(function)


# ---------------------------------------------------------------- the next one


def nearest_plans(ids: Iterable[int]) -> dict[int, str]:
    """Customer → when its first open plan is due."""
    sql = f"SELECT customer, min(due_at) FROM activity WHERE {_AMONG} AND done_at IS NULL AND due_at IS NOT NULL GROUP BY customer"
    return dict(store.rows(sql, [store.json_list(ids)]))


def bare_dates(ids: Iterable[int]) -> dict[int, str]:
    """Customer → the date written there by hand, unless something has been done since, on that day or later."""
    sql = "SELECT customer, on_day, set_at FROM follow_up_date WHERE customer IN (SELECT value FROM json_each(?))"
    held = {customer: (day, at) for customer, day, at in store.rows(sql, [store.json_list(ids)])}
    if not held:
        return {}
    starts = {customer: clock.iso(clock.start_of(dt.date.fromisoformat(day))) for customer, (day, _) in held.items()}
    sql = f"SELECT customer, done_at, created_at FROM activity WHERE {_AMONG} AND done_at >= ? AND kind <> 'note'"
    over = {
        customer
        for customer, done, written in store.rows(sql, [store.json_list(held), min(starts.values())])
        if done >= starts[customer] and max(done, written) >= held[customer][1]
    }
    return {customer: day for customer, (day, _) in held.items() if customer not in over}


def next_days(ids: Sequence[int]) -> dict[int, str]:
    """Customer → the day of the next follow-up."""
    return {**bare_dates(ids), **{c: day_of(due).isoformat() for c, due in nearest_plans(ids).items()}}


# ---------------------------------------------------------------- keeping both


@derive.on("activity")
def activities_changed(drafts: list[Draft]) -> None:
    """One was planned, done, moved, deleted or brought back: what its customer says of it is looked up anew."""
    changed = [draft for draft in drafts if draft.touches(*_FOLLOWS) or _lay_ahead(draft)]
    followed = [d for d in changed if is_follow_up(d.after) or is_follow_up(d.before)]
    if all(draft.before is None for draft in followed):
        _advance(followed)
    else:
        refresh_last(derive.linked_ids(followed, "customer"))
    planned = [d for d in changed if is_open(d.after) or is_open(d.before)]
    done = [d for d in changed if is_done(d.after) or is_done(d.before)]
    refresh_next(derive.linked_ids(planned, "customer") | _with_bare(derive.linked_ids(done, "customer")))


def _lay_ahead(draft: Draft) -> bool:
    """Whether it was done later than it was written, so that writing it again makes it count from later."""
    return (
        is_follow_up(draft.before) and draft.before is not None and draft.before["done_at"] > draft.before["updated_at"]
    )


def _advance(drafts: Sequence[Draft]) -> None:
    """New ones only: what was before need not be read again, the later moment stands."""
    found: dict[int, str] = {}
    for draft in drafts:
        customer = draft.after.get("customer")
        if customer:
            at = min(draft.after["done_at"], draft.after["updated_at"])
            found[customer] = max(at, found.get(customer, ""))
    held = _held("last_follow_up_at", found)
    later = {c: {"last_follow_up_at": at} for c, at in found.items() if c in held and at > (held[c] or "")}
    derive.put(by_key("customer"), later)
    questions.changed("customer", found)


def _with_bare(ids: set[int]) -> set[int]:
    sql = "SELECT customer FROM follow_up_date WHERE customer IN (SELECT value FROM json_each(?))"
    return {row[0] for row in store.rows(sql, [store.json_list(ids)])} if ids else set()


def _held(column: str, ids: Iterable[int]) -> dict[int, Any]:
    wanted = store.json_list(ids)
    return dict(store.rows(f"SELECT id, {column} FROM customer WHERE id IN (SELECT value FROM json_each(?))", [wanted]))


def refresh(customers: Iterable[int]) -> None:
    """Bring both dates of these customers up to date. Inside ``writing``."""
    wanted = set(customers)
    refresh_last(wanted)
    refresh_next(wanted)


def refresh_last(customers: Iterable[int]) -> None:
    """Bring ``last_follow_up_at`` up to date, and tell whoever asks about follow-ups. Inside ``writing``."""
    wanted = sorted(set(customers))
    if wanted:
        _put("last_follow_up_at", wanted, latest(wanted))
        questions.changed("customer", wanted)


def refresh_next(customers: Iterable[int]) -> None:
    """Bring ``next_follow_up_on`` up to date. Inside ``writing``."""
    wanted = sorted(set(customers))
    if wanted:
        _put("next_follow_up_on", wanted, next_days(wanted))


def _put(column: str, ids: Sequence[int], found: Mapping[int, str]) -> None:
    held = _held(column, ids)
    derive.put(by_key("customer"), {i: {column: found.get(i)} for i in ids if i in held and held[i] != found.get(i)})

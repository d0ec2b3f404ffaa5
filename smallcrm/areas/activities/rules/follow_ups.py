"""What counts as a follow-up, since when a customer has had none, and when the next one is due.

Records of other types may be followed up too, by what is done *about* them (``also``): the same rules hold for each.

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
from dataclasses import dataclass
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
_FOLLOWS = ("kind", "customer", "about", "about_type", "done_at", "due_at", "owner", "deleted_at")


@dataclass(frozen=True)
class Followed:
    """A type whose records are followed up, and the column by which an activity names one of them."""

    key: str
    column: str
    only: str = "1"  # the further condition on the activity

    @property
    def among(self) -> str:
        """The living activities of some of them."""
        return f"{self.column} IN (SELECT value FROM json_each(?)) AND {self.only} AND deleted_at IS NULL"

    @property
    def dates(self) -> tuple[str, str, str]:
        """Where bare dates are kept: the table, its column, the further condition."""
        if self.key == "customer":
            return "follow_up_date", "customer", "1"
        return "follow_up_day", "record", f"record_type = '{self.key}'"

    def named_by(self, values: Mapping[str, Any] | None) -> int | None:
        """The record that an activity with these values belongs to."""
        if not values or not values.get(self.column):
            return None
        about = self.column != "about" or values.get("about_type") == self.key
        return int(values[self.column]) if about else None

    def of(self, drafts: Iterable[Draft]) -> set[int]:
        """The records that these activities belong to, before and after."""
        found = {self.named_by(values) for draft in drafts for values in (draft.before, draft.after)}
        return {each for each in found if each}


CUSTOMER = Followed("customer", "customer")
_followed: dict[str, Followed] = {"customer": CUSTOMER}


def also(key: str) -> Followed:
    """Records of type ``key`` are followed up by what is done about them. They have ``last_follow_up_at``, ``next_follow_up_on``."""
    kind = _followed.setdefault(key, Followed(key, "about", f"about_type = '{key}'"))
    questions.answers(questions.FOLLOWED_UP, key)(lambda ids: counting(ids, kind))
    from smallcrm.areas.activities.rules import hand_written

    hand_written.watch(kind)
    return kind


def followed() -> tuple[Followed, ...]:
    """Every type that is followed up."""
    return tuple(_followed.values())


def is_followed(key: str) -> bool:
    """Whether records of the type are followed up, and so have a log line; a contact through its customer."""
    return key in _followed or key == "contact"


# ---------------------------------------------------------------- the last one


def done_for(ids: Sequence[int], kind: Followed = CUSTOMER) -> Iterable[tuple[int, int | None, str, str, str]]:
    """(record, owner, done at, entered at, last written at) of every follow-up of these records."""
    sql = (
        f"SELECT {kind.column}, owner, done_at, created_at, updated_at FROM activity WHERE {kind.among}"
        f" AND done_at IS NOT NULL AND kind IN ({_KINDS})"
    )
    return store.rows(sql, [store.json_list(ids)])


def latest(ids: Sequence[int], kind: Followed = CUSTOMER) -> dict[int, str]:
    """Record → its last follow-up."""
    sql = (
        f"SELECT {kind.column}, max(min(done_at, updated_at)) FROM activity WHERE {kind.among} AND done_at IS NOT NULL"
        f" AND kind IN ({_KINDS}) GROUP BY {kind.column}"
    )
    return dict(store.rows(sql, [store.json_list(ids)]))


def counting(ids: Sequence[int], kind: Followed = CUSTOMER) -> Mapping[int, str]:
    """Record → its last follow-up that was written down in time."""
    found: dict[int, str] = {}
    for record, owner, done, entered, written in done_for(ids, kind):
        at = min(done, written)
        if at > found.get(record, "") and (not _late(done, entered) or leads(owner)):
            found[record] = at
    return found


questions.answers(questions.FOLLOWED_UP, "customer")(counting)


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


def nearest_plans(ids: Iterable[int], kind: Followed = CUSTOMER) -> dict[int, str]:
    """Record → when its first open plan is due."""
    sql = (
        f"SELECT {kind.column}, min(due_at) FROM activity WHERE {kind.among} AND done_at IS NULL AND due_at IS NOT NULL"
        f" GROUP BY {kind.column}"
    )
    return dict(store.rows(sql, [store.json_list(ids)]))


def bare_dates(ids: Iterable[int], kind: Followed = CUSTOMER) -> dict[int, str]:
    """Record → the date written there by hand, unless something has been done since, on that day or later."""
    table, column, only = kind.dates
    sql = f"SELECT {column}, on_day, set_at FROM {table} WHERE {only} AND {column} IN (SELECT value FROM json_each(?))"
    held = {record: (day, at) for record, day, at in store.rows(sql, [store.json_list(ids)])}
    if not held:
        return {}
    starts = {record: clock.iso(clock.start_of(dt.date.fromisoformat(day))) for record, (day, _) in held.items()}
    sql = f"SELECT {kind.column}, done_at, created_at FROM activity WHERE {kind.among} AND done_at >= ? AND kind <> 'note'"
    over = {
        record
        for record, done, written in store.rows(sql, [store.json_list(held), min(starts.values())])
        if done >= starts[record] and max(done, written) >= held[record][1]
    }
    return {record: day for record, (day, _) in held.items() if record not in over}


def next_days(ids: Sequence[int], kind: Followed = CUSTOMER) -> dict[int, str]:
    """Record → the day of the next follow-up."""
    plans = nearest_plans(ids, kind)
    return {**bare_dates(ids, kind), **{each: day_of(due).isoformat() for each, due in plans.items()}}


# ---------------------------------------------------------------- keeping both


@derive.on("activity")
def activities_changed(drafts: list[Draft]) -> None:
    """One was planned, done, moved, deleted or brought back: what its customer says of it is looked up anew."""
    changed = [draft for draft in drafts if draft.touches(*_FOLLOWS) or _lay_ahead(draft)]
    done_or_was = [d for d in changed if is_follow_up(d.after) or is_follow_up(d.before)]
    planned = [d for d in changed if is_open(d.after) or is_open(d.before)]
    done = [d for d in changed if is_done(d.after) or is_done(d.before)]
    for kind in followed():
        if all(draft.before is None for draft in done_or_was):
            _advance(done_or_was, kind)
        else:
            refresh_last(kind.of(done_or_was), kind)
        refresh_next(kind.of(planned) | _with_bare(kind.of(done), kind), kind)


def _lay_ahead(draft: Draft) -> bool:
    """Whether it was done later than it was written, so that writing it again makes it count from later."""
    return (
        is_follow_up(draft.before) and draft.before is not None and draft.before["done_at"] > draft.before["updated_at"]
    )


def _advance(drafts: Sequence[Draft], kind: Followed) -> None:
    """New ones only: what was before need not be read again, the later moment stands."""
    found: dict[int, str] = {}
    for draft in drafts:
        record = kind.named_by(draft.after)
        if record:
            at = min(draft.after["done_at"], draft.after["updated_at"])
            found[record] = max(at, found.get(record, ""))
    if not found:
        return
    held = _held("last_follow_up_at", found, kind)
    later = {c: {"last_follow_up_at": at} for c, at in found.items() if c in held and at > (held[c] or "")}
    derive.put(by_key(kind.key), later)
    questions.changed(kind.key, found)


def _with_bare(ids: set[int], kind: Followed) -> set[int]:
    table, column, only = kind.dates
    sql = f"SELECT {column} FROM {table} WHERE {only} AND {column} IN (SELECT value FROM json_each(?))"
    return {row[0] for row in store.rows(sql, [store.json_list(ids)])} if ids else set()


def _held(column: str, ids: Iterable[int], kind: Followed) -> dict[int, Any]:
    wanted = store.json_list(ids)
    table = by_key(kind.key)._meta.table_name
    return dict(
        store.rows(f'SELECT id, {column} FROM "{table}" WHERE id IN (SELECT value FROM json_each(?))', [wanted])
    )


def refresh(records: Iterable[int], kind: Followed = CUSTOMER) -> None:
    """Bring both dates of these records up to date. Inside ``writing``."""
    wanted = set(records)
    refresh_last(wanted, kind)
    refresh_next(wanted, kind)


def refresh_last(records: Iterable[int], kind: Followed = CUSTOMER) -> None:
    """Bring ``last_follow_up_at`` up to date, and tell whoever asks about follow-ups. Inside ``writing``."""
    wanted = sorted(set(records))
    if wanted:
        _put("last_follow_up_at", wanted, latest(wanted, kind), kind)
        questions.changed(kind.key, wanted)


def refresh_next(records: Iterable[int], kind: Followed = CUSTOMER) -> None:
    """Bring ``next_follow_up_on`` up to date. Inside ``writing``."""
    wanted = sorted(set(records))
    if wanted:
        _put("next_follow_up_on", wanted, next_days(wanted, kind), kind)


def _put(column: str, ids: Sequence[int], found: Mapping[int, str], kind: Followed) -> None:
    held = _held(column, ids, kind)
    derive.put(by_key(kind.key), {i: {column: found.get(i)} for i in ids if i in held and held[i] != found.get(i)})

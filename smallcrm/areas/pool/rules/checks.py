"""Whether somebody may take a record out of a pool, and if not: why, and from which day on. Each check in its order.

1 still there · 2 belongs to the pool (assigning: runs it) · 3 records per person, of the receiver · 4 claims a day · 5 it came
in lately · 6 it was one's own lately · 7 locked, or with a deal. Admins are held to neither 4 nor 5 nor 6; assigning knows
only 1, 2, 3 and 7.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.pool.rules import pooled, pools
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.base import clock, formats
from smallcrm.base.errors import Forbidden, WrongState
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor, Scope, actor_of
from smallcrm.records import access, questions, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.record import RecordType

MOST = 1000  # records claimed or assigned at a time


@dataclass(frozen=True)
class Refusal:
    """Why not. ``free_on``: the day from which on it is possible; ``right``: it is a matter of rights, not of state."""

    code: str
    text: Label
    free_on: dt.date | None = None
    record: int = 0
    right: bool = False

    def data(self) -> dict[str, Any]:
        """For programs."""
        found: dict[str, Any] = {"code": self.code, "text": str(self.text), "id": self.record or None}
        return found | {"free_on": self.free_on.isoformat() if self.free_on else None}


class Refused(WrongState):
    """The record's state, or a limit, does not allow it; ``refusals`` says for which record why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(refusals[0].text, reasons=[each.data() for each in refusals])
        self.refusals = list(refusals)


def raise_first(refusals: Sequence[Refusal]) -> None:
    """Raise what the first refusal is: Forbidden for a matter of rights, else Refused with all of them."""
    if refusals and refusals[0].right:
        raise Forbidden(refusals[0].text, reasons=[each.data() for each in refusals])
    if refusals:
        raise Refused(refusals)


@dataclass(frozen=True)
class Standing:
    """Where somebody who is to receive records stands in a pool. ``most``/``daily``: 0 is without limit."""

    pool: Rules
    user: int
    admin: bool  # the one who acts runs the pool
    member: bool
    may_hold: bool  # the receiver's role looks after records of this type
    holds: int  # counted where there is a limit
    claimed: int

    @property
    def most(self) -> int:
        """How many records one may hold."""
        return self.pool.number("holding_limit")

    @property
    def daily(self) -> int:
        """How many one may claim today; admins as many as they like."""
        return 0 if self.admin else self.pool.number("daily_claim_limit")

    @property
    def left_today(self) -> int | None:
        """How many one may still claim today, by both limits; None for as many as one likes."""
        free = [self.most - self.holds] if self.most else []
        free += [self.daily - self.claimed] if self.daily else []
        return max(0, min(free)) if free else None


def standing(actor: Actor, pool: Rules, kind: RecordType, receiver: int | None = None) -> Standing:
    """The standing of ``receiver`` (the actor without one), for what the actor is about to do."""
    user = actor.id if receiver is None else receiver
    role = actor if user == actor.id else actor_of(user)
    return Standing(
        pool,
        user,
        admin=hands_out(actor, pool, kind),
        member=pools.is_member(actor.id, pool.id) and pool.values.get("mode") != "assign",
        may_hold=role is not None and role.scope(kind.card.key, "edit") is not Scope.NONE,
        holds=holds(user, pool, kind) if pool.number("holding_limit") else 0,
        claimed=claimed_today(user, pool.id),
    )


def hands_out(actor: Actor, pool: Rules, kind: RecordType) -> bool:
    """Whether the actor may assign from the pool: its admins, and whoever may hand over every record of the type."""
    return pools.administers(actor, pool.id) or actor.scope(kind.card.key, "assign") is Scope.ALL


def holds(user: int, pool: Rules, kind: RecordType) -> int:
    """How many records the user holds that count towards the pool's limit."""
    table, plain = kind._meta.table_name, f"owner = ? AND deleted_at IS NULL AND {pooled.held(kind)}"
    tags = {tag.casefold() for tag in pool.texts("holding_without_tags")}
    if not tags and not pool.on("holding_without_won"):
        return int(store.value(f'SELECT count(*) FROM "{table}" WHERE {plain}', [user]))
    held = dict(store.rows(f'SELECT id, tags FROM "{table}" WHERE {plain}', [user]))
    won = won_among(held, kind) if pool.on("holding_without_won") else frozenset()
    tagged = {i for i, text in held.items() if tags & {tag.casefold() for tag in json.loads(text or "[]")}}
    return len(set(held) - won - tagged)


def won_among(ids: Iterable[int], kind: RecordType) -> frozenset[int]:
    """Those of ``ids`` that have a deal."""
    wanted = list(ids)
    return frozenset(i for answer in questions.ask(questions.DEAL, kind.card.key, wanted) for i in answer)


def claimed_today(user: int, pool: int) -> int:
    """How many the user has claimed out of the pool on this business day, whatever became of them since."""
    today = clock.today()
    sql = (
        "SELECT count(*) FROM owner_history WHERE kind = 'claim' AND to_owner = ? AND from_pool = ?"
        " AND obtained_at >= ? AND obtained_at < ?"
    )
    borders = [clock.iso(clock.start_of(day)) for day in (today, today + dt.timedelta(days=1))]
    return int(store.value(sql, [user, pool, *borders]))


@dataclass(frozen=True)
class Lying:
    """What lies in a pool, as the checks look at it. ``lost``: record → when the one who claims lost it, within the rule."""

    held: Mapping[int, Mapping[str, Any]]
    lost: Mapping[int, str] = field(default_factory=dict)
    won: frozenset[int] = frozenset()


def lying(kind: RecordType, ids: Sequence[int], pool: Rules, user: int) -> Lying:
    """Load what the checks of these records need."""
    held = rows.load(kind, ids, "t.deleted_at IS NULL")
    won = won_among(held, kind) if pool.on("refuse_won") else frozenset()
    return Lying(held, lost_by(user, held, kind, pool), won)


def lost_by(user: int, held: Mapping[int, Mapping[str, Any]], kind: RecordType, pool: Rules) -> dict[int, str]:
    """Record → the moment at which the user last lost it, for those whose previous owner (by the rule) is the user."""
    if not pool.number("previous_owner_cooldown_days"):
        return {}
    every = pool.values.get("previous_owner_rule") == "all"
    mine = [i for i, values in held.items() if every or values.get("previous_owner") == user]
    sql = (
        "SELECT record, max(obtained_at) FROM owner_history WHERE record_type = ? AND from_owner = ?"
        " AND (to_owner IS NULL OR to_owner <> from_owner) AND record IN (SELECT value FROM json_each(?)) GROUP BY record"
    )
    found = dict(store.rows(sql, [kind.card.key, user, store.json_list(mine)])) if mine else {}
    for i in mine:  # lost before there was a history
        if not every and i not in found and held[i].get("entered_pool_at"):
            found[i] = held[i]["entered_pool_at"]
    return found


# ---------------------------------------------------------------- the checks


def of_claim(here: Standing, things: Lying, record: int, *, n: int = 1) -> Refusal | None:
    """Why this record cannot be claimed now, as one of ``n``; None where it can."""
    return (
        _gone(here, things, record)
        or _not_a_member(here, record)
        or _holds_too_many(here, record, n)
        or _claimed_too_many(here, record, n)
        or (None if here.admin else _came_lately(here, things, record) or _was_ones_own(here, things, record))
        or _not_to_be_taken(here, things, record)
    )


def of_assigning(here: Standing, things: Lying, record: int, *, n: int = 1) -> Refusal | None:
    """Why this record cannot be assigned to the receiver now, as one of ``n``."""
    return (
        _gone(here, things, record)
        or _not_an_admin(here, record)
        or _holds_too_many(here, record, n)
        or _not_to_be_taken(here, things, record)
    )


def _gone(here: Standing, things: Lying, record: int) -> Refusal | None:
    values = things.held.get(record)
    if values is None:
        return Refusal("gone", L("It is no longer there."), record=record)
    if values.get("pool") == here.pool.id:
        return None
    if values.get("owner"):
        return taken(record, values["owner"])
    if values.get("pool"):
        return Refusal("moved", L("It lies in another pool now."), record=record)
    return Refusal("not_in_pool", L("It lies in no pool."), record=record)


def taken(record: int, owner: int) -> Refusal:
    """Somebody has it."""
    name = access._open_names("user").get(owner, "–")
    return Refusal("taken", L("Taken by %(who)s.", who=name), record=record)


def _not_a_member(here: Standing, record: int) -> Refusal | None:
    if not here.may_hold:
        return Refusal("role", L("Your role looks after no records of this kind."), record=record, right=True)
    if here.member or here.admin:
        return None
    if pools.is_member(here.user, here.pool.id):
        text = L("What lies in “%(pool)s” is handed out by its admins.", pool=here.pool.name)
        return Refusal("assign_only", text, record=record, right=True)
    text = L("You do not belong to the pool “%(pool)s”.", pool=here.pool.name)
    return Refusal("not_member", text, record=record, right=True)


def _not_an_admin(here: Standing, record: int) -> Refusal | None:
    if not here.admin:
        text = L("Only the admins of “%(pool)s” hand out what lies in it.", pool=here.pool.name)
        return Refusal("not_admin", text, record=record, right=True)
    if not here.may_hold:
        return Refusal("receiver", L("Their role looks after no records of this kind."), record=record)
    return None


def _holds_too_many(here: Standing, record: int, n: int) -> Refusal | None:
    if not here.most or here.holds + n <= here.most:
        return None
    name = access._open_names("user").get(here.user, "–")
    text = L(
        "%(who)s holds %(holds)s of at most %(most)s.", who=name, holds=formats.number(here.holds),
        most=formats.number(here.most),
    )  # fmt: skip
    return Refusal("holding_limit", text, record=record)


def _claimed_too_many(here: Standing, record: int, n: int) -> Refusal | None:
    if not here.daily or here.claimed + n <= here.daily:
        return None
    tomorrow = clock.today() + dt.timedelta(days=1)
    text = L(
        "You have claimed %(claimed)s of %(daily)s today.", claimed=formats.number(here.claimed),
        daily=formats.number(here.daily),
    )  # fmt: skip
    return Refusal("daily_limit", text, tomorrow, record)


def _came_lately(here: Standing, things: Lying, record: int) -> Refusal | None:
    free = _free(things.held[record].get("entered_pool_at"), here.pool.number("new_record_cooldown_days"))
    if free is None:
        return None
    return Refusal("new_record", L("It came in lately; free from %(day)s.", day=formats.date(free)), free, record)


def _was_ones_own(here: Standing, things: Lying, record: int) -> Refusal | None:
    free = _free(things.lost.get(record), here.pool.number("previous_owner_cooldown_days"))
    if free is None:
        return None
    return Refusal("previous_owner", L("It was yours; free from %(day)s.", day=formats.date(free)), free, record)


def _free(moment: str | None, days: int) -> dt.date | None:
    """The day from which on a wait of so many days after ``moment`` is over; None when it is, or there is none."""
    if not moment or not days:
        return None
    free = clock.day_of(clock.moment(moment)) + dt.timedelta(days=days)
    return free if free > clock.today() else None


def _not_to_be_taken(here: Standing, things: Lying, record: int) -> Refusal | None:
    values = things.held[record]
    if is_locked(values):
        until = values.get("locked_until")
        text = L("Locked until %(day)s.", day=formats.date(until)) if until else L("Locked.")
        day = dt.date.fromisoformat(until) + dt.timedelta(days=1) if until else None
        return Refusal("locked", text, day, record)
    if record in things.won:
        return Refusal("won", L("It has a deal."), record=record)
    return None


def is_locked(values: Mapping[str, Any]) -> bool:
    """Whether a lock holds today."""
    until = values.get("locked_until")
    return bool(values.get("locked")) and (not until or until >= clock.today().isoformat())


def need_outside(draft: Draft, owner: int, *, already: int = 0) -> None:
    """Raise Refused unless a record may leave its pool for ``owner`` by a form, a file or an undo; within the write."""
    pool = pools.get(draft.was("pool"))
    if pool is None or draft.actor.id == 0:
        return
    here = standing(draft.actor, pool, draft.kind, owner)
    things = Lying(
        {draft.id: draft.before or {}}, won=won_among([draft.id], draft.kind) if pool.on("refuse_won") else frozenset()
    )
    if draft.why == "undo":
        refusal = None if here.admin else _holds_too_many(here, draft.id, already + 1)
    else:
        refusal = of_assigning(here, things, draft.id, n=already + 1)
    if refusal is not None:
        raise Refused([refusal])

"""The nightly run: reminders first, then whatever stayed without follow-up, deal or opportunity too long falls into its pool.

It may be cut off anywhere and run again: what has fallen has no owner, and who was told today is not told twice. Every
chunk is looked at once more inside its own transaction, so that a call logged a second before still counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import pooled, pools, reminders, words
from smallcrm.areas.pool.rules.due import Due, Facts
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.areas.pool.rules.refresh import due_of, facts_of, refresh_owned
from smallcrm.base import clock
from smallcrm.base.i18n import ngettext, speaking
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import notices
from smallcrm.records import change, changesets, settings
from smallcrm.records.record import RecordType

CHUNK = 250
YOUNG = dt.timedelta(hours=24)  # nothing falls in so soon after it was made


@dataclass
class Result:
    """What a run did. ``kept``: why → how many that were due stay for now."""

    set: int = 0
    fallen: dict[int, int] = field(default_factory=dict)  # pool → how many
    by_owner: dict[int, int] = field(default_factory=dict)
    to_managers: dict[int, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    kind: RecordType = Customer  # what is being looked at

    def keep(self, why: str) -> None:
        """Count one that stays."""
        self.kept[why] = self.kept.get(why, 0) + 1


def due_now(now: dt.datetime) -> bool:
    """Whether a run would find anything: somebody to remind, something to fall in, a lock that ran out."""
    with clock.at(now):
        if any(reminders.within(reminders.longest(), kind=each.kind)[:1] for each in pooled.types()):
            return True
        return bool(_expired_locks(1))


def run() -> dict[str, Any]:
    """One run, at the moment that ``clock`` tells."""
    if not any(pools.enabled(each.kind.card.name) for each in pooled.types()):
        return {"reminded": 0, "recycled": 0}
    unlocked = unlock_expired()
    refreshed = refresh_owned()
    owners, named = reminders.send()
    result = fall()
    return {
        "reminded": named,
        "owners_reminded": owners,
        "recycled": sum(result.fallen.values()),
        "pools": {pools.every()[pool].name: n for pool, n in result.fallen.items()},
        "to_managers": sum(result.to_managers.values()),
        "kept": result.kept,
        "unlocked": unlocked,
        "recomputed": refreshed,
        "changeset": result.set or None,
    }


def fall() -> Result:
    """Let everything that is past its last day fall in, a chunk a transaction, all in one change-set."""
    result = Result()
    today = clock.today().isoformat()
    changesets.cut_off("recycle")  # our job's lock is held: whatever says it is under way was cut off
    with changesets.opened(SYSTEM, "recycle", lasting=True) as mine:
        for each in pooled.types():
            table = each.kind._meta.table_name
            sql = f'SELECT id FROM "{table}" WHERE recycle_on < ? AND owner IS NOT NULL AND deleted_at IS NULL ORDER BY owner, id'
            waiting = [i for (i,) in store.rows(sql, [today])]
            result.kind = each.kind
            for start in range(0, len(waiting), CHUNK):
                with store.writing():
                    _chunk(waiting[start : start + CHUNK], result)
        result.set = mine.id
    _tell(result)
    return result


def _chunk(ids: Sequence[int], result: Result) -> None:
    kind = result.kind
    told = _told(kind, ids)
    into: dict[int, tuple[Mapping[str, Any], Rules, Due, int]] = {}
    to_manager: dict[int, int] = {}
    for held, facts in facts_of(ids, kind=kind):
        found = due_of(held, facts, kind=kind)
        rules = pools.pool_for(held["owner"], kind.card.name)
        if rules is None or found.day is None or clock.today() <= found.day:
            continue  # somebody was quicker
        why = _kept(held, found, rules, told)
        manager = pools.manager_of(held["owner"]) if _goes_to_manager(found, rules) else None
        if why:
            result.keep(why)
        elif manager is not None:
            to_manager[held["id"]] = manager
        else:
            into[held["id"]] = (held, rules, found, days_of(found, facts))
    _give_to_managers(kind, to_manager, result)
    _let_fall(kind, into, result)


def _goes_to_manager(found: Due, rules: Rules) -> bool:
    return found.why == "owner" and rules.values.get("inactive_owner") == "manager"


def _kept(held: Mapping[str, Any], found: Due, rules: Rules, told: Mapping[int, tuple[int, str, str]]) -> str:
    if clock.moment(held["created_at"]) > clock.now() - YOUNG:
        return "new"
    if found.why == "owner" or not rules.number("remind_days_before"):
        return ""
    owner, due, day = told.get(held["id"], (0, "", ""))
    reminded = owner == held["owner"] and due == str(found.day) and day < clock.today().isoformat()
    return "" if reminded else "not reminded yet"


def _told(kind: RecordType, ids: Sequence[int]) -> dict[int, tuple[int, str, str]]:
    """Record → (owner, last day, day) of the reminder its owner had."""
    sql = (
        "SELECT record, owner, due, day FROM pool_reminder WHERE record_type = ?"
        " AND record IN (SELECT value FROM json_each(?))"
    )
    return {
        record: (owner, due, day) for record, owner, due, day in store.rows(sql, [kind.card.key, store.json_list(ids)])
    }


def days_of(found: Due, facts: Facts) -> int:
    """For how many days what the rule asks for has been missing."""
    since = facts.owned_on
    if found.why == "follow_up" and facts.followed_on:
        since = max(since, facts.followed_on)
    return (clock.today() - since).days


def _give_to_managers(kind: RecordType, to_manager: Mapping[int, int], result: Result) -> None:
    if to_manager:
        with doing(causes=dict.fromkeys(to_manager, ("owner", None))):
            outcome = change.update_many(
                SYSTEM, kind, [(i, {"owner": manager}) for i, manager in to_manager.items()], trusted=True
            )
        for draft in outcome.written:
            owner = int(draft.after["owner"])
            result.to_managers[owner] = result.to_managers.get(owner, 0) + 1


def _let_fall(kind: RecordType, into: Mapping[int, tuple[Mapping[str, Any], Rules, Due, int]], result: Result) -> None:
    if not into:
        return
    with speaking(str(settings.get("company.language"))):
        changes = [
            (i, {"owner": None, "pool": rules.id, "pool_reason": words.cause(found.why, days)})
            for i, (_, rules, found, days) in into.items()
        ]
    with doing(causes={i: (found.why, days) for i, (_, _, found, days) in into.items()}):
        outcome = change.update_many(SYSTEM, kind, changes, trusted=True)
    for draft in outcome.written:
        pool, owner = int(draft.after["pool"]), int(draft.was("owner"))
        result.fallen[pool] = result.fallen.get(pool, 0) + 1
        result.by_owner[owner] = result.by_owner.get(owner, 0) + 1
    store.run_many(
        "DELETE FROM pool_reminder WHERE record_type = ? AND record = ?",
        [(kind.card.key, d.id) for d in outcome.written],
    )
    for _ in outcome.errors:
        result.keep("refused")


def _tell(result: Result) -> None:
    """The owners learn in the page what they lost, the managers what they got."""
    today = clock.today().isoformat()
    for owner, n in result.by_owner.items():
        notices.notify(
            owner,
            "pool",
            title=lambda n=n: ngettext("%(n)s of yours fell into the pool", "%(n)s of yours fell into the pool", n),  # type: ignore[misc]
            link="/pool",
            channels=(),
            key=f"pool-fell/{today}",
        )
    for manager, n in result.to_managers.items():
        notices.notify(
            manager,
            "assigned",
            title=lambda n=n: ngettext(  # type: ignore[misc]
                "%(n)s record came to you: its owner was switched off",
                "%(n)s records came to you: their owner was switched off",
                n,
            ),
            link="/customers?view=mine",
            key=f"pool-manager-got/{today}",
        )


# ---------------------------------------------------------------- locks


def _expired_locks(limit: int) -> list[int]:
    sql = "SELECT id FROM customer WHERE locked = 1 AND locked_until < ? AND deleted_at IS NULL LIMIT ?"
    return [i for (i,) in store.rows(sql, [clock.today().isoformat(), limit])]


def unlock_expired() -> int:
    """Take off the locks that have run out; how many."""
    n = 0
    while ids := _expired_locks(CHUNK):
        with changesets.opened(SYSTEM, "job"):
            outcome = change.update_many(
                SYSTEM, Customer, [(i, {"locked": False, "locked_until": None}) for i in ids], trusted=True
            )
        n += len(outcome.written)
        if len(outcome.written) < len(ids):
            break
    return n

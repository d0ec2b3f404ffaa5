"""What a rule would do before it is saved: how many it would let fall tonight, whose, why, and how many more than today's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import pooled, pools
from smallcrm.areas.pool.rules.due import Due, by_rules
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.areas.pool.rules.recycle import days_of
from smallcrm.areas.pool.rules.refresh import due_of, facts_of, owned_ids
from smallcrm.base import clock
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import RecordType

RUNS_AT = dt.time(0, 30)


@dataclass(frozen=True)
class Falling:
    """One that would fall in. ``days``: for how long; ``new``: today's rule would keep it."""

    id: int
    owner: int
    grade: str | None
    why: str
    days: int
    new: bool


@dataclass
class Preview:
    """The whole of it. ``kept``: exemption → how many it holds back; ``saved``: those that only today's rule lets fall."""

    falling: list[Falling] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    saved: int = 0
    kind: RecordType = Customer

    @property
    def n(self) -> int:
        """How many would fall."""
        return len(self.falling)

    @property
    def more(self) -> int:
        """How many of them only because of the new rule."""
        return sum(each.new for each in self.falling)

    @property
    def held_back(self) -> int:
        """How many exemptions hold back."""
        return sum(self.kept.values())

    def by_owner(self) -> list[tuple[int, int]]:
        """(owner, how many), most first."""
        found: dict[int, int] = {}
        for each in self.falling:
            found[each.owner] = found.get(each.owner, 0) + 1
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def preview(values: Mapping[str, Any]) -> Preview:
    """What a pool with these columns (``id`` for one that exists) would do at the next run, whoever may see the records.

    Reminders are left out of account: where they are on, what was not announced yet falls a night later.
    """
    changed = pools.of_values(values)
    kind = pools.record_type(changed) or Customer
    before = pools.covering(kind.card.name)
    after = pools.covering_of(_order(changed))
    affected = {user for user in {*before, *after} if changed.id in (before.get(user), after.get(user))}
    run_day = next_run()
    found = Preview(kind=kind)
    last = 0
    while chunk := owned_ids(affected, after=last, kind=kind):
        last = chunk[-1]
        for held, facts in facts_of(chunk, affected, kind):
            if not pooled.fits(kind, held):
                continue
            owner = held["owner"]
            falls_now = _falls(due_of(held, facts, kind=kind), run_day)
            if after.get(owner) != changed.id:
                found.saved += falls_now
                continue
            fresh = due_of(held, facts, changed, kind)
            if _falls(fresh, run_day):
                days = days_of(fresh, facts)
                found.falling.append(Falling(held["id"], owner, held.get("grade"), fresh.why, days, not falls_now))
            else:
                found.saved += falls_now
                if _falls(by_rules(changed, facts), run_day):
                    why = fresh.kept or "safe"
                    found.kept[why] = found.kept.get(why, 0) + 1
    return found


def _order(changed: Rules) -> list[Rules]:
    """The pools that take the same in, in order, with the changed one in its place."""
    others = [pool for pool in pools.enabled(changed.kind) if pool.id != changed.id]
    mine = [changed] if changed.enabled else []
    return sorted([*others, *mine], key=lambda pool: (pool.place, pool.id or 2**62))


def next_run() -> dt.date:
    """The day of the next nightly run."""
    now = clock.now()
    today = clock.day_of(now)
    return today if now < clock.at_local(today, RUNS_AT) else today + dt.timedelta(days=1)


def _falls(due: Due, run_day: dt.date) -> bool:
    return due.day is not None and run_day > due.day


def within_reach(actor: Actor, falling: list[Falling], kind: RecordType = Customer) -> list[Falling]:
    """Those that the actor may see, the longest neglected first."""
    seen = access.within(actor, kind, [each.id for each in falling])
    return sorted((each for each in falling if each.id in seen), key=lambda each: (-each.days, each.id))

"""Where the pool's page stands: which pool, which tab, which filter; and the addresses that lead from there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import pooled, pools, reminders
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import query
from smallcrm.records.query import Condition
from smallcrm.records.record import RecordType, declared

TABS = ("waiting", "soon", "locked", "moves")
SORTS = {
    "waiting": ("-entered_pool_at", "entered_pool_at", "grade", "name"),
    "soon": ("recycle_on", "grade", "name"),
    "locked": ("name", "grade"),
}
COLUMNS = {
    "waiting": ("name", "grade", "phone", "previous_owner", "pool_reason", "entered_pool_at"),
    "soon": ("name", "grade", "owner", "recycle_reason", "last_follow_up_at", "recycle_on"),
    "locked": ("name", "grade", "owner", "last_follow_up_at", "locked_until"),
}
SOON = 7  # days that "about to fall in" looks ahead at the least


@dataclass(frozen=True)
class PoolState:
    """The state of the page, read from its address."""

    actor: Actor
    pool: Rules
    tab: str = "waiting"
    q: str = ""
    previous: int | None = None
    grade: str = ""
    sort: str = ""
    rules: bool = False

    @property
    def kind(self) -> RecordType:
        """The type whose records lie here."""
        return pools.record_type(self.pool) or Customer

    @property
    def tabs(self) -> tuple[str, ...]:
        """The parts of the page: what cannot be locked has none for that."""
        return tuple(tab for tab in TABS if tab != "locked" or "locked" in declared(self.kind))

    def url(self, **changes: Any) -> str:
        """The address of this page with some of its state changed."""
        cursor = changes.pop("cursor", None)
        here = replace(self, **changes)
        args = {"pool": here.pool.id, "tab": here.tab if here.tab != "waiting" else "", "q": here.q}
        args |= {"previous": here.previous, "grade": here.grade, "rules": 1 if here.rules else ""}
        args |= {"sort": here.sort if here.sort != SORTS.get(here.tab, ("",))[0] else "", "cursor": cursor}
        return f"/pool?{urlencode({name: value for name, value in args.items() if value})}"

    def ask(self, *, tab: str = "", cursor: str | None = None, limit: int = 50) -> query.Ask:
        """What a tab's list reads."""
        tab = tab or self.tab
        wanted = self.sort if self.sort in SORTS[tab] else SORTS[tab][0]
        return query.Ask(
            self.actor, self.kind, COLUMNS[tab], {"all": self._filter()} if tab == self.tab else None,
            self.q if tab == self.tab else "", wanted, limit, cursor, extra=self._lying(tab),
        )  # fmt: skip

    def _filter(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if self.previous:
            name = "previous_owner" if self.tab == "waiting" else "owner"
            found.append({"field": name, "op": "eq", "value": self.previous})
        if self.grade:
            found.append({"field": "grade", "op": "eq", "value": self.grade})
        return found

    def _lying(self, tab: str) -> tuple[Condition, ...]:
        if tab == "waiting":
            return (Condition("t.pool = ?", (self.pool.id,)),)
        owners = store.json_list(user for user, pool in pools.covering(self.pool.kind).items() if pool == self.pool.id)
        if tab == "soon":
            last = (clock.today() + dt.timedelta(days=max(SOON, self.pool.number("remind_days_before")))).isoformat()
            return (
                Condition("t.recycle_on <= ?", (last,), "recycle_on", "lte"),
                Condition("t.owner IN (SELECT value FROM json_each(?))", (owners,)),
            )
        return (
            Condition(
                "t.locked = 1 AND (t.pool = ? OR t.owner IN (SELECT value FROM json_each(?)))", (self.pool.id, owners)
            ),
        )


def offered(actor: Actor) -> list[Rules]:
    """The pools whose page the actor may open, in order: those that one runs or belongs to."""
    kinds = {j.kind.card.name for j in pooled.types() if actor.scope(j.key, "view") is not Scope.NONE}
    mine = [pool for pool in pools.every().values() if pool.kind in kinds]
    mine.sort(key=lambda pool: pool.kind != Customer.card.name)  # each in its order, customers first
    return [pool for pool in mine if pools.administers(actor, pool.id) or pools.is_member(actor.id, pool.id)]


def read(actor: Actor) -> PoolState | None:
    """The state that this request's address asks for; None while there is no pool. Raises NotFound."""
    every = offered(actor)
    wanted = request.values.get("pool", type=int)
    found = next((pool for pool in every if wanted in (None, pool.id)), None)
    if found is None:
        if wanted is not None:
            raise NotFound(L("There is no such pool, or you do not belong to it."))
        return None
    tab = request.values.get("tab", "")
    here = PoolState(
        actor,
        found,
        "waiting",
        request.values.get("q", "").strip()[:200],
        request.values.get("previous", type=int),
        request.values.get("grade", "")[:20],
        request.values.get("sort", ""),
        request.values.get("rules") == "1" and pools.administers(actor, found.id),
    )
    here = replace(here, tab=tab if tab in here.tabs else "waiting")
    known = {option.key for option in declared(here.kind)["grade"].options}  # type: ignore[attr-defined]
    return here if here.grade in known else replace(here, grade="")


def days_ahead() -> int:
    """How far "about to fall in" looks ahead for somebody's own, in days."""
    return max(SOON, reminders.longest())

"""Leads lie in pools of their own and are followed up like customers; giving one back where there is no pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import follow_ups
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.pool.rules import checks, pooled, pools
from smallcrm.areas.pool.rules import claim as pool_claim
from smallcrm.areas.pool.rules import release as pool_release
from smallcrm.base.errors import Forbidden, Invalid, SmallcrmError, WrongState
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, bulk, change, changesets
from smallcrm.records.record import Record

FOLLOWED = follow_ups.also("lead")


def in_hand(values: Mapping[str, Any]) -> bool:
    """Whether somebody is to do something with it: only those fall into a pool, or lie in one."""
    return values.get("status") in ("unassigned", "todo", "following")


pooled.join("lead", fits=in_hand, else_why=L("It is closed."), held="status IN ('unassigned', 'todo', 'following')")


def release(actor: Actor, ids: Sequence[int], *, reason: str, pool: int | None = None) -> None:
    """Give leads back: into their pool, or to nobody while there is none. Raises Refused, Forbidden, Invalid, NotFound."""
    if pools.enabled("leads"):
        pool_release.release(actor, Lead, ids, reason=reason, pool=pool)
        return
    said = tidy(reason)[:200]
    if not said:
        raise Invalid({"reason": [str(L("Say why; whoever thinks of claiming it reads this."))]})
    with changesets.opened(actor, "release", said), store.writing():
        for number in dict.fromkeys(ids):
            record = access.find(actor, Lead, number)
            if actor.read_only or (record.owner != actor.id and not access.may(actor, record, "assign")):
                raise Forbidden(access.refusal(actor, "assign"))
            need_in_hand(record)
            if not record.owner:
                raise WrongState(L("Nobody has it."))
            change.update(actor, record, {"owner": None, "pool_reason": said}, trusted=True)


def need_in_hand(record: Record) -> None:
    """Raise WrongState for what is closed."""
    if not in_hand(record.__data__):
        raise WrongState(L("It is closed."))


def claim(actor: Actor, record: Record, *, pool: int | None = None) -> None:
    """Take a lead up: out of its pool by that pool's rules, else one that nobody has. Of two, one gets it.

    Raises Refused (naming who has it), Forbidden, WrongState.
    """
    if getattr(record, "pool", None) or not access.may(actor, record, "edit"):
        pool_claim.claim(actor, Lead, [int(record.id)], pool=pool)
        return
    with changesets.opened(actor, "claim"), store.writing():
        now = access.find(actor, Lead, int(record.id))
        if now.owner:
            checks.raise_first([checks.taken(int(now.id), int(now.owner))])
        need_in_hand(now)
        change.update(actor, now, {"owner": actor.id}, trusted=True)


def release_many(reason: str) -> bulk.Act:
    """Give many back, each by itself."""

    def act(actor: Actor, ids: Sequence[int], result: bulk.Result) -> None:
        for number in ids:
            try:
                release(actor, [number], reason=reason)
            except SmallcrmError as error:
                result.refuse(number, str(error))
            else:
                result.changed += 1

    return act


__all__ = ["FOLLOWED", "claim", "in_hand", "release", "release_many"]

"""What the pools let an actor see and change, told to the kernel."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.areas.pool.rules import pools
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, cache
from smallcrm.records.access import PoolRights


def rights_of(actor: Actor) -> PoolRights:
    """Members see what lies in their pools (unless it is only handed out), admins in clear; to all others it is masked."""
    if actor.id == SYSTEM.id:
        return PoolRights()
    return _rights(actor.id, actor.granted("pool", "edit") is Scope.ALL)


@cache.kept
def _rights(user: int, sets_up: bool) -> PoolRights:
    every = pools.every()
    run = tuple(i for i in every if sets_up or user in pools.admins(i))
    seen = tuple(
        i
        for i, pool in every.items()
        if i not in run and pool.values.get("mode") != "assign" and pools.is_member(user, i)
    )
    masked = {i: pool.texts("masked_fields") for i, pool in every.items() if pool.values.get("masked_fields")}
    return PoolRights(seen, run, masked)


access.set_pool_rights(rights_of)


@access.also("pool")
def own_pools(actor: Actor, verb: str) -> Sequence[int]:
    """A pool's admins may change it; what of it, ``pools.check_pools`` says."""
    return [i for i in pools.every() if actor.id in pools.admins(i)] if verb == "edit" else []

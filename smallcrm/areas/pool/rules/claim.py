"""Claiming 认领: taking records up out of a pool, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.pool.rules import checks, pools
from smallcrm.areas.pool.rules.checks import Lying, Refusal, Standing
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, rows
from smallcrm.records.record import Record, RecordType


def claim(actor: Actor, kind: RecordType, ids: Sequence[int], *, pool: int | None = None) -> list[Record]:
    """Take these records up. ``pool``: the one they are thought to lie in.

    Raises Refused naming each record that cannot be had and why (nothing is claimed then), Forbidden, NotFound.
    """
    wanted = need_ids(ids)
    if actor.read_only:
        raise Forbidden(access.refusal(actor, "edit"))
    with changesets.opened(actor, "claim"), store.writing():
        where = {i: pools.get(found) for i, found in _pools_of(actor, kind, wanted, pool).items()}
        refusals: list[Refusal] = []
        for rules in {rules.id: rules for rules in where.values() if rules is not None}.values():
            mine = [i for i in wanted if where[i] is rules]
            here, things = look(actor, kind, mine, rules)
            refusals += [no for i in mine if (no := checks.of_claim(here, things, i, n=len(mine)))]
        checks.raise_first(refusals)
        with doing():
            outcome = change.update_many(actor, kind, [(i, {"owner": actor.id}) for i in wanted], trusted=True)
        finish(outcome)
        return found_again(actor, kind, wanted)


def look(actor: Actor, kind: RecordType, ids: Sequence[int], pool: pools.Rules) -> tuple[Standing, Lying]:
    """What the checks of a claim need, for a whole list at once."""
    return checks.standing(actor, pool, kind), checks.lying(kind, ids, pool, actor.id)


def _pools_of(actor: Actor, kind: RecordType, ids: Sequence[int], named: int | None) -> dict[int, int]:
    """Record → its pool. Raises Refused for what has been taken meanwhile, NotFound for what the actor cannot know of."""
    held = rows.load(kind, ids, "t.deleted_at IS NULL")
    seen = access.within(actor, kind, ids)
    gone: list[Refusal] = []
    for i in ids:
        values = held.get(i)
        if values is not None and values.get("pool") and i in seen and named in (None, values["pool"]):
            continue
        if values is None or (i not in seen and not knew_of(actor, kind, i)):
            raise NotFound(L("There is nothing here, or you may not see it."))
        gone.append(checks.taken(i, values["owner"]) if values.get("owner") else _elsewhere(values.get("pool"), i))
    checks.raise_first(gone)
    return {i: int(held[i]["pool"]) for i in ids}


def _elsewhere(pool: int | None, record: int) -> Refusal:
    if pool:
        return Refusal("moved", L("It lies in another pool now."), record=record)
    return Refusal("not_in_pool", L("It lies in no pool."), record=record)


def knew_of(actor: Actor, kind: RecordType, record: int) -> bool:
    """Whether a record out of reach lay, until its last move, in a pool whose content the actor sees: no secret, then."""
    sql = "SELECT from_pool FROM owner_history WHERE record_type = ? AND record = ? ORDER BY id DESC LIMIT 1"
    pool = store.value(sql, [kind.card.key, record])
    rights = access.pool_rights(actor)
    return pool in (*rights.member, *rights.admin)


def find(actor: Actor, kind: RecordType, record: int) -> Record:
    """A record to claim: within reach; or one that somebody was quicker to claim, as Refused; else NotFound."""
    found = access.fetch(actor, kind, record)
    if found is None and knew_of(actor, kind, record):
        owner = store.value(
            f'SELECT owner FROM "{kind._meta.table_name}" WHERE id = ? AND deleted_at IS NULL', [record]
        )
        if owner:
            checks.raise_first([checks.taken(record, owner)])
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


# ---------------------------------------------------------------- shared by the verbs


def need_ids(ids: Sequence[int]) -> list[int]:
    """The ids without doubles. Raises Invalid for none or for too many."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise Invalid({"": [str(L("Nothing is selected."))]})
    if len(wanted) > checks.MOST:
        raise Invalid({"": [str(L("At most %(n)s at a time.", n=checks.MOST))]})
    return wanted


def finish(outcome: change.Outcome) -> None:
    """Raise where a rule of another area refused one of them: then none is changed."""
    if outcome.errors:
        raise WrongState(
            next(text for errors in outcome.errors.values() for found in errors.values() for text in found)
        )


def found_again(actor: Actor, kind: RecordType, ids: Sequence[int]) -> list[Record]:
    """The records as they stand now, as far as the actor still sees them."""
    return [record for i in ids if (record := access.fetch(actor, kind, i))]

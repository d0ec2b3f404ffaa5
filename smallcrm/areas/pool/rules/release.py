"""Returning 退回: giving a record up to the pool, with a reason that whoever thinks of claiming it can read."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.pool.rules import checks, pooled, pools
from smallcrm.areas.pool.rules.assign import need_pool
from smallcrm.areas.pool.rules.checks import Refusal
from smallcrm.areas.pool.rules.claim import finish, need_ids
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, rows, settings
from smallcrm.records.fields import Texts
from smallcrm.records.record import RecordType

settings.declare(
    "pool",
    {
        "pool.reasons": (
            Texts(L("Reasons for returning"), help=L("They are proposed; any other may be typed.")),
            None,
        )
    },
)


def reasons() -> list[str]:
    """The reasons that are proposed."""
    ready = (
        L("Cannot be reached"), L("No need at present"), L("Budget put off"), L("Bought elsewhere"), L("Wrong contact data"),
        L("Not our kind of customer"),
    )  # fmt: skip
    return list(settings.get("pool.reasons") or map(str, ready))


def release(actor: Actor, kind: RecordType, ids: Sequence[int], *, reason: str, pool: int | None = None) -> None:
    """Put records into the pool, all or none; without ``pool`` into the one that takes their owner's.

    Raises Refused (locked, lies in a pool already), Forbidden, Invalid without a reason, NotFound.
    """
    wanted = need_ids(ids)
    said = tidy(reason)[:200]
    if not said:
        raise Invalid({"reason": [str(L("Say why; whoever thinks of claiming it reads this."))]})
    with changesets.opened(actor, "release", said), store.writing():
        held = rows.load(kind, wanted, "t.deleted_at IS NULL")
        seen, allowed = access.within(actor, kind, wanted), access.within(actor, kind, wanted, "assign")
        refusals: list[Refusal] = []
        changes = []
        for i in wanted:
            if i not in seen:
                raise NotFound(L("There is nothing here, or you may not see it."))
            no = of_release(kind, held[i], i)
            if no is None and i not in allowed and held[i].get("owner") != actor.id:
                raise Forbidden(access.refusal(actor, "assign"))
            if no is None:
                target = target_of(kind, held[i].get("owner"), pool)
                changes.append((i, {"owner": None, "pool": target.id, "pool_reason": said}))
            else:
                refusals.append(no)
        if actor.read_only:
            raise Forbidden(access.refusal(actor, "assign"))
        checks.raise_first(refusals)
        with doing(said):
            finish(change.update_many(actor, kind, changes, trusted=True))


def of_release(kind: RecordType, values: dict[str, object], record: int) -> Refusal | None:
    """Why this record cannot be returned now."""
    if values.get("pool"):
        return Refusal("in_pool", L("It lies in a pool already."), record=record)
    if not pooled.fits(kind, values):
        return Refusal("no_customer", pooled.else_why(kind), record=record)
    if checks.is_locked(values):
        return Refusal("locked", L("It is locked. Unlock it first."), record=record)
    return None


def target_of(kind: RecordType, owner: int | None, named: int | None) -> pools.Rules:
    """The pool to return to: the one named, else the owner's, else the only one there is. Raises Invalid."""
    if named is not None:
        return need_pool(kind, named)
    own = pools.pool_for(owner, kind.card.name)
    if own is not None:
        return own
    open_ = pools.enabled(kind.card.name)
    if len(open_) == 1:
        return open_[0]
    if not open_:
        raise Invalid({"pool": [str(L("There is no pool yet."))]})
    raise Invalid({"pool": [str(L("Choose a pool that takes these records in."))]})

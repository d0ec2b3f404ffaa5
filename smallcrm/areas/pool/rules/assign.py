"""Assigning 分配: a pool's admin hands out what lies in it. Moving it to another pool."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.pool.rules import checks, pools
from smallcrm.areas.pool.rules.checks import Refusal
from smallcrm.areas.pool.rules.claim import find, finish, found_again, need_ids
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices
from smallcrm.records import change, changesets, rows
from smallcrm.records.record import Record, RecordType, title


def assign(actor: Actor, kind: RecordType, ids: Sequence[int], *, owner: int, reason: str = "") -> list[Record]:
    """Give records that lie in a pool to somebody, all of them or none. Raises Refused, Forbidden, Invalid, NotFound."""
    wanted = need_ids(ids)
    if not pools.is_active(owner):
        raise Invalid({"owner": [str(L("There is no such user, or it is switched off."))]})
    with changesets.opened(actor, "transfer", reason[:200]), store.writing():
        refusals: list[Refusal] = []
        for rules, mine in by_pool(actor, kind, wanted):
            here = checks.standing(actor, rules, kind, owner)
            things = checks.lying(kind, mine, rules, owner)
            refusals += [no for i in mine if (no := checks.of_assigning(here, things, i, n=len(wanted)))]
        checks.raise_first(refusals)
        with doing(reason):
            finish(change.update_many(actor, kind, [(i, {"owner": owner}) for i in wanted], trusted=True))
        if owner != actor.id:
            tell(actor, kind, wanted, owner)
        return found_again(actor, kind, wanted)


def by_pool(actor: Actor, kind: RecordType, ids: Sequence[int]) -> list[tuple[pools.Rules, list[int]]]:
    """The records by the pool they lie in. Raises Refused for those in none, NotFound for those out of reach."""
    found: dict[int, list[int]] = {}
    refusals: list[Refusal] = []
    held = rows.load(kind, ids)
    for i in ids:
        find(actor, kind, i)
        pool = held[i].get("pool")
        if pool:
            found.setdefault(pool, []).append(i)
        elif held[i].get("owner"):
            refusals.append(checks.taken(i, held[i]["owner"]))
        else:
            refusals.append(Refusal("not_in_pool", L("It lies in no pool."), record=i))
    checks.raise_first(refusals)
    return [(pools.every()[pool], mine) for pool, mine in found.items()]


def tell(actor: Actor, kind: RecordType, ids: Sequence[int], owner: int) -> None:
    """A notice to the receiver, one for all of them."""
    names = [title(record) for record in found_again(actor, kind, ids[:5])]
    more = len(ids) - len(names)
    notices.notify(
        owner,
        "assigned",
        title=lambda: ngettext(
            "%(who)s gave you %(n)s record", "%(who)s gave you %(n)s records", len(ids), who=actor.name
        ),
        body=lambda: "\n".join([*names, *([ngettext("and %(n)s more", "and %(n)s more", more)] if more else [])]),
        link=f"/{kind.card.name}/{ids[0]}" if len(ids) == 1 else f"/{kind.card.name}?view=mine",
    )


def move(actor: Actor, kind: RecordType, ids: Sequence[int], *, pool: int, reason: str = "") -> list[Record]:
    """Put what lies in one pool into another, all or none. Raises Refused, Forbidden, Invalid, NotFound."""
    wanted = need_ids(ids)
    target = need_pool(kind, pool)
    with changesets.opened(actor, "transfer", reason[:200]), store.writing():
        refusals: list[Refusal] = []
        for rules, mine in by_pool(actor, kind, wanted):
            if not checks.hands_out(actor, rules, kind):
                text = L("Only the admins of “%(pool)s” hand out what lies in it.", pool=rules.name)
                refusals += [Refusal("not_admin", text, record=i, right=True) for i in mine]
        checks.raise_first(refusals)
        with doing(reason):
            finish(change.update_many(actor, kind, [(i, {"pool": target.id}) for i in wanted], trusted=True))
        return found_again(actor, kind, wanted)


def need_pool(kind: RecordType, pool: int | None) -> pools.Rules:
    """An enabled pool for records of this type. Raises Invalid."""
    found = pools.get(pool)
    if found is None or not found.enabled or found.kind != kind.card.name:
        raise Invalid({"pool": [str(L("Choose a pool that takes these records in."))]})
    return found

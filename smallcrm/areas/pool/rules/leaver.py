"""A leaver's records 离职交接: handed to a colleague, all or the chosen ones, or put into the pool. One change-set, undoable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import checks, pools, words
from smallcrm.areas.pool.rules.assign import need_pool
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.areas.pool.rules.pooled import is_customer
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L, ngettext, speaking
from smallcrm.identity.actor import Actor, Scope
from smallcrm.jobs import notices
from smallcrm.records import access, change, changesets, leaving, questions, rows, settings
from smallcrm.records.fields import Link
from smallcrm.records.record import RecordType, all_types, declared

CHUNK = 250

Step = Callable[[int, int], bool]  # (done, total) → whether to go on

leaving.goes_along("activity", "done_at IS NULL")


@dataclass(frozen=True)
class Holding:
    """What a leaver holds, within the actor's reach. ``others``: (type, how many) beside customers."""

    customers: tuple[int, ...]
    locked: int
    busy: int  # customers with open business
    no_customers: int  # suppliers and partners only: they never lie in a pool
    others: tuple[tuple[RecordType, int], ...]

    @property
    def n(self) -> int:
        """Everything together."""
        return len(self.customers) + sum(n for _, n in self.others)


@dataclass
class Handover:
    """What came of it."""

    set: int = 0
    handed: int = 0
    pooled: int = 0
    refused: dict[str, list[int]] = field(default_factory=dict)
    stopped: bool = False

    def refuse(self, record: int, why: str) -> None:
        """Count one that stayed."""
        self.refused.setdefault(why, []).append(record)


def may(actor: Actor, user: int) -> bool:
    """Whether the actor may hand over what another one owns: a leader of theirs, or whoever runs the users."""
    if actor.read_only or user == actor.id:
        return False
    return actor.may("people") or actor.scope("customer", "assign") > Scope.OWN


def holding(actor: Actor, user: int) -> Holding:
    """What the user owns, as a preview."""
    mine = _owned(actor, Customer, user)
    named = list(rows.load(Customer, mine, only=("id", "locked", "locked_until", "roles")).values())
    busy = {i for answer in questions.ask(questions.OPEN_BUSINESS, "customer", mine) for i in answer}
    others = [(kind, len(_owned(actor, kind, user))) for kind in _types() if kind is not Customer]
    return Holding(
        tuple(mine),
        sum(checks.is_locked(each) for each in named),
        len(busy),
        sum(not is_customer(each) for each in named),
        tuple((kind, n) for kind, n in others if n),
    )


def _types() -> list[RecordType]:
    return [kind for kind in all_types() if kind.card.reach != "open"]


def _owned(actor: Actor, kind: RecordType, user: int) -> list[int]:
    only = leaving.condition(kind.card.key)
    sql = f'SELECT id FROM "{kind._meta.table_name}" WHERE owner = ? AND deleted_at IS NULL AND {only} ORDER BY id'
    found = [i for (i,) in store.rows(sql, [user])]
    allowed = access.within(actor, kind, found, "assign")
    return [i for i in found if i in allowed]


def hand_over(
    actor: Actor,
    user: int,
    *,
    to: int | None = None,
    pool: int | None = None,
    customers: Sequence[int] | None = None,
    step: Step = lambda _done, _total: True,
) -> Handover:
    """Give what ``user`` holds to ``to``; with ``pool`` the customers go there and only the rest to ``to``, if anybody.

    ``customers``: only these, with what is open about them. Raises Forbidden, Invalid.
    """
    if not may(actor, user):
        raise Forbidden(access.refusal(actor, "assign"))
    if pool is None and to is None:
        raise Invalid({"to": [str(L("Choose who gets them, or a pool."))]})
    if to is not None and (not pools.is_active(to) or to == user):
        raise Invalid({"to": [str(L("Choose somebody else, who is active."))]})
    target = need_pool(Customer, pool) if pool is not None else None
    mine = _owned(actor, Customer, user)
    if customers is not None:
        chosen = set(customers)
        mine = [i for i in mine if i in chosen]
    work: list[tuple[RecordType, list[int]]] = []
    if to is not None:
        every = [(kind, _owned(actor, kind, user)) for kind in _types() if kind is not Customer]
        work += every if customers is None else [(kind, _about(kind, ids, mine)) for kind, ids in every]
    work.append((Customer, mine))  # last: they take their contacts along, which are to be counted
    result = Handover()
    with changesets.opened(actor, "transfer", _note(user), lasting=True) as mine_set:
        _go(actor, work, result, to, target, step)
        result.set = mine_set.id
    if to is not None and result.handed:
        _tell(actor, user, to, result.handed)
    return result


def _about(kind: RecordType, ids: Sequence[int], customers: Sequence[int]) -> list[int]:
    """Those of them that belong to one of these customers: its opportunities, its visits, what is planned with it."""
    link = declared(kind).get("customer")
    if not isinstance(link, Link) or link.to != Customer.card.key:
        return []
    sql = (
        f'SELECT id FROM "{kind._meta.table_name}" WHERE id IN (SELECT value FROM json_each(?))'
        f' AND "{link.column_name}" IN (SELECT value FROM json_each(?)) ORDER BY id'
    )
    return [number for (number,) in store.rows(sql, [store.json_list(ids), store.json_list(customers)])]


def _note(user: int) -> str:
    name = access._open_names("user").get(user, "–")
    return str(L("Handover of %(name)s", name=name))


def _go(
    actor: Actor,
    work: Sequence[tuple[RecordType, list[int]]],
    result: Handover,
    to: int | None,
    target: pools.Rules | None,
    step: Step,
) -> None:
    total = sum(len(ids) for _, ids in work)
    done = 0
    for kind, ids in work:
        for chunk in _chunks(ids):
            with store.writing():
                if kind is Customer and target is not None:
                    _into_pool(actor, chunk, target, to, result)
                else:
                    _to_user(actor, kind, chunk, to, result)
            done += len(chunk)
            if not step(done, total):
                result.stopped = True
                return


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def _to_user(actor: Actor, kind: RecordType, ids: Sequence[int], to: int | None, result: Handover) -> None:
    with doing(_current_note()):
        outcome = change.update_many(actor, kind, [(i, {"owner": to}) for i in ids], trusted=True)
    result.handed += len(outcome.written)
    _note_errors(outcome, ids, result)


def _into_pool(actor: Actor, ids: Sequence[int], target: pools.Rules, to: int | None, result: Handover) -> None:
    """Into the pool; a leaver's locks end. Who is no customer goes to ``to``, or stays."""
    held = rows.load(Customer, ids, "t.deleted_at IS NULL")
    fit = [i for i in ids if i in held and is_customer(held[i])]
    with speaking(str(settings.get("company.language"))):
        reason = words.cause("leaver", None)
    with doing(_current_note(), dict.fromkeys(fit, ("leaver", None))):
        values = {"owner": None, "pool": target.id, "pool_reason": reason}
        outcome = change.update_many(actor, Customer, [(i, values) for i in fit], trusted=True)
    result.pooled += len(outcome.written)
    _note_errors(outcome, fit, result)
    rest = [i for i in ids if i in held and i not in fit]
    if rest and to is not None:
        _to_user(actor, Customer, rest, to, result)
    for i in rest if to is None else ():
        result.refuse(i, str(L("Only who is a customer of yours lies in a pool.")))


def _current_note() -> str:
    mine = changesets.current()
    return mine.note if mine else ""


def _note_errors(outcome: change.Outcome, ids: Sequence[int], result: Handover) -> None:
    for position, errors in outcome.errors.items():
        result.refuse(ids[position], "; ".join(text for found in errors.values() for text in found))


def _tell(actor: Actor, user: int, to: int, n: int) -> None:
    name = access._open_names("user").get(user, "–")
    if to == actor.id:
        return
    notices.notify(
        to,
        "assigned",
        title=lambda: ngettext(
            "%(n)s record of %(name)s came to you", "%(n)s records of %(name)s came to you", n, name=name
        ),
        link="/customers?view=mine",
    )

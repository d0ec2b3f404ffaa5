"""What an actor may see and do: the only place that decides it.

``reach`` gives disjoint branches (all, own, team, pool, shared …) that ``query`` turns into a plan and every other
reader into a condition. A record is looked up through what the actor may see, so a forgotten check is a 404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import cache
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field, Reading
from smallcrm.records.reach import EVERYTHING, Reach, compose, of_ids, pool_column, shared_with
from smallcrm.records.record import Record, RecordType, Through, by_key, column_names, from_row, with_record


@dataclass(frozen=True)
class PoolRights:
    """Which pools an actor belongs to, which it runs, and which field groups each hides from its members."""

    member: tuple[int, ...] = ()
    admin: tuple[int, ...] = ()
    masked: Mapping[int, frozenset[str]] = field(default_factory=dict)


_pool_rights: Callable[[Actor], PoolRights] = lambda _actor: PoolRights()


def set_pool_rights(function: Callable[[Actor], PoolRights]) -> None:
    """``areas/pool`` says who belongs to which pool."""
    global _pool_rights
    _pool_rights = function


def pool_rights(actor: Actor) -> PoolRights:
    """The actor's pools."""
    return _pool_rights(actor)


Named = Callable[[Actor, str], Sequence[int]]
_named: dict[str, Named] = {}


def also(key: str) -> Callable[[Named], Named]:
    """An area says which single records of type ``key`` an actor's verb reaches beside role and ownership: ids.

    A pool's admin may change that pool. A token that only reads gets no more than it has.
    """

    def keep(function: Named) -> Named:
        _named[key] = function
        return function

    return keep


# ---------------------------------------------------------------- reach


def reach(actor: Actor, kind: RecordType, verb: str = "view") -> Reach:
    """How the actor's ``verb`` reaches over the type, as disjoint branches."""
    key = kind.card.key
    scope = actor.scope(key, verb)
    if scope is Scope.ALL or (kind.card.reach == "open" and scope is not Scope.NONE):
        return EVERYTHING
    named = tuple(_named[key](actor, verb)) if key in _named and _acts(actor, verb) else ()
    if scope is Scope.NONE:
        return of_ids(named)
    pools: tuple[int, ...] = ()
    if verb == "view" and (kind.card.pooled or issubclass(kind, Through)):
        rights = pool_rights(actor)
        pools = (*rights.member, *rights.admin)
    today = clock.today().isoformat() if verb in ("view", "edit") and shared_with(actor.id) else ""
    return compose(key, verb, actor.id, actor.teams_for(scope), pools, named, today)


def _acts(actor: Actor, verb: str) -> bool:
    return not actor.read_only or verb in ("view", "export")


def live(alias: str = "t", *, bin: bool = False) -> str:
    """The condition that leaves the bin out (or, with ``bin``, keeps it in)."""
    return "1" if bin else f"{alias}.deleted_at IS NULL"


# ---------------------------------------------------------------- one record


def find(actor: Actor, kind: RecordType, record_id: int, verb: str = "view", *, bin: bool = False) -> Record:
    """The record, within what the actor may see. Raises NotFound; Forbidden where it may be seen but not ``verb``-ed."""
    record = fetch(actor, kind, record_id, bin=bin)
    if record is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    if verb != "view":
        need(actor, record, verb)
    return record


def fetch(actor: Actor, kind: RecordType, record_id: int, *, bin: bool = False) -> Record | None:
    """The record within reach, or None."""
    where, params = reach(actor, kind).where()
    columns = ", ".join(f't."{name}"' for name in column_names(kind))
    row = store.row(
        f'SELECT {columns} FROM "{kind._meta.table_name}" t WHERE t.id = ? AND {live(bin=bin)} AND {where}',
        [record_id, *params],
    )
    return from_row(kind, row) if row else None


def fetch_many(actor: Actor, kind: RecordType, ids: Sequence[int]) -> list[Record]:
    """Those of the records that are within reach and live, in the order of ``ids``, by one query."""
    if not ids:
        return []
    where, params = reach(actor, kind).where()
    names = column_names(kind)
    columns = ", ".join(f't."{name}"' for name in names)
    sql = (
        f'SELECT {columns} FROM "{kind._meta.table_name}" t WHERE t.id IN (SELECT value FROM json_each(?))'
        f" AND {live()} AND {where}"
    )
    found = {row[names.index("id")]: row for row in store.rows(sql, [store.json_list(ids), *params])}
    return [from_row(kind, found[number]) for number in ids if number in found]


def may(actor: Actor, record: Record, verb: str) -> bool:
    """Whether the actor may do ``verb`` to this record."""
    kind = type(record)
    where, params = reach(actor, kind, verb).where()
    sql = f'SELECT 1 FROM "{kind._meta.table_name}" t WHERE t.id = ? AND {where}'
    # verbs often reach alike
    return with_record(record, (sql, *params), lambda: bool(store.row(sql, [record.id, *params])))


def need(actor: Actor, record: Record, verb: str) -> None:
    """Raise Forbidden unless the actor may do ``verb`` to this record."""
    if not may(actor, record, verb):
        raise Forbidden(refusal(actor, verb))


def refusal(actor: Actor, verb: str) -> Label:
    """Why not, in words."""
    if actor.read_only:
        return L("This token may only read.")
    return L("Your role “%(role)s” does not allow that here.", role=actor.role.name)


def within(actor: Actor, kind: RecordType, ids: Iterable[int], verb: str = "view", *, bin: bool = False) -> set[int]:
    """Those of ``ids`` that the actor's ``verb`` reaches."""
    where, params = reach(actor, kind, verb).where()
    sql = (
        f'SELECT t.id FROM "{kind._meta.table_name}" t WHERE t.id IN (SELECT value FROM json_each(?))'
        f" AND {live(bin=bin)} AND {where}"
    )
    return {row[0] for row in store.rows(sql, [store.json_list(ids), *params])}


def reasons(actor: Actor, record: Record) -> list[str]:
    """Why the actor sees this record, in words."""
    texts: dict[str, Label] = {
        "all": L("Your role “%(role)s” sees all of these.", role=actor.role.name),
        "own": L("It is yours."),
        "team": L("It belongs to a team of yours."),
        "through own": L("It belongs to a customer of yours."),
        "through team": L("It belongs to a customer of your team."),
        "about own": L("It hangs on something of yours."),
        "about team": L("It hangs on something of your team's."),
        "pool": L("It lies in a pool that you belong to."),
        "shared": L("It was shared with you."),
        "named": L("You look after it."),
    }
    kind = type(record)
    found = []
    for branch in reach(actor, kind).branches:
        sql = f'SELECT 1 FROM "{kind._meta.table_name}" t WHERE t.id = ? AND {branch.alone.format(t="t")}'
        if store.row(sql, [record.id, *branch.alone_params]):
            found.append(str(texts[branch.why]))
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- fields


def readable(actor: Actor, kind: RecordType) -> dict[str, Field]:
    """The fields the actor may read, by name."""
    return _readable(kind.card.key, _field_rights(actor))


def writable(actor: Actor, kind: RecordType) -> dict[str, Field]:
    """The fields the actor may write, by name."""
    return _writable(kind.card.key, _field_rights(actor))


FieldRights = tuple[tuple[tuple[str, str], str], ...]


def _field_rights(actor: Actor) -> FieldRights:
    return tuple(sorted(actor.role.fields.items())) if actor.role.fields else ()


@cache.kept
def _readable(key: str, rights: FieldRights) -> dict[str, Field]:
    kind = by_key(key)
    hidden = {name for (type_key, name), right in rights if type_key == key and right == "hidden"}
    return {n: f for n, f in fields_of(kind).items() if n not in hidden and not f.hidden_always}


@cache.kept
def _writable(key: str, rights: FieldRights) -> dict[str, Field]:
    held = dict(rights)
    return {
        name: each
        for name, each in _readable(key, rights).items()
        if not each.read_only and held.get((key, name), "write") == "write"
    }


def masked_pools(actor: Actor, kind: RecordType) -> dict[int, frozenset[str]]:
    """Pool → the field groups it hides from this actor, in records of this type."""
    if not (kind.card.pooled or issubclass(kind, Through)) or actor.granted(kind.card.key, "edit") is Scope.ALL:
        return {}
    rights = pool_rights(actor)
    return {pool: groups for pool, groups in rights.masked.items() if pool not in rights.admin and groups}


def pool_of(kind: RecordType, alias: str = "t", *, past: bool = False) -> str:
    """The SQL that says in which pool a record lies; today's pool also where the row is that of an earlier day."""
    column = pool_column(kind)
    if not past:
        return f"{alias}.{column}"
    return f'(SELECT today.{column} FROM "{kind._meta.table_name}" today WHERE today.id = {alias}.id)'


def masked_fields(actor: Actor, record: Record) -> frozenset[str]:
    """The names of the record's fields that are masked for this actor."""
    pools = masked_pools(actor, type(record))
    return (
        masked_in(type(record), pools.get(getattr(record, pool_column(type(record)), None) or 0))
        if pools
        else frozenset()
    )


def masked_in(kind: RecordType, groups: frozenset[str] | None) -> frozenset[str]:
    """The names of the fields that belong to the field groups."""
    if not groups:
        return frozenset()
    return frozenset(name for name, each in fields_of(kind).items() if each.masked and each.masked in groups)


def shown_of(actor: Actor, kind: RecordType, held: Mapping[str, Any]) -> dict[str, Field]:
    """The fields of a record, given by its values, that the actor may see in clear: neither hidden nor masked."""
    pools = masked_pools(actor, kind)
    masked = masked_in(kind, pools.get(held.get(pool_column(kind)) or 0)) if pools else frozenset()
    return {name: each for name, each in readable(actor, kind).items() if name not in masked}


# ---------------------------------------------------------------- names of linked records


def names(actor: Actor, key: str, ids: Iterable[int]) -> dict[int, str]:
    """What linked records of type ``key`` are called, those within reach only."""
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    kind = by_key(key)
    if kind.card.reach == "open" and kind.card.key in ("user", "team", "pool"):
        every = _open_names(key)
        return {each: every[each] for each in wanted if each in every}
    where, params = reach(actor, kind).where()
    sql = (
        f'SELECT t.id, t."{kind.card.title}" FROM "{kind._meta.table_name}" t'
        f" WHERE t.id IN (SELECT value FROM json_each(?)) AND {where}"
    )
    return {row[0]: row[1] or f"#{row[0]}" for row in store.rows(sql, [store.json_list(wanted), *params])}


@cache.kept
def _open_names(key: str) -> dict[int, str]:
    kind = by_key(key)
    return {i: n or f"#{i}" for i, n in store.rows(f'SELECT id, "{kind.card.title}" FROM "{kind._meta.table_name}"')}


def reading(actor: Actor, record: Record | None = None) -> Reading:
    """How to show fields to this actor; looks each linked name up once."""
    found: dict[tuple[str, int], str | None] = {}

    def name_of(key: str, record_id: int) -> str | None:
        if (key, record_id) not in found:
            found[key, record_id] = names(actor, key, [record_id]).get(record_id)
        return found[key, record_id]

    return Reading(actor, name_of, masked_fields(actor, record) if record is not None else frozenset())

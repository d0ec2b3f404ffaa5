"""What somebody has to do: overdue, today, on the next working day, some time; their own, or their teams'.

Each list is one walk along an index of what is open (or of what was done today), a page at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import follow_ups
from smallcrm.areas.activities.rules.states import day_of
from smallcrm.areas.activities.rules.working_days import next_working
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import clock
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, indexes, rows
from smallcrm.records.reach import pool_column
from smallcrm.records.record import RecordType, by_key

SHOWN = 40  # of a list
GLANCE = 3  # of what comes after today: the calendar has the rest
COUNTED = 1000
FEW = 200  # customers whose rows are sooner read than everybody's dates
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Party:
    """A customer or contact as far as the reader may see it."""

    id: int
    name: str
    phone: str = ""
    city: str = ""
    key: str = "customer"

    @property
    def url(self) -> str:
        """Its page."""
        return f"/{by_key(self.key).card.name}/{self.id}"


@dataclass(frozen=True)
class Item:
    """One thing to do, or done today. ``customer`` is None where there is none or it lies out of reach."""

    id: int
    kind: str
    subject: str
    due_at: str | None
    all_day: bool
    done_at: str | None
    minutes: int | None
    owner: int | None
    customer: Party | None = None
    contact: Party | None = None
    repeats: bool = False
    links: tuple[int | None, int | None] = (None, None)
    about: Party | None = None  # a record of another type that is followed up
    names: tuple[int | None, str | None] = (None, None)  # what ``about`` holds

    @property
    def parties(self) -> list[Party]:
        """Whom it concerns, as far as the reader may see them."""
        return [each for each in (self.customer, self.contact, self.about) if each]

    @property
    def party(self) -> str:
        """The same in words."""
        return ", ".join(each.name for each in self.parties)

    @property
    def url(self) -> str:
        """Where it is done: at its customer, its contact or what it is about, else at itself."""
        return next((each.url for each in self.parties), f"/activities/{self.id}")

    @property
    def day(self) -> dt.date | None:
        """The business day it is due on."""
        return day_of(self.due_at) if self.due_at else None


@dataclass(frozen=True)
class Bare:
    """A customer whose next follow-up is only a date."""

    customer: Party
    on: dt.date
    owner: int | None


@dataclass(frozen=True)
class Found:
    """The first of a list, and how many there are (up to ``COUNTED``)."""

    items: tuple[Item, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Whose:
    """Whose work is looked at: one's own, or that of teams (``teams`` None for everybody's)."""

    user: int | None = None
    teams: tuple[int, ...] | None = None

    def open(self) -> list[tuple[str, str, list[Any]]]:
        """(index, condition, values) of each walk over what is open."""
        if self.user is not None:
            return [("activity_open_owner", "t.owner = ?", [self.user])]
        if self.teams is None:
            return [("activity_open_due", "1", [])]
        return [("activity_open_team", "t.team = ?", [team]) for team in self.teams]

    def done(self) -> tuple[str, str, list[Any]]:
        """(index, condition, values) of the walk over what was done, in the order of time."""
        return ("activity_done_owner" if self.user is not None else "ix_activity_done_at", *self.where())

    def where(self) -> tuple[str, list[Any]]:
        """The condition alone."""
        if self.user is not None:
            return "t.owner = ?", [self.user]
        if self.teams is None:
            return "1", []
        return f"t.team IN ({', '.join('?' * len(self.teams))})", list(self.teams)


def whose(actor: Actor, *, team: bool) -> Whose:
    """The actor's own work, or what they see of their teams'."""
    if not team:
        return Whose(user=actor.id)
    scope = actor.scope("activity", "view")
    return Whose(teams=None if scope is Scope.ALL else actor.teams_for(scope))


def sees_a_team(actor: Actor) -> bool:
    """Whether others' work is the actor's to look at."""
    scope = actor.scope("activity", "view")
    return scope is Scope.ALL or bool(actor.teams_for(scope))


# ---------------------------------------------------------------- lists

COLUMNS = (
    "t.id, t.kind, t.subject, t.due_at, t.all_day, t.done_at, t.duration_minutes, t.owner, t.customer, t.contact,"
    " t.repeat IS NOT NULL, t.about, t.about_type"
)
_OPEN = "t.done_at IS NULL AND t.deleted_at IS NULL"


def overdue(who: Whose) -> Found:
    """Due before today, the oldest first."""
    return _open(who, "t.due_at < ?", [_start(clock.today())])


def overdue_ids(who: Whose, *, most: int = 5000) -> list[int]:
    """All of them, as ids, up to a number nobody reaches."""
    found: list[int] = []
    for index, mine, values in who.open():
        sql = f"SELECT t.id FROM activity t INDEXED BY {index} WHERE {mine} AND {_OPEN} AND t.due_at < ? LIMIT ?"
        found += [row[0] for row in store.rows(sql, [*values, _start(clock.today()), most])]
    return found[:most]


def due_today(who: Whose) -> Found:
    """Due today."""
    today = clock.today()
    return _open(who, "t.due_at >= ? AND t.due_at < ?", [_start(today), _start(today + ONE_DAY)])


def due_next(who: Whose) -> Found:
    """Due after today, up to and with the next working day: the first few."""
    today = clock.today()
    until = next_working(today) + ONE_DAY
    return _open(who, "t.due_at >= ? AND t.due_at < ?", [_start(today + ONE_DAY), _start(until)], most=GLANCE)


def some_time(who: Whose) -> Found:
    """Planned without a day."""
    return _open(who, "t.due_at IS NULL", [])


def _start(day: dt.date) -> str:
    return clock.iso(clock.start_of(day))


def _open(who: Whose, condition: str, params: Sequence[Any], *, most: int = SHOWN) -> Found:
    walks = who.open()
    parts = [
        f"SELECT * FROM (SELECT {COLUMNS} FROM activity t INDEXED BY {index} WHERE {mine} AND {_OPEN} AND {condition}"
        " ORDER BY t.due_at LIMIT ?)"
        for index, mine, _ in walks
    ]
    bound = [value for _, _, values in walks for value in (*values, *params, most)]
    if not parts:
        return Found()
    found = store.rows(f"{' UNION ALL '.join(parts)} ORDER BY 4, 1 LIMIT ?", [*bound, most])
    items = tuple(item_of(row) for row in found)
    count = len(items) if len(items) < most else count_open(who, condition, params)
    return Found(items, count)


def count_open(who: Whose, condition: str, params: Sequence[Any], *, cap: int = COUNTED) -> int:
    """How many open ones meet the condition, up to ``cap``."""
    total = 0
    for index, mine, values in who.open():
        sql = f"SELECT 1 FROM activity t INDEXED BY {index} WHERE {mine} AND {_OPEN} AND {condition} LIMIT ?"
        total += int(store.value(f"SELECT count(*) FROM ({sql})", [*values, *params, cap - total]))
        if total >= cap:
            break
    return total


def waiting(actor: Actor) -> int:
    """How much is overdue or due today, up to a hundred: the number in the rail."""
    return count_open(whose(actor, team=False), "t.due_at < ?", [_start(clock.today() + ONE_DAY)], cap=100)


def done_today(who: Whose) -> list[Item]:
    """What was planned and has been done today."""
    index, mine, params = who.done()
    sql = (
        f"SELECT {COLUMNS} FROM activity t INDEXED BY {index} WHERE {mine} AND t.done_at >= ? AND t.done_at < ?"
        " AND t.done_at IS NOT NULL AND t.deleted_at IS NULL AND t.due_at IS NOT NULL AND t.kind <> 'note'"
        " ORDER BY t.done_at LIMIT ?"
    )
    today = clock.today()
    return [item_of(row) for row in store.rows(sql, [*params, _start(today), _start(today + ONE_DAY), SHOWN])]


def one(actor: Actor, number: int) -> Item | None:
    """A single one by id, where the actor sees it."""
    where, params = access.reach(actor, by_key("activity")).where()
    found = store.row(
        f"SELECT {COLUMNS} FROM activity t WHERE t.id = ? AND t.deleted_at IS NULL AND {where}", [number, *params]
    )
    return named(actor, [item_of(found)])[0] if found else None


def item_of(row: Sequence[Any]) -> Item:
    """A row of ``COLUMNS``."""
    number, kind, subject, due_at, all_day, done_at, minutes, owner, customer, contact, repeats, about, about_type = row
    return Item(
        number, kind, subject or "", due_at, bool(all_day), done_at, minutes, owner, repeats=bool(repeats),
        links=(customer, contact), names=(about, about_type),
    )  # fmt: skip


# ---------------------------------------------------------------- names and numbers


def named(actor: Actor, items: Iterable[Item]) -> list[Item]:
    """The items with the customers and contacts that the actor may see, each type looked up once."""
    found = list(items)
    customers = parties(actor, Customer, {item.links[0] for item in found})
    contacts = parties(actor, Contact, {item.links[1] for item in found})
    others = _others(actor, found)
    return [
        replace(
            item,
            customer=customers.get(item.links[0] or 0),
            contact=contacts.get(item.links[1] or 0),
            about=None if item.links[0] else others.get(item.names),
        )
        if any(item.links) or item.names[0]
        else item
        for item in found
    ]


def _others(actor: Actor, items: Iterable[Item]) -> dict[tuple[int | None, str | None], Party]:
    """What items without a customer are about, where that is followed up: (id, type) → who it is."""
    by_type: dict[str, set[int | None]] = {}
    for item in items:
        number, key = item.names
        if number and key and key != "customer" and not item.links[0] and key in _others_types():
            by_type.setdefault(key, set()).add(number)
    return {(i, key): each for key, ids in by_type.items() for i, each in parties(actor, by_key(key), ids).items()}


def _others_types() -> frozenset[str]:
    return frozenset(kind.key for kind in follow_ups.followed())


def parties(actor: Actor, kind: RecordType, ids: Iterable[int | None]) -> dict[int, Party]:
    """Id → who it is, within reach; numbers that are hidden or masked stay out."""
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    where, params = access.reach(actor, kind).where()
    pool = pool_column(kind)
    known = kind._meta.columns
    columns = ("id", "name", *(name for name in ("mobile", "city", "phone") if name in known), pool)
    held = rows.load(kind, wanted, where, params, only=columns)
    readable, pools = access.readable(actor, kind), access.masked_pools(actor, kind)
    return {
        number: Party(
            number,
            str(values["name"] or f"#{number}"),
            _shown(values, ("mobile", "phone"), readable, access.masked_in(kind, pools.get(values[pool] or 0))),
            str(values.get("city") or "") if "city" in readable else "",
            kind.card.key,
        )
        for number, values in held.items()
    }


def _shown(values: Mapping[str, Any], names: Sequence[str], readable: Mapping[str, Any], masked: frozenset[str]) -> str:
    return next((str(values[n]) for n in names if values.get(n) and n in readable and n not in masked), "")


# ---------------------------------------------------------------- bare dates


def bare(actor: Actor, who: Whose, *, until: dt.date, since: dt.date = dt.date.min, most: int = SHOWN) -> list[Bare]:
    """Customers with nothing but a date for the next follow-up, up to a day; the latest dates where there are many."""
    if actor.scope("customer", "view") is Scope.NONE or FIELD not in access.readable(actor, Customer):
        return []
    mine, params = who.where()
    index = "ix_customer_next_follow_up_on"
    if who.user is not None and (few := _few_of(who.user)):
        index = few
    sql = (
        f"SELECT t.id, t.next_follow_up_on, t.owner FROM customer t INDEXED BY {index}"
        f" WHERE t.next_follow_up_on BETWEEN ? AND ? AND t.deleted_at IS NULL AND {mine}"
        " AND NOT EXISTS (SELECT 1 FROM activity a INDEXED BY activity_open_customer WHERE a.customer = t.id"
        " AND a.done_at IS NULL AND a.deleted_at IS NULL AND a.due_at IS NOT NULL)"
        " ORDER BY t.next_follow_up_on DESC LIMIT ?"
    )
    found = store.rows(sql, [since.isoformat(), until.isoformat(), *params, most])
    people = parties(actor, Customer, (row[0] for row in found))
    made = [Bare(people[i], dt.date.fromisoformat(day), owner) for i, day, owner in found if i in people]
    return sorted(made, key=lambda each: each.on)


def _few_of(user: int) -> str | None:
    """The index over owners where the user has few customers: along the dates one would pass by everybody else's."""
    index = indexes.scope_index(Customer, "owner")
    if index is None:
        return None
    sql = f"SELECT 1 FROM customer t INDEXED BY {index} WHERE t.owner = ? AND t.deleted_at IS NULL LIMIT {FEW}"
    return index if store.value(f"SELECT count(*) FROM ({sql})", [user]) < FEW else None


FIELD = "next_follow_up_on"

# What later areas have to say beside an item: (actor, customers) → customer → HTML. An open deal, an invoice overdue.
Beside = Callable[[Actor, Sequence[int]], Mapping[int, Any]]
beside: list[Beside] = []
# The same of the items themselves: (actor, activities) → activity → HTML. A visit's check-in.
beside_items: list[Beside] = []


def said_beside(actor: Actor, items: Iterable[Item]) -> dict[int, list[Any]]:
    """Customer → what later areas say of it."""
    customers = sorted({item.customer.id for item in items if item.customer})
    found: dict[int, list[Any]] = {}
    for say in beside if customers else ():
        for number, html in say(actor, customers).items():
            found.setdefault(number, []).append(html)
    return found


def said_of_items(actor: Actor, items: Iterable[Item]) -> dict[int, list[Any]]:
    """Activity → what later areas say of it."""
    wanted = [item.id for item in items]
    found: dict[int, list[Any]] = {}
    for say in beside_items if wanted else ():
        for number, html in say(actor, wanted).items():
            found.setdefault(number, []).append(html)
    return found

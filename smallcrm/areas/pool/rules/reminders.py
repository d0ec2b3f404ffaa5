"""Telling an owner before records fall into the pool: so many days before, on the day before the last, and on the last.

One digest per owner and day; on the last day the manager gets a copy. What an owner was told of stands in
``pool_reminder``: a follow-up, or a changed rule, moves the day and so makes that void.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.activities.rules import digest
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import pooled, pools
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices
from smallcrm.jobs.letter import Item, Section
from smallcrm.records.record import RecordType, by_key

MOST_NAMED = 30


@dataclass(frozen=True)
class Soon:
    """A record that is about to fall in. ``left``: days until its last one, 0 on it; ``stage``: how urgent the news is."""

    id: int
    name: str
    owner: int
    due: dt.date
    left: int
    stage: int
    key: str = "customer"

    @property
    def url(self) -> str:
        """Its page."""
        return url_of(self.key, self.id)


def url_of(key: str, number: int) -> str:
    """A record's page."""
    return f"/{by_key(key).card.name}/{number}"


def within(
    days: int, *, owners: Sequence[int] | None = None, kind: RecordType = Customer
) -> list[tuple[int, str, int, str]]:
    """(id, name, owner, last day) of records whose last day comes within so many days, the most urgent first."""
    last = (clock.today() + dt.timedelta(days=days)).isoformat()
    which, params = "owner IS NOT NULL", []
    if owners is not None:
        which, params = "owner IN (SELECT value FROM json_each(?))", [store.json_list(owners)]
    sql = (
        f'SELECT id, name, owner, recycle_on FROM "{kind._meta.table_name}" WHERE recycle_on <= ? AND deleted_at IS NULL AND {which}'
        " ORDER BY recycle_on, id"
    )
    return store.rows(sql, [last, *params])


def longest() -> int:
    """The earliest that any pool reminds, in days before."""
    return max(
        (pool.number("remind_days_before") for each in pooled.types() for pool in pools.enabled(each.kind.card.name)),
        default=0,
    )


@digest.add
def in_digest(who: Actor) -> Section | None:
    """What is about to fall in, in the morning's digest of its owner."""
    found = [(each.key, *row) for each in pooled.types() for row in within(longest(), owners=[who.id], kind=each.kind)][
        :MOST_NAMED
    ]
    items = (Item(name, url_of(key, number), formats.near_date(day)) for key, number, name, _owner, day in found)
    return Section(str(L("Back to the pool soon")), tuple(items)) if found else None


def to_tell() -> list[Soon]:
    """Everything whose owner is to hear of it today and has not yet."""
    return [soon for each in pooled.types() for soon in _to_tell(each.kind)]


def _to_tell(kind: RecordType) -> list[Soon]:
    today = clock.today()
    told = {
        record: (owner, due, stage)
        for record, owner, due, stage in store.rows(
            "SELECT record, owner, due, stage FROM pool_reminder WHERE record_type = ?", [kind.card.key]
        )
    }
    found = []
    for number, name, owner, day in within(longest(), kind=kind):
        pool = pools.pool_for(owner, kind.card.name)
        before = pool.number("remind_days_before") if pool is not None else 0
        due = dt.date.fromisoformat(day)
        left = (due - today).days
        if not before or left > before or not pools.is_active(owner):
            continue
        stage = before if left > 1 else max(left, 0)
        held = told.get(number)
        news = held is None or held[:2] != (owner, day)
        if news or (left >= 0 and held is not None and held[2] > stage):
            found.append(Soon(number, name, owner, due, max(left, 0), stage, kind.card.key))
    return found


def send() -> tuple[int, int]:
    """Send today's digests; (owners told, records named). Run twice on a day, nobody hears twice.

    Worded before anything is locked; a customer that was touched or changed hands meanwhile is looked at once more.
    """
    today = clock.today().isoformat()
    heard = {owner for (owner,) in store.rows("SELECT DISTINCT owner FROM pool_reminder WHERE day = ?", [today])}
    told: dict[int, int] = {}
    changed = True
    while changed:
        changed = False
        by_owner: dict[int, list[Soon]] = {}
        for each in to_tell():
            if each.owner not in heard and each.owner not in told:
                by_owner.setdefault(each.owner, []).append(each)
        for owner, mine in by_owner.items():
            prepared = tell(owner, mine, today)
            if _keep(owner, mine, today, prepared):
                told[owner] = len(mine)
            else:
                changed = True
    copy_to_managers(today)
    return len(told), sum(told.values())


def _keep(owner: int, mine: Sequence[Soon], today: str, prepared: notices.Prepared | None) -> bool:
    """Mark and tell, unless one of them is no longer as it was when this was worded."""
    with store.writing():
        if _now(owner, mine) != {(each.key, each.id, each.due.isoformat()) for each in mine}:
            return False
        store.run_many(
            "INSERT INTO pool_reminder (record_type, record, owner, due, stage, day) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (record_type, record) DO UPDATE SET owner = excluded.owner, due = excluded.due,"
            " stage = excluded.stage, day = excluded.day",
            [(each.key, each.id, owner, each.due.isoformat(), each.stage, today) for each in mine],
        )
        notices.put(prepared)
    return True


def _now(owner: int, mine: Iterable[Soon]) -> set[tuple[str, int, str]]:
    """What stands there now of what is to be told: (type, id, last day)."""
    by_type: dict[str, list[int]] = {}
    for each in mine:
        by_type.setdefault(each.key, []).append(each.id)
    found: set[tuple[str, int, str]] = set()
    for key, ids in by_type.items():
        sql = (
            f'SELECT id, recycle_on FROM "{by_key(key)._meta.table_name}"'
            " WHERE id IN (SELECT value FROM json_each(?)) AND owner = ? AND deleted_at IS NULL"
        )
        found |= {(key, i, day) for i, day in store.rows(sql, [store.json_list(ids), owner])}
    return found


def tell(owner: int, mine: Sequence[Soon], today: str) -> notices.Prepared | None:
    """The owner's digest, to be put."""
    return notices.prepare(
        owner,
        "pool",
        title=lambda: ngettext(
            "%(n)s of yours is about to fall into the pool", "%(n)s of yours are about to fall into the pool", len(mine)
        ),
        body=lambda: "\n".join([str(L("A follow-up keeps it with you.")), *_lines(mine)]),
        link="/pool?tab=soon",
        key=f"pool/{today}",
        sections=lambda: _sections(mine),
    )


def _lines(mine: Sequence[Soon]) -> list[str]:
    shown = [f"{each.name}: {left_words(each.left)}" for each in mine[:5]]
    more = len(mine) - len(shown)
    return [*shown, *([ngettext("and %(n)s more", "and %(n)s more", more)] if more else [])]


def left_words(left: int) -> str:
    """``3 days left``; on the last day: that it is the last."""
    if left <= 0:
        return str(L("today is the last day"))
    return ngettext("%(n)s day left", "%(n)s days left", left)


def _sections(mine: Sequence[Soon]) -> list[Section]:
    return [
        Section(
            heading,
            tuple(Item(each.name, each.url, formats.date(each.due)) for each in some[:MOST_NAMED]),
        )
        for heading, some in (
            (str(L("Today is the last day")), [each for each in mine if each.left == 0]),
            (str(L("Tomorrow is the last day")), [each for each in mine if each.left == 1]),
            (str(L("In the days after")), [each for each in mine if each.left > 1]),
        )
        if some
    ]


def copy_to_managers(today: str) -> None:
    """Who leads the owners of what falls in tonight hears of it too, in one digest."""
    by_manager: dict[int, list[tuple[str, str, int]]] = {}
    for each in pooled.types():
        rows = store.rows(
            f'SELECT c.id, c.name, r.owner FROM pool_reminder r JOIN "{each.kind._meta.table_name}" c ON c.id = r.record'
            " WHERE r.record_type = ? AND r.day = ? AND r.stage = 0 AND c.deleted_at IS NULL ORDER BY r.owner, c.name",
            [each.key, today],
        )
        for number, name, owner in rows:
            manager = pools.manager_of(owner)
            if manager is not None:
                by_manager.setdefault(manager, []).append((url_of(each.key, number), name, owner))
    for manager, items in by_manager.items():
        _tell_manager(manager, items, today)


def _tell_manager(manager: int, items: Sequence[tuple[str, str, int]], today: str) -> None:
    notices.notify(
        manager,
        "pool",
        title=lambda: ngettext(
            "%(n)s of your team's falls into the pool tonight",
            "%(n)s of your team's fall into the pool tonight",
            len(items),
        ),
        body=lambda: "\n".join(f"{name}: {_user(owner)}" for _, name, owner in items[:5]),
        link="/pool?tab=soon",
        key=f"pool-manager/{today}",
        sections=_by_owner(items),
    )


def _by_owner(items: Sequence[tuple[str, str, int]]) -> Callable[[], list[Section]]:
    def sections() -> list[Section]:
        owners = dict.fromkeys(owner for _, _, owner in items)
        return [
            Section(
                _user(owner),
                tuple(Item(name, url) for url, name, who in items if who == owner)[:MOST_NAMED],
            )
            for owner in owners
        ]

    return sections


def _user(owner: int) -> str:
    from smallcrm.records import access

    return access._open_names("user").get(owner, "–")

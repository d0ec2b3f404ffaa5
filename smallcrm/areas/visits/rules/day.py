"""A day outside: somebody's visits in the order in which they are made, and a team's days side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.visits.records import CANCELLED, ENDED, UNDER_WAY, Visit
from smallcrm.areas.visits.rules.distance import Point, along, nearest_first
from smallcrm.areas.visits.rules.participants import MOST, tokens_of
from smallcrm.areas.visits.rules.points import Place, places
from smallcrm.areas.visits.rules.states import is_any_time, is_overdue
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, derive
from smallcrm.records.record import Record, values

AT_MOST = 200  # visits of one person's day
TEAM_MOST = 2000  # of everybody's


@dataclass(frozen=True)
class Stop:
    """A visit of the day with where it is."""

    visit: Record
    place: Place | None
    any_time: bool
    overdue: bool
    leg: int | None = None  # metres from the stop before

    @property
    def point(self) -> Point | None:
        """Where it is, if that is known."""
        return self.place.point if self.place else None


@dataclass(frozen=True)
class Day:
    """Somebody's day."""

    user: int
    day: dt.date
    stops: tuple[Stop, ...]
    along: tuple[Stop, ...] = ()  # visits of colleagues that they come along to

    @property
    def distance(self) -> int:
        """Metres from stop to stop."""
        return along(stop.point for stop in self.stops)

    @property
    def without_point(self) -> int:
        """Stops whose place is not known."""
        return sum(1 for stop in self.stops if stop.visit.__data__["kind"] == "on_site" and stop.point is None)

    @property
    def ended(self) -> int:
        """How many are over."""
        return sum(1 for stop in self.stops if stop.visit.__data__["state"] == ENDED)


def of(actor: Actor, user: int, day: dt.date) -> Day:
    """Somebody's visits of a day within the actor's reach; what is still under way belongs to today."""
    start, end = _borders(day)
    condition, params = "t.owner = ? AND t.planned_at >= ? AND t.planned_at < ?", [user, start, end]
    if day == clock.today():
        condition = f"({condition} OR (t.owner = ? AND t.state = 'under_way'))"
        params = [*params, user]
    found = _visits(actor, f"{condition} AND t.state <> '{CANCELLED}'", params, AT_MOST)
    mine = _stops(actor, sorted(found, key=_order))
    other = _with(actor, start, end) if user == actor.id else []
    return Day(user, day, tuple(_with_legs(mine)), tuple(_stops(actor, other)))


def _borders(day: dt.date) -> tuple[str, str]:
    return clock.iso(clock.start_of(day)), clock.iso(clock.start_of(day + dt.timedelta(days=1)))


def _visits(actor: Actor, condition: str, params: Sequence[Any], most: int) -> list[Record]:
    where, reach = access.reach(actor, Visit).where()
    sql = f"SELECT t.id FROM visit t WHERE t.deleted_at IS NULL AND {condition} AND {where} ORDER BY t.planned_at, t.id LIMIT ?"
    ids = [row[0] for row in store.rows(sql, [*params, *reach, most])]
    return access.fetch_many(actor, Visit, ids)


def _with(actor: Actor, start: str, end: str) -> list[Record]:
    tokens = store.json_list(tokens_of(actor))
    sql = (
        "SELECT DISTINCT t.id FROM visit_participant p JOIN visit t ON t.id = p.visit WHERE p.token IN (SELECT value FROM json_each(?))"
        " AND t.planned_at >= ? AND t.planned_at < ? AND t.owner <> ? AND t.deleted_at IS NULL AND t.state <> ? LIMIT ?"
    )
    ids = [row[0] for row in store.rows(sql, [tokens, start, end, actor.id, CANCELLED, MOST])]
    return sorted(access.fetch_many(actor, Visit, ids), key=_order)


def _order(visit: Record) -> tuple[bool, int, bool, str, int]:
    held = values(visit)
    stop = held.get("stop")
    return (stop is None, stop or 0, is_any_time(held), held.get("planned_at") or "", int(visit.id))


def _stops(actor: Actor, visits: Iterable[Record]) -> list[Stop]:
    found = list(visits)
    known = places(actor, {visit.__data__["customer"] for visit in found})
    return [
        Stop(visit, known.get(visit.__data__["customer"]), is_any_time(values(visit)), is_overdue(values(visit)))
        for visit in found
    ]


def _with_legs(stops: list[Stop]) -> list[Stop]:
    made: list[Stop] = []
    last: Point | None = None
    for stop in stops:
        leg = along([last, stop.point]) if last is not None and stop.point is not None else None
        made.append(Stop(stop.visit, stop.place, stop.any_time, stop.overdue, leg))
        last = stop.point or last
    return made


# ---------------------------------------------------------------- the order


def arrange(actor: Actor, day: Day, ids: Sequence[int]) -> None:
    """Put one's own day into this order; those not named keep theirs, behind. Raises NotFound for visits of another day."""
    known = {int(stop.visit.id) for stop in day.stops}
    if day.user != actor.id or actor.read_only or not set(ids) <= known:
        raise NotFound(L("There is nothing here, or you may not see it."))
    order = [*dict.fromkeys(ids), *(int(s.visit.id) for s in day.stops if int(s.visit.id) not in set(ids))]
    with store.writing():
        derive.put(Visit, {number: {"stop": place} for place, number in enumerate(order, 1)})


def sort_by_distance(actor: Actor, day: Day, start: Point | None) -> None:
    """The nearest next, from ``start`` or from the first; what is over or under way stays in front as it was."""
    begun = [int(s.visit.id) for s in day.stops if s.visit.__data__["state"] in (ENDED, UNDER_WAY)]
    open_ = [int(s.visit.id) for s in day.stops if s.visit.__data__["state"] not in (ENDED, UNDER_WAY)]
    known = {int(s.visit.id): s.point for s in day.stops if s.point}
    arrange(actor, day, begun + nearest_first(open_, known, start))


def sort_by_time(actor: Actor, day: Day) -> None:
    """As planned again."""
    if day.user != actor.id or actor.read_only:
        raise NotFound(L("There is nothing here, or you may not see it."))
    with store.writing():
        derive.put(Visit, {int(stop.visit.id): {"stop": None} for stop in day.stops})


# ---------------------------------------------------------------- everybody's


def of_team(actor: Actor, day: dt.date) -> list[Day]:
    """The days of everybody whose visits the actor sees, by name; their own among them."""
    start, end = _borders(day)
    sql = f"t.planned_at >= ? AND t.planned_at < ? AND t.state <> '{CANCELLED}'"
    stops: dict[int, list[Stop]] = {}
    for stop in _stops(actor, sorted(_visits(actor, sql, [start, end], TEAM_MOST), key=_order)):
        stops.setdefault(stop.visit.owner or 0, []).append(stop)
    names = access.names(actor, "user", stops)
    found = [Day(user, day, tuple(_with_legs(mine))) for user, mine in stops.items()]
    return sorted(found, key=lambda each: names.get(each.user, ""))

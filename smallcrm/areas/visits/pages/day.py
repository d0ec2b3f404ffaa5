"""Somebody's day outside: the stops in their order, with what can be done at each and the ways to a map."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.records import KINDS, STATES, VERDICTS
from smallcrm.areas.visits.rules import checking, maps, positions
from smallcrm.areas.visits.rules import day as days
from smallcrm.areas.visits.rules.checking import far
from smallcrm.areas.visits.rules.day import Day, Stop
from smallcrm.areas.visits.rules.states import shown
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import by_key, title
from smallcrm.web.context import actor
from smallcrm.web.pages.record import to

_STATES = {option.key: option for option in STATES}
_VERDICTS = {option.key: option for option in VERDICTS}
_KINDS = dict(KINDS)


def wished_day() -> dt.date:
    """The day that the address names; today for none."""
    try:
        return dt.date.fromisoformat(request.values.get("date", ""))
    except ValueError:
        return clock.today()


def url_of(day: dt.date, user: int | None = None, page: str = "day") -> str:
    """The address of a day."""
    parts = ([f"date={day.isoformat()}"] if day != clock.today() else []) + ([f"user={user}"] if user else [])
    return f"/visits/{page}" + (f"?{'&'.join(parts)}" if parts else "")


def need_view(who: Actor) -> None:
    """Raise NotFound for whom visits are not."""
    if who.scope("visit", "view") is Scope.NONE:
        raise NotFound(L("There is nothing here, or you may not see it."))


def _user(who: Actor) -> int:
    user = ids.number(request.values.get("user", "")) or who.id
    if user != who.id and not access.names(who, "user", [user]):
        raise NotFound(L("There is nothing here, or you may not see it."))
    return user


@visits.get("/visits/day")
def day_page() -> str:
    """The day; one's own can be put in order."""
    who = actor()
    need_view(who)
    user, day = _user(who), wished_day()
    found = days.of(who, user, day)
    mine = user == who.id and not who.read_only
    return render_template(
        "visits/day.html",
        kind=by_key("visit"),
        day=day,
        title=formats.date_long(day),
        summary=summary(found),
        name="" if user == who.id else access.names(who, "user", [user]).get(user, ""),
        stops=[drawn(who, stop, n) for n, stop in enumerate(found.stops, 1)],
        along=[drawn(who, stop, 0) for stop in found.along],
        before=url_of(day - dt.timedelta(days=1), None if user == who.id else user),
        after=url_of(day + dt.timedelta(days=1), None if user == who.id else user),
        back_to_today=url_of(clock.today(), None if user == who.id else user) if day != clock.today() else "",
        mine=mine,
        may_plan=who.scope("visit", "create") is not Scope.NONE,
        is_today=day == clock.today(),
        team_url=url_of(day, page="team") if sees_others(who) else "",
        has_points=sum(1 for stop in found.stops if stop.point) > 1,
    )


def sees_others(who: Actor) -> bool:
    """Whether others' days are the actor's to look at."""
    scope = who.scope("visit", "view")
    return scope is Scope.ALL or bool(who.teams_for(scope))


def summary(found: Day) -> str:
    """The day in words: how many, how far."""
    n = len(found.stops)
    if not n:
        return str(L("No visits that day."))
    said = [ngettext("%(n)s visit", "%(n)s visits", n)]
    if found.ended:
        said.append(ngettext("%(n)s ended", "%(n)s ended", found.ended))
    if found.distance:
        said.append(str(L("%(far)s in straight lines", far=far(found.distance))))
    if found.without_point:
        said.append(ngettext("%(n)s without a point", "%(n)s without a point", found.without_point))
    return " · ".join(said)


def drawn(who: Actor, stop: Stop, n: int) -> dict[str, Any]:
    """What a stop's template reads."""
    held = shown(who, stop.visit)
    place = stop.place
    return {
        "n": n,
        "id": stop.visit.id,
        "purpose": held["purpose"] or title(stop.visit),
        "name": place.name if place else held["purpose"] or title(stop.visit),
        "url": f"/customers/{place.id}" if place else f"/visits/{stop.visit.id}",
        "phone": place.phone if place else "",
        "address": held.get("meeting_point") or (place.address if place else ""),
        "when": _when(held, stop),
        "kind": "" if held["kind"] == "on_site" else str(_KINDS[held["kind"]]),
        "state": _STATES[held["state"]],
        "overdue": stop.overdue,
        "verdict": _VERDICTS.get(held.get("in_verdict") or ""),
        "distance": far(held["in_distance"]) if held.get("in_distance") is not None else "",
        "times": _times(held),
        "leg": far(stop.leg) if stop.leg is not None else "",
        "maps": maps.links(place.name if place else "", *_where(held, stop)) if held["kind"] == "on_site" else [],
        "begin": checking.may_begin(who, stop.visit),
        "end": checking.may_end(who, stop.visit),
        "owner": access.names(who, "user", [stop.visit.owner or 0]).get(stop.visit.owner or 0, ""),
    }


def _where(held: dict[str, Any], stop: Stop) -> tuple[Any, str]:
    if held.get("meeting_point"):
        return None, str(held["meeting_point"])
    return stop.point, stop.place.address if stop.place else ""


def _when(held: dict[str, Any], stop: Stop) -> str:
    if not held.get("planned_at"):
        return ""
    return str(L("Any time")) if stop.any_time else formats.time(held["planned_at"])


def _times(held: dict[str, Any]) -> str:
    both = [formats.time(held[name]) for name in ("checked_in_at", "checked_out_at") if held.get(name)]
    stayed = formats.duration(held["minutes"]) if held.get("minutes") else ""
    return " · ".join(part for part in ("–".join(both), stayed) if part)


# ---------------------------------------------------------------- the order


def _mine() -> tuple[Actor, Day]:
    who = actor()
    need_view(who)
    return who, days.of(who, who.id, wished_day())


@visits.post("/visits/day/order")
def order() -> Response:
    """The order that was dragged, or one step up or down (``up`` and ``down`` name the visit)."""
    who, found = _mine()
    wanted = [int(stop.visit.id) for stop in found.stops]
    if chosen := ids.numbers(request.form.getlist("stop")):
        wanted = chosen
    for name, step in (("up", -1), ("down", 1)):
        number = ids.number(request.form.get(name, ""))
        if number in wanted:
            at = wanted.index(number)
            other = min(max(at + step, 0), len(wanted) - 1)
            wanted[at], wanted[other] = wanted[other], wanted[at]
    days.arrange(who, found, wanted)
    return to(url_of(found.day))


@visits.post("/visits/day/sort")
def sort() -> Response:
    """By straight-line distance from where one is (``latitude``, ``longitude``) or from the first, or by time."""
    who, found = _mine()
    if request.form.get("by") == "time":
        days.sort_by_time(who, found)
    else:
        here = positions.read(request.form.get("latitude"), request.form.get("longitude"))
        days.sort_by_distance(who, found, here.point if here else None)
    return to(url_of(found.day))

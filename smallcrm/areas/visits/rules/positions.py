"""Positions taken at a tap: who sees them, for how long they are kept, and that an undone check-in leaves none.

The visitor sees their own, and so does whoever may change the visit (the visitor's managers). Nobody else does, however far
their role reads; lists, exports and the API show what a check-in was worth and how far away it was, never where.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.visits.records import UNDER_WAY, Visit
from smallcrm.areas.visits.rules.distance import Point
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, derive, settings
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record

MICRO = 1_000_000
MOST_ACCURACY = 40_000_000  # metres: further apart are no two places


@dataclass(frozen=True)
class Reading:
    """What a browser says of where it is."""

    point: Point
    accuracy: int | None = None


@dataclass(frozen=True)
class Kept:
    """A position that was kept."""

    act: str
    at: str
    point: Point
    accuracy: int | None


def read(latitude: Any, longitude: Any, accuracy: Any = None) -> Reading | None:
    """A position as sent; None where none was. Raises Invalid for what is no place on earth."""
    if latitude in (None, "") and longitude in (None, ""):
        return None
    try:
        point = (float(latitude), float(longitude))
        near = None if accuracy in (None, "") else round(float(accuracy))
        if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180) or (near is not None and near < 0):
            raise ValueError(point)
    except (TypeError, ValueError, OverflowError):
        raise Invalid({"latitude": [str(L("This is no position."))]}) from None
    return Reading(point, min(near, MOST_ACCURACY) if near is not None else None)


def keep(visit: Record, act: str, user: int, reading: Reading) -> None:
    """Keep one for a visit. Inside ``writing``."""
    store.run(
        "INSERT OR REPLACE INTO visit_position (visit, act, user, at, latitude, longitude, accuracy)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [visit.id, act, user, clock.stamp(), *(round(each * MICRO) for each in reading.point), reading.accuracy],
    )


def of_visit(actor: Actor, visit: Record) -> list[Kept]:
    """The positions kept of a visit, for whoever may see them; for others none."""
    if not may_see(actor, visit):
        return []
    sql = "SELECT act, at, latitude, longitude, accuracy FROM visit_position WHERE visit = ? ORDER BY act"
    return [Kept(act, at, (lat / MICRO, lon / MICRO), near) for act, at, lat, lon, near in store.rows(sql, [visit.id])]


def may_see(actor: Actor, visit: Record) -> bool:
    """Whether the actor is the visitor, or may change the visit."""
    return bool(visit.owner == actor.id or access.may(actor, visit, "edit"))


@derive.on("visit")
def forget_undone(drafts: list[Draft]) -> None:
    """A check-in or check-out that is taken back takes its position along."""
    for draft in drafts:
        if draft.was("checked_in_at") and not draft.after.get("checked_in_at"):
            store.run("DELETE FROM visit_position WHERE visit = ?", [draft.id])
            derive.put(Visit, {draft.id: {"in_distance": None, "out_distance": None}})
        elif draft.was("checked_out_at") and draft.after.get("state") == UNDER_WAY:
            store.run("DELETE FROM visit_position WHERE visit = ? AND act = 'out'", [draft.id])
            derive.put(Visit, {draft.id: {"out_distance": None}})


# ---------------------------------------------------------------- for how long


def _border(now: dt.datetime) -> str | None:
    days = int(settings.get("visits.keep_positions_days") or 0)
    return clock.iso(now - dt.timedelta(days=days)) if days else None


def expired(now: dt.datetime) -> bool:
    """Whether the time of any is over."""
    border = _border(now)
    return border is not None and bool(store.row("SELECT 1 FROM visit_position WHERE at < ? LIMIT 1", [border]))


def forget_expired() -> dict[str, int]:
    """Delete those whose time is over, and the distances that follow from them; how many."""
    border, forgotten = _border(clock.now()), 0
    while border is not None:
        sql = "SELECT DISTINCT visit FROM visit_position WHERE at < ? LIMIT 500"
        visits = [row[0] for row in store.rows(sql, [border])]
        if not visits:
            break
        with store.writing():
            forgotten += _forget(visits)
    return {"positions": forgotten}


def _forget(visits: list[int]) -> int:
    sql = "DELETE FROM visit_position WHERE visit IN (SELECT value FROM json_each(?))"
    gone = store.run(sql, [store.json_list(visits)])
    derive.put(Visit, {each: {"in_distance": None, "out_distance": None} for each in visits})
    return gone


def forget_of(visits: list[int]) -> int:
    """Delete the positions of these visits: an erased customer's. Inside ``writing``."""
    return _forget(visits)

"""Check-in and check-out: where, when, and how near; at check-out the report, which becomes the follow-up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.visits import settings as ours
from smallcrm.areas.visits.records import OUT_OF_RANGE, PLANNED, UNDER_WAY, UNVERIFIABLE, Visit
from smallcrm.areas.visits.rules import points, positions
from smallcrm.areas.visits.rules.distance import metres, verdict
from smallcrm.areas.visits.rules.positions import Reading
from smallcrm.areas.visits.rules.states import MACHINE
from smallcrm.base import clock, formats
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, derive
from smallcrm.records.record import Record, values

LONGEST = 24 * 60  # minutes that a forgotten check-out counts at most


@dataclass(frozen=True)
class Evidence:
    """What speaks for having been there: a position; where there is none, a reason or photos."""

    position: Reading | None = None
    reason: str = ""
    photos: int = 0


class Far(Invalid):
    """The position is out of range: asked about once, then kept and labelled. ``metres``: how far."""

    def __init__(self, distance: int) -> None:
        super().__init__({"confirm": [str(L("You are %(far)s away from the customer's point. Check in all the same?", far=far(distance)))]})  # fmt: skip
        self.metres = distance


def far(distance: int) -> str:
    """A distance in words: 340 m, 1.2 km."""
    if distance < 1000:
        return f"{formats.number(distance)} m"
    return f"{formats.number(round(distance / 1000, 1), 1 if distance < 100_000 else 0)} km"


def _mine(actor: Actor, visit: Record) -> Record:
    """The visit as it stands now, for its visitor. Inside ``writing``. Raises Forbidden, NotFound."""
    record = access.find(actor, Visit, int(visit.id), "edit")
    if record.owner != actor.id:
        raise Forbidden(L("Only whose visit it is checks in and out."))
    return record


def check_in(
    actor: Actor, visit: Record, *, evidence: Evidence, confirmed: bool = False, sets_point: bool = False
) -> Record:
    """Arrive. Raises Far (out of range and not confirmed), Invalid without any evidence, WrongState, Forbidden."""
    with changesets.opened(actor, actor.via), store.writing():
        record = _mine(actor, visit)
        if record.__data__["state"] == UNDER_WAY:
            raise WrongState(
                L("Checked in already, at %(time)s.", time=formats.moment(record.__data__["checked_in_at"]))
            )
        target = MACHINE.target(actor, record, "check-in")
        given: dict[str, Any] = {"state": target, "checked_in_at": clock.stamp()}
        distance = None
        if record.__data__["kind"] == "on_site":
            distance, given["in_verdict"] = _judge(record, evidence, confirmed=confirmed)
            given["in_reason"] = evidence.reason[:500] or None
        kept = change.update(actor, record, given, trusted=True)
        _keep(actor, kept, "in", evidence, distance)
        if sets_point and evidence.position and points.may_set(actor, record.__data__["customer"]):
            points.set_point(actor, record.__data__["customer"], evidence.position.point)
    return access.find(actor, Visit, int(visit.id))


def _judge(record: Record, evidence: Evidence, *, confirmed: bool) -> tuple[int | None, str]:
    """(distance, verdict) of a check-in on site. Raises Far, Invalid."""
    if evidence.position is None:
        if not (evidence.reason.strip() or evidence.photos or photos_on(record)):
            raise Invalid({"reason": [str(L("Without a position, take a photo or say in a few words where you are."))]})
        return None, UNVERIFIABLE
    distance, found = _measured(record, evidence.position)
    if found == OUT_OF_RANGE and not confirmed:
        assert distance is not None
        raise Far(distance)
    return distance, found


def _measured(record: Record, position: Reading) -> tuple[int | None, str]:
    point = points.true_point(record.__data__["customer"])
    distance = metres(position.point, point) if point else None
    return distance, verdict(distance, position.accuracy, ours.reach_in_metres())


def _keep(actor: Actor, record: Record, act: str, evidence: Evidence, distance: int | None) -> None:
    if evidence.position is not None:
        positions.keep(record, act, actor.id, evidence.position)
    if distance is not None:
        derive.put(Visit, {int(record.id): {f"{act}_distance": distance}})


def start_unplanned(
    actor: Actor, *, customer: int, kind: str = "on_site", purpose: str = "", contact: int | None = None,
    evidence: Evidence, confirmed: bool = False, sets_point: bool = False,
) -> Record:  # fmt: skip
    """A visit that nobody planned: it begins under way. Raises what ``check_in`` raises."""
    given: dict[str, Any] = {"customer": customer, "kind": kind, "planned_at": clock.stamp()}
    given |= {name: value for name, value in {"purpose": purpose, "contact": contact}.items() if value}
    with changesets.opened(actor, actor.via), store.writing():
        made = change.create(actor, Visit, given)
        made = change.update(actor, made, {"unplanned": True, "owner": actor.id}, trusted=True)
        return check_in(actor, made, evidence=evidence, confirmed=confirmed, sets_point=sets_point)


def check_out(
    actor: Actor, visit: Record, *, report: str, outcome: str = "", evidence: Evidence = Evidence(),
    minutes: int | None = None, version: int | None = None,
) -> Record:  # fmt: skip
    """Leave, and say how it went: the visit has ended and its diary entry is the follow-up.

    Raises Invalid without a report, WrongState, Forbidden, Stale.
    """
    if not report.strip():
        raise Invalid({"report": [str(L("Say in a few words how it went: this is the follow-up that others read."))]})
    with changesets.opened(actor, actor.via), store.writing():
        record = _mine(actor, visit)
        target = MACHINE.target(actor, record, "check-out")
        given: dict[str, Any] = {
            "state": target, "checked_out_at": clock.stamp(), "report": report, "outcome": outcome or None,
            "minutes": minutes if minutes is not None else stayed(record),
        }  # fmt: skip
        distance = None
        if record.__data__["kind"] == "on_site" and evidence.position is not None:
            distance, given["out_verdict"] = _measured(record, evidence.position)
        elif record.__data__["kind"] == "on_site":
            given["out_verdict"] = UNVERIFIABLE
        kept = change.update(actor, record, given, version=version, trusted=True)
        _keep(actor, kept, "out", evidence, distance)
    return access.find(actor, Visit, int(visit.id))


def stayed(visit: Record) -> int:
    """Minutes since the check-in, at least one."""
    since = clock.moment(visit.__data__["checked_in_at"]) if visit.__data__["checked_in_at"] else clock.now()
    return min(max(1, (clock.now() - since) // dt.timedelta(minutes=1)), LONGEST)


def may_begin(actor: Actor, visit: Record) -> bool:
    """Whether check-in is the actor's to do now."""
    return _is_mine(actor, visit) and visit.__data__["state"] == PLANNED


def may_end(actor: Actor, visit: Record) -> bool:
    """Whether check-out is the actor's to do now."""
    return _is_mine(actor, visit) and visit.__data__["state"] == UNDER_WAY


def _is_mine(actor: Actor, visit: Record) -> bool:
    return bool(visit.owner == actor.id and not actor.read_only and not values(visit).get("deleted_at"))


def photos_on(visit: Record) -> int:
    """How many pictures hang on the visit already: a check-in by the API sends them before."""
    sql = (
        "SELECT count(*) FROM file WHERE about_type = 'visit' AND about = ? AND kind = 'picture' AND deleted_at IS NULL"
    )
    return int(store.value(sql, [visit.id]))

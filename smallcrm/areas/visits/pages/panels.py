"""Visits on other pages: on a customer's and a visit's own, under a timeline's entries, on today's rows and beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from smallcrm import store
from smallcrm.areas.activities.rules import agenda
from smallcrm.areas.visits.pages.day import drawn, sees_others, summary
from smallcrm.areas.visits.records import CANCELLED, KINDS, PLANNED, STATES, UNDER_WAY, VERDICTS, Visit
from smallcrm.areas.visits.rules import checking, maps, points, positions
from smallcrm.areas.visits.rules import day as days
from smallcrm.areas.visits.rules.checking import far
from smallcrm.areas.visits.rules.states import SKELETON, is_overdue, shown
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import Record, title
from smallcrm.web import entries
from smallcrm.web.templating import fragment

SHOWN = 5
_STATES = {option.key: option for option in STATES}
_VERDICTS = {option.key: option for option in VERDICTS}
_KINDS = dict(KINDS)


def of_customer(who: Actor, record: Record) -> Markup | str:
    """The customer's visits: what is planned, the last ones, and the two ways to make another."""
    if who.scope("visit", "view") is Scope.NONE:
        return ""
    where, params = access.reach(who, Visit).where()
    sql = (
        f"SELECT t.id FROM visit t WHERE t.customer = ? AND t.deleted_at IS NULL AND t.state <> '{CANCELLED}' AND {where}"
        " ORDER BY t.planned_at DESC, t.id DESC LIMIT ?"
    )
    ids = [row[0] for row in store.rows(sql, [record.id, *params, SHOWN + 1])]
    creates = who.scope("visit", "create") is not Scope.NONE and not record.deleted_at
    if not ids and not creates:
        return ""
    found = access.fetch_many(who, Visit, ids[:SHOWN])
    names = access.names(who, "user", {each.owner or 0 for each in found})
    return fragment(
        "visits/_of_customer.html",
        kind=Visit,
        customer=record.id,
        rows=[_row(who, each, names.get(each.owner or 0, "")) for each in found],
        more=len(ids) > SHOWN,
        creates=creates,
    )


def _row(who: Actor, visit: Record, owner: str) -> dict[str, Any]:
    held = shown(who, visit)
    verdict = _VERDICTS.get(held.get("in_verdict") or "")
    return {
        "id": visit.id, "purpose": held["purpose"] or title(visit), "owner": owner, "state": _STATES[held["state"]],
        "overdue": is_overdue(held), "verdict": verdict,
        "when": formats.near_date(clock.day_of(clock.moment(held["planned_at"]))) if held.get("planned_at") else "",
    }  # fmt: skip


def of_visit(who: Actor, record: Record) -> Markup | str:
    """On the visit's own page: its state in words, where it is, and where the check-ins were for whoever may see that."""
    held = shown(who, record)
    place = points.places(who, [record.__data__["customer"]]).get(record.__data__["customer"])
    address = held.get("meeting_point") or (place.address if place else "")
    point = place.point if place and not held.get("meeting_point") else None
    return fragment(
        "visits/_of_visit.html",
        record=record,
        state=_STATES[held["state"]],
        overdue=is_overdue(held),
        place=place,
        address=address,
        ways=maps.links(place.name if place else "", point, address) if held["kind"] == "on_site" else [],
        checks=_checks(who, record),
        begin=checking.may_begin(who, record),
        end=checking.may_end(who, record),
        entry=held.get("activity"),
    )


def _checks(who: Actor, record: Record) -> list[dict[str, Any]]:
    held = shown(who, record)
    kept = {each.act: each for each in positions.of_visit(who, record)}
    words = {"in": (L("Check-in"), "checked_in_at"), "out": (L("Check-out"), "checked_out_at")}
    found = []
    for act, (label, name) in words.items():
        if held.get(name):
            at = kept.get(act)
            distance = held.get(f"{act}_distance")
            found.append(
                {
                    "label": str(label), "when": formats.moment(held[name]),
                    "verdict": _VERDICTS.get(held.get(f"{act}_verdict") or ""),
                    "distance": far(distance) if distance is not None else "",
                    "accuracy": f"± {formats.number(at.accuracy)} m" if at and at.accuracy is not None else "",
                    "maps": maps.links("", at.point, "")[1:2] if at else [],
                    "reason": held.get("in_reason") if act == "in" else "",
                }
            )  # fmt: skip
    return found


# ---------------------------------------------------------------- in the timeline and on today's rows


def _of_entries(who: Actor, activities: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Activity → its visit, within reach."""
    if who.scope("visit", "view") is Scope.NONE:
        return {}
    where, params = access.reach(who, Visit).where()
    sql = (
        "SELECT t.activity, t.id, t.state, t.checked_in_at, t.checked_out_at, t.in_verdict, t.in_distance, t.owner FROM visit t"
        f" WHERE t.activity IN (SELECT value FROM json_each(?)) AND t.deleted_at IS NULL AND {where}"
    )
    names = ("id", "state", "checked_in_at", "checked_out_at", "in_verdict", "in_distance", "owner")
    found = store.rows(sql, [store.json_list(activities), *params])
    readable = access.readable(who, Visit)
    return {
        row[0]: {n: v if n in readable or n in SKELETON else None for n, v in zip(names, row[1:], strict=True)}
        for row in found
    }


@entries.beside("activity")
def under_entries(who: Actor, ids: Sequence[int]) -> Mapping[int, Markup]:
    """Under a visit's entry: when one was there and what the check-in was worth, leading to the visit."""
    return {activity: _beside(who, visit) for activity, visit in _of_entries(who, ids).items()}


def _beside(who: Actor, visit: Mapping[str, Any]) -> Markup:
    times = [formats.time(visit[name]) for name in ("checked_in_at", "checked_out_at") if visit[name]]
    return fragment(
        "visits/_beside.html",
        visit=visit,
        times="–".join(times),
        verdict=_VERDICTS.get(visit["in_verdict"] or ""),
        distance=far(visit["in_distance"]) if visit["in_distance"] is not None else "",
        act=_next_act(who, visit),
    )


def _next_act(who: Actor, visit: Mapping[str, Any]) -> str:
    if visit["owner"] != who.id or who.read_only:
        return ""
    return {PLANNED: "check-in", UNDER_WAY: "check-out"}.get(visit["state"], "")


def on_rows(who: Actor, ids: Sequence[int]) -> Mapping[int, Markup]:
    """On the today page: the way to check in or out."""
    found = {activity: (visit, _next_act(who, visit)) for activity, visit in _of_entries(who, ids).items()}
    return {
        activity: fragment("visits/_on_row.html", id=visit["id"], act=act)
        for activity, (visit, act) in found.items()
        if act
    }


agenda.beside_items.append(on_rows)


def today(who: Actor, team: bool) -> Markup | str:
    """Beside today's lists: the day outside in a line, and what is still under way. The visits themselves stand in the lists."""
    if who.scope("visit", "view") is Scope.NONE or team:
        return ""
    found = days.of(who, who.id, clock.today())
    if not found.stops and not found.along:
        return ""
    return fragment(
        "visits/_today.html",
        kind=Visit,
        summary=summary(found) if found.stops else "",
        under_way=[drawn(who, stop, 0) for stop in found.stops if stop.visit.__data__["state"] == UNDER_WAY],
        along=[drawn(who, stop, 0) for stop in found.along],
        others=sees_others(who),
    )

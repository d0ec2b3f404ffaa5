"""Visits of the last months with their check-ins: most at the customer, some too far away, some without a position."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from smallcrm import store
from smallcrm.areas.demo.chronicle import Chronicle
from smallcrm.areas.demo.days import Days
from smallcrm.areas.visits.records import IN_RANGE, OUT_OF_RANGE, UNVERIFIABLE, Visit
from smallcrm.areas.visits.rules.checking import Evidence, check_in
from smallcrm.areas.visits.rules.distance import metres
from smallcrm.areas.visits.rules.points import true_point
from smallcrm.areas.visits.rules.positions import MICRO, Reading
from smallcrm.base import clock
from smallcrm.identity.actor import actor_of
from smallcrm.records import access, derive

SINCE = 85  # days for which check-ins are kept
ODD = 0.12  # of the visits were nobody's plan


def began(at: dt.datetime, days: Days) -> bool:
    """Whether a visit of that moment was made with check-in and check-out; earlier ones are known as follow-ups alone."""
    return at > days.now - dt.timedelta(days=SINCE)


def write(chronicle: Chronicle, at: dt.datetime, who: int, activity: Mapping[str, Any], rng: random.Random) -> None:
    """A visit that has ended, instead of the activity that would stand for it: its diary entry is made from it."""
    minutes = activity["duration_minutes"]
    arrived = at - dt.timedelta(minutes=minutes)
    verdict = rng.choices((IN_RANGE, OUT_OF_RANGE, UNVERIFIABLE), (80, 8, 12))[0]
    planned = arrived - dt.timedelta(minutes=rng.choice((-10, -5, 0, 5, 10, 15)))
    values = {
        "customer": activity["customer"], "contact": activity["contact"], "owner": who, "kind": "on_site",
        "purpose": activity["subject"], "report": activity["body"], "outcome": activity.get("outcome"),
        "planned_at": clock.iso(planned), "planned_minutes": 60, "state": "ended",
        "unplanned": rng.random() < ODD or None, "checked_in_at": clock.iso(arrived), "checked_out_at": clock.iso(at),
        "in_verdict": verdict, "out_verdict": verdict, "minutes": minutes,
    }  # fmt: skip
    chronicle.made(at, who, Visit, values)


def tell(rng: random.Random, days: Days) -> None:
    """After everything else has been written: where the check-ins were; who is at a customer's just now."""
    sql = (
        "SELECT v.id, v.owner, v.in_verdict, v.checked_in_at, v.checked_out_at, c.latitude, c.longitude FROM visit v"
        " JOIN customer c ON c.id = v.customer WHERE v.state = 'ended' AND v.deleted_at IS NULL ORDER BY v.id"
    )
    distances: dict[int, dict[str, int]] = {}
    kept: list[tuple[Any, ...]] = []
    lost: list[tuple[Any, ...]] = []
    for visit, owner, verdict, came, left, lat, lon in store.rows(sql):
        if verdict == UNVERIFIABLE or lat is None:
            lost.append((UNVERIFIABLE, UNVERIFIABLE, visit))
            continue
        ends = []
        for act, at in (("in", came), ("out", left)):
            lat2, lon2 = _near(rng, lat, lon, far=verdict == OUT_OF_RANGE)
            kept.append((visit, act, owner, at, lat2, lon2, rng.choice((8, 12, 15, 25, 40))))
            ends.append(metres((lat / MICRO, lon / MICRO), (lat2 / MICRO, lon2 / MICRO)))
        distances[visit] = {"in_distance": ends[0], "out_distance": ends[1]}
    with store.writing():
        store.run_many("INSERT INTO visit_position VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
        derive.put(Visit, distances)
        derive.put(Visit, {visit: {"in_verdict": said, "out_verdict": also} for said, also, visit in lost})
    _now(days)


def _near(rng: random.Random, lat: int, lon: int, *, far: bool) -> tuple[int, int]:
    """Some dozen metres from the door, or a kilometre and more."""
    step = (12_000, 25_000) if far else (50, 900)
    return lat + rng.choice((-1, 1)) * rng.randint(*step), lon + rng.choice((-1, 1)) * rng.randint(*step)


def _now(days: Days) -> None:
    """Whoever had a visit planned for the last hour is there."""
    sql = (
        "SELECT id, owner, customer, planned_at FROM visit WHERE state = 'planned' AND kind = 'on_site' AND deleted_at IS NULL"
        " AND planned_at > ? AND planned_at <= ? ORDER BY id LIMIT 2"
    )
    since = clock.iso(days.now - dt.timedelta(minutes=75))
    for number, owner, customer, planned in store.rows(sql, [since, clock.iso(days.now)]):
        who, point = actor_of(owner), true_point(customer)
        if who is None:
            continue
        evidence = Evidence(Reading(point, 20) if point else None, "" if point else "–")
        with clock.at(clock.moment(planned)):
            check_in(who, access.find(who, Visit, number), evidence=evidence)

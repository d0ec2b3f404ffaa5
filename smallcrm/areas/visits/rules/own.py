"""Positions as data about the visitor: shown to them, given out, erased; gone as well with an erased customer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smallcrm import store
from smallcrm.areas.visits.rules import positions
from smallcrm.areas.visits.rules.positions import MICRO
from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, personal
from smallcrm.records.personal import Item, Provider, Subject

SHOWN = 50


def count(user: int) -> int:
    """How many are kept of somebody."""
    return int(store.value("SELECT count(*) FROM visit_position WHERE user = ?", [user]))


def exported(user: int) -> list[dict[str, Any]]:
    """All of somebody's, for programs."""
    sql = "SELECT visit, act, at, latitude, longitude, accuracy FROM visit_position WHERE user = ? ORDER BY at"
    return [
        {"visit": visit, "act": f"check-{act}", "at": at, "latitude": lat / MICRO, "longitude": lon / MICRO, "accuracy": near}
        for visit, act, at, lat, lon, near in store.rows(sql, [user])
    ]  # fmt: skip


def shown(user: int) -> list[tuple[int, str, str, str, str]]:
    """The newest of somebody's own: visit, when, what, where, how sure."""
    sql = "SELECT visit, act, at, latitude, longitude, accuracy FROM visit_position WHERE user = ? ORDER BY at DESC LIMIT ?"
    words = {"in": L("Check-in"), "out": L("Check-out")}
    return [
        (visit, formats.moment_full(at), str(words[act]), f"{lat / MICRO:.5f}, {lon / MICRO:.5f}", f"± {near} m" if near is not None else "")
        for visit, act, at, lat, lon, near in store.rows(sql, [user, SHOWN])
    ]  # fmt: skip


def erase(actor: Actor, user: int) -> int:
    """Delete all of somebody's, and the distances that follow from them; how many."""
    with store.writing():
        visits = [row[0] for row in store.rows("SELECT DISTINCT visit FROM visit_position WHERE user = ?", [user])]
        gone = positions.forget_of(visits)
        audit.log(actor, "positions erased", record_type="user", record=user, detail={"positions": gone})
    return gone


# ---------------------------------------------------------------- with an erased customer


def _visits_to(subject: Subject) -> list[int]:
    column = {"customer": "customer", "contact": "contact"}.get(subject.kind.card.key)
    if column is None:
        return []
    sql = f"SELECT v.id FROM visit v JOIN visit_position p ON p.visit = v.id WHERE v.{column} IN (SELECT value FROM json_each(?))"
    return sorted({row[0] for row in store.rows(sql, [store.json_list(subject.ids)])})


def _items(subject: Subject) -> Iterable[Item]:
    if n := len(_visits_to(subject)):
        yield Item("erased", L("Positions taken when they were visited"), n)


def _erase(subject: Subject) -> None:
    positions.forget_of(_visits_to(subject))


personal.add(Provider("visits", items=_items, erase=_erase))

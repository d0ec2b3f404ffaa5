"""What is wrong with an open opportunity, each with its reason: quiet, late, put off, stuck, without a next step, without products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.base.i18n import L, Label, ngettext
from smallcrm.records import cache

STUCK = 1.5  # times the median stay of won ones
FEWEST = 5  # won ones from which a median says something


@dataclass(frozen=True)
class Warning:
    """One thing that is wrong. ``key`` stays the same in every language."""

    key: str
    text: str
    short: Label
    tone: str = "warn"


def of(held: Mapping[str, Any], *, planned: str | None = None) -> list[Warning]:
    """What is wrong with these values, the worst first. ``planned``: when the next activity about it is due, if any."""
    if held.get("state") != "open":
        return []
    today = clock.today()
    found = [
        _late(held, today),
        _quiet(held, today),
        _stuck(held),
        _put_off(held),
        _stepless(held, planned, today),
        _bare(held),
    ]
    return [each for each in found if each]


def _late(held: Mapping[str, Any], today: dt.date) -> Warning | None:
    day = held.get("expected_close")
    if not day or day >= today.isoformat():
        return None
    n = (today - dt.date.fromisoformat(day)).days
    text = ngettext("Was to close %(n)s day ago.", "Was to close %(n)s days ago.", n)
    return Warning("late", text, L("Late", "opportunity"), "bad")


def quiet_since(held: Mapping[str, Any]) -> dt.date:
    """The day on which something last happened with it: a follow-up, a move, its making."""
    moments = [held.get(name) for name in ("last_follow_up_at", "stage_since", "created_at")]
    return max(clock.day_of(clock.moment(each)) for each in moments if each)


def _quiet(held: Mapping[str, Any], today: dt.date) -> Warning | None:
    way = stages.pipeline(held.get("pipeline"))
    n = (today - quiet_since(held)).days
    if n <= (way.quiet_days if way else 14):
        return None
    text = ngettext("Nobody has spoken about it for %(n)s day.", "Nobody has spoken about it for %(n)s days.", n)
    return Warning("quiet", text, L("Quiet", "opportunity"))


def days_in_stage(held: Mapping[str, Any]) -> int:
    """For how many days it has stood where it stands."""
    since = held.get("stage_since")
    return (clock.today() - clock.day_of(clock.moment(since))).days if since else 0


def _stuck(held: Mapping[str, Any]) -> Warning | None:
    here = stages.step(held.get("stage"))
    n = days_in_stage(held)
    if here is None:
        return None
    if here.longest_days and n > here.longest_days:
        text = ngettext(
            "In this stage for %(n)s day; at the longest %(most)s.",
            "In this stage for %(n)s days; at the longest %(most)s.",
            n,
            most=here.longest_days,
        )
        return Warning("stuck", text, L("Stuck", "opportunity"))
    usual = usual_stays().get(here.id)
    if usual is not None and n > max(usual * STUCK, 1):
        text = ngettext(
            "In this stage for %(n)s day; those that were won left after %(usual)s.",
            "In this stage for %(n)s days; those that were won left after %(usual)s.",
            n,
            usual=usual,
        )
        return Warning("stuck", text, L("Stuck", "opportunity"))
    return None


def _put_off(held: Mapping[str, Any]) -> Warning | None:
    n = held.get("pushed") or 0
    if n < 2:
        return None
    return Warning("put off", ngettext("Put off %(n)s time.", "Put off %(n)s times.", n), L("Put off", "opportunity"))


def _stepless(held: Mapping[str, Any], planned: str | None, today: dt.date) -> Warning | None:
    if planned or held.get("next_step"):
        on = held.get("next_follow_up_on")
        if not planned and on and on < today.isoformat():
            return Warning("step late", str(L("The next step was due on %(day)s.", day=on)), L("Step overdue"))
        return None
    return Warning("no step", str(L("No next step.")), L("No next step"))


def _bare(held: Mapping[str, Any]) -> Warning | None:
    here = stages.step(held.get("stage"))
    if not held.get("amount") or held.get("products") or here is None or here.chance < 50:
        return None
    return Warning("no products", str(L("An amount, but no products.")), L("No products"))


@cache.kept
def _stays(_day: str) -> dict[int, int]:
    """Stage → the median stay in days of opportunities that were won, where there are enough."""
    sql = (
        "SELECT h.stage, julianday((SELECT n.at FROM stage_history n WHERE n.entered = 1 AND n.opportunity = h.opportunity AND n.id > h.id"
        " ORDER BY n.id LIMIT 1)) - julianday(h.at) AS days FROM stage_history h JOIN opportunity o ON o.id = h.opportunity"
        " WHERE h.entered = 1 AND h.state = 'open' AND h.until IS NOT NULL AND o.state = 'won' AND o.deleted_at IS NULL AND days IS NOT NULL"
        " ORDER BY h.id DESC LIMIT 20000"
    )
    found: dict[int, list[float]] = {}
    for stage, days in store.rows(sql, []):
        found.setdefault(stage, []).append(days)
    return {stage: round(sorted(days)[len(days) // 2]) for stage, days in found.items() if len(days) >= FEWEST}


def usual_stays() -> dict[int, int]:
    """The same, worked out once a day."""
    return _stays(clock.today().isoformat())

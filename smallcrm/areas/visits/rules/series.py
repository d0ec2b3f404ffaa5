"""Recurring visits: one stands open at a time; when it ends, or is left out, the next is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.activities.rules import repeating
from smallcrm.areas.activities.rules.states import local_time
from smallcrm.areas.visits.records import CANCELLED, ENDED, Visit
from smallcrm.base import clock
from smallcrm.records import change, derive
from smallcrm.records.drafts import CREATE, Draft

NOT_NOW = ("undo", "merge", "restore")  # history is put right, nobody has just ended anything
CARRIED = (
    "customer", "contact", "meeting_point", "kind", "planned_minutes", "participants", "repeat", "repeat_every",
    "repeat_until", "repeat_skip", "repeats_on", "owner",
)  # fmt: skip
OVER = (ENDED, CANCELLED)


@derive.on("visit")
def make_the_next(drafts: list[Draft]) -> None:
    """The next one of every series of which one is over now."""
    made = []
    for draft in drafts:
        over = draft.after.get("state") in OVER and draft.before is not None and draft.was("state") not in OVER
        if over and draft.live_after and draft.why not in NOT_NOW and (columns := following(draft.after)):
            fresh, _ = change.draft_new(draft.actor, Visit, {}, trusted=True)
            fresh.act = CREATE
            fresh.after.update(columns)
            made.append(fresh)
    if made:
        change.commit(made)


def following(visit: Mapping[str, Any]) -> dict[str, Any] | None:
    """The columns of the next one in the series; None where it ends or is none."""
    if not visit.get("repeat") or not visit.get("planned_at"):
        return None
    over = clock.day_of(clock.moment(visit["checked_out_at"])) if visit.get("checked_out_at") else dt.date.min
    day = repeating.next_day({**visit, "due_at": visit["planned_at"]}, over)
    if day is None:
        return None
    names = {*CARRIED, *(name for name in visit if name.startswith("purpose"))}
    names |= {name for name in visit if name[:1] == "c" and name[1:2].isdigit()}
    found = {name: visit.get(name) for name in names}
    return {**found, "planned_at": clock.iso(clock.at_local(day, local_time(visit["planned_at"])))}

"""A visit and its diary entry, the activity that calendars, reminders, the today page and timelines show: two sides of one thing.

While it is planned the entry stands open and is due when the visit is; when the visit ends the entry is done and its report is
the follow-up. What is done to one side is done to the other, in the same transaction and change-set. A visit that somebody
plans as an activity (by the log line, in the calendar) becomes a visit too. What undo and merge write is left alone: they
write both sides themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.visits.records import CANCELLED, ENDED, PLANNED, UNDER_WAY, Visit
from smallcrm.areas.visits.rules.states import is_any_time
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import change, derive, rows
from smallcrm.records.clean import clean
from smallcrm.records.drafts import CREATE, DELETE, RESTORE, UPDATE, Draft
from smallcrm.records.record import RecordType

BY_HAND = ("undo", "merge")  # they bring both sides along
TOLD = "visits and diary"  # on drafts that one side made of the other
AS_ACTIVITY = {"on_site": "visit", "phone": "call", "wechat": "message", "other": "meeting"}
AS_VISIT = {"visit": "on_site", "call": "phone", "message": "wechat"}
_SAME = ("customer", "contact", "owner", "outcome")  # called alike on both sides


def _followed(drafts: Sequence[Draft]) -> list[Draft]:
    return [d for d in drafts if d.why not in BY_HAND and TOLD not in d.told]


# ---------------------------------------------------------------- from the visit to its entry


@derive.on("visit")
def visits_changed(drafts: list[Draft]) -> None:
    """Make, change, bin or bring back the entries of these visits."""
    followed = _followed(drafts)
    if not followed:
        return
    held = rows.load(Activity, [d.after["activity"] for d in followed if d.after.get("activity")])
    made: list[tuple[Draft, Draft]] = []
    changed: list[Draft] = []
    for draft in followed:
        entry = held.get(draft.after.get("activity") or 0)
        wanted = draft.live_after and draft.after.get("state") != CANCELLED
        if entry is None:
            if wanted:
                made.append((draft, _new(Activity, draft.actor, _as_entry(draft.after))))
        elif step := _step(Activity, draft.actor, entry, _as_entry(draft.after) if wanted else None):
            changed.append(step)
    if made or changed:
        change.commit([fresh for _, fresh in made] + changed)
    derive.put(Visit, {draft.id: {"activity": fresh.id} for draft, fresh in made})
    for draft, fresh in made:
        draft.after["activity"] = fresh.id


def _as_entry(visit: Mapping[str, Any]) -> dict[str, Any]:
    ended = visit.get("state") == ENDED
    return {
        **{name: visit.get(name) for name in _SAME},
        "kind": AS_ACTIVITY[visit.get("kind") or "on_site"],
        "subject": visit.get("purpose"),
        "body": visit.get("report"),
        "due_at": visit.get("planned_at"),
        "all_day": is_any_time(visit) if visit.get("planned_at") else None,
        "done_at": (visit.get("checked_out_at") or clock.stamp()) if ended else None,
        "duration_minutes": visit.get("minutes") if ended else visit.get("planned_minutes"),
    }


# ---------------------------------------------------------------- from the entry to its visit


@derive.on("activity")
def activities_changed(drafts: list[Draft]) -> None:
    """What was moved, done, reopened, deleted or brought back in the diary; a visit planned there gets its record."""
    followed = _followed(drafts)
    held = _visits_of(d.id for d in followed if d.before is not None)
    written: list[Draft] = []
    for draft in followed:
        visit = held.get(draft.id)
        if visit is not None:
            if visit.get("state") != CANCELLED and (step := _follow(draft, visit)):
                written.append(step)
        elif _is_plan(draft) and draft.why != "restore":
            fresh = _new(Visit, draft.actor, _as_visit(draft.after, {}))
            fresh.after["activity"] = draft.id
            written.append(fresh)
    if written:
        change.commit(written)


def _visits_of(activities: Iterable[int]) -> dict[int, dict[str, Any]]:
    wanted = store.json_list(activities)
    if wanted == "[]":
        return {}
    live, gone = rows.with_bin(
        "SELECT id FROM visit WHERE {here} AND activity IN (SELECT value FROM json_each(?))", [wanted]
    )
    return {each["activity"]: each for each in rows.load(Visit, [i for (i,) in (*live, *gone)]).values()}


def _is_plan(draft: Draft) -> bool:
    after = draft.after
    planned = after.get("kind") == "visit" and not after.get("done_at") and draft.live_after
    return bool(planned and after.get("customer") and after.get("due_at"))


def _follow(draft: Draft, visit: Mapping[str, Any]) -> Draft | None:
    if not draft.live_after:
        return _step(Visit, draft.actor, visit, None)
    return _step(Visit, draft.actor, visit, _as_visit(draft.after, visit))


def _as_visit(entry: Mapping[str, Any], visit: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        **{name: entry.get(name) for name in _SAME},
        "purpose": entry.get("subject"),
        "report": entry.get("body"),
        "planned_at": entry.get("due_at"),
    }
    if not entry.get("customer"):
        del found["customer"]  # a visit has one
    if AS_ACTIVITY[visit.get("kind") or "on_site"] != entry.get("kind"):
        found["kind"] = AS_VISIT.get(entry.get("kind") or "", "other")
    state = visit.get("state") or PLANNED
    if entry.get("done_at"):
        found["minutes"] = entry.get("duration_minutes")
        if state != ENDED:
            found |= {"state": ENDED, "checked_out_at": entry["done_at"] if state == UNDER_WAY else None}
    else:
        found["planned_minutes"] = entry.get("duration_minutes") if visit.get("state") != ENDED else None
        if state == ENDED:
            back = UNDER_WAY if visit.get("checked_in_at") else PLANNED
            found |= {"state": back, "checked_out_at": None, "planned_minutes": visit.get("planned_minutes")}
    return found


# ---------------------------------------------------------------- drafts of the other side


def _new(kind: RecordType, actor: Actor, given: Mapping[str, Any]) -> Draft:
    fields = {name: value for name, value in given.items() if value is not None or name == "owner"}
    draft, _ = change.draft_new(actor, kind, fields, trusted=True)
    draft.act = CREATE
    draft.told[TOLD] = True
    return draft


def _step(kind: RecordType, actor: Actor, held: Mapping[str, Any], given: Mapping[str, Any] | None) -> Draft | None:
    """The change that makes ``held`` say what is ``given`` (None: into the bin); None where it says so already."""
    before = dict(held)
    if given is None:
        if before["deleted_at"]:
            return None
        return _draft(kind, DELETE, actor, before, {"deleted_at": clock.stamp()})
    columns, _ = clean(SYSTEM, kind, given, before=before, trusted=True)
    if kind is Activity and columns.get("done_at") and before.get("done_at"):
        del columns["done_at"]  # when it was done is the entry's to say
    if before["deleted_at"]:
        return _draft(kind, RESTORE, actor, before, {**columns, "deleted_at": None})
    if all(before.get(name) == value for name, value in columns.items()):
        return None
    return _draft(kind, UPDATE, actor, before, columns)


def _draft(kind: RecordType, act: str, actor: Actor, before: dict[str, Any], columns: Mapping[str, Any]) -> Draft:
    return Draft(kind, act, actor, before, {**before, **columns}, trusted=True, told={TOLD: True})

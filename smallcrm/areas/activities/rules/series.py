"""Finishing one of a series makes the next, whichever way it was finished; at most one of a series stands open."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import repeating
from smallcrm.areas.activities.rules.states import day_of, is_done, is_open
from smallcrm.identity.actor import Actor
from smallcrm.records import change, derive
from smallcrm.records.drafts import CREATE, Draft

NOT_FINISHED_NOW = ("undo", "merge", "restore")  # history is put right, nobody has just done anything


@derive.on("activity")
def make_the_next(drafts: list[Draft]) -> None:
    """The next one of every series of which one was finished."""
    finished = [
        d
        for d in drafts
        if d.why not in NOT_FINISHED_NOW and d.after.get("repeat") and is_open(d.before) and is_done(d.after)
    ]
    busy = _with_an_open_one({_series(d.after) for d in finished})
    made = []
    for draft in finished:
        columns = repeating.following(draft.after, day_of(draft.after["done_at"]))
        if columns is not None and _series(draft.after) not in busy:
            busy.add(_series(draft.after))
            made.append(_draft(draft.actor, columns))
    if made:
        change.commit(made)


def _series(values: dict[str, Any]) -> int:
    return int(values.get("repeats_from") or values["id"])


def _with_an_open_one(series: set[int]) -> set[int]:
    if not series:
        return set()
    sql = (
        "SELECT coalesce(repeats_from, id) FROM activity WHERE (repeats_from IN (SELECT value FROM json_each(?))"
        " OR id IN (SELECT value FROM json_each(?))) AND done_at IS NULL AND deleted_at IS NULL"
    )
    among = store.json_list(series)
    return {row[0] for row in store.rows(sql, [among, among])}


def _draft(actor: Actor, columns: dict[str, Any]) -> Draft:
    """A creation from stored columns."""
    draft, _ = change.draft_new(actor, Activity, {}, trusted=True)
    draft.act = CREATE
    draft.after.update(columns)
    return draft

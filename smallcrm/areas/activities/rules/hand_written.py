"""A next follow-up written at the customer itself: it moves the earliest open plan, or stands as a bare date without one."""

from __future__ import annotations

import datetime as dt

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import follow_ups
from smallcrm.areas.activities.rules.follow_ups import CUSTOMER, Followed
from smallcrm.areas.activities.rules.states import day_of, local_time
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.records import change, derive
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import UPDATE, Draft

FIELD = "next_follow_up_on"


def watch(kind: Followed) -> None:
    """From here on the dates written at records of this type are kept."""
    change.before(kind.key)(lambda drafts: refuse_to_forget(drafts, kind))
    derive.on(kind.key)(lambda drafts: dates_written(drafts, kind))


def refuse_to_forget(drafts: list[Draft], kind: Followed) -> None:
    """The date is not emptied while a plan is open: that one is to be finished, moved or deleted."""
    emptied = [d for d in drafts if d.act == UPDATE and not d.trusted and d.was(FIELD) and not d.after.get(FIELD)]
    if not emptied:
        return
    plans = follow_ups.nearest_plans((d.id for d in emptied), kind)
    for draft in emptied:
        if draft.id in plans:
            day = formats.date(day_of(plans[draft.id]))
            raise Wrong(
                draft, {FIELD: [str(L("A follow-up is planned for %(day)s. Finish, move or delete it.", day=day))]}
            )


def dates_written(drafts: list[Draft], kind: Followed) -> None:
    """Keep bare dates, move plans along."""
    written = [d for d in drafts if d.live_after and d.touches(FIELD)]
    if not written:
        return
    plans = follow_ups.nearest_plans((d.id for d in written), kind)
    _keep([d for d in written if d.id not in plans], kind)
    moving = [d for d in written if d.id in plans and d.after.get(FIELD) and d.why not in ("undo", "merge")]
    _move([d for d in moving if day_of(plans[d.id]).isoformat() != d.after[FIELD]], plans, kind)
    follow_ups.refresh_next((d.id for d in written), kind)


def _keep(drafts: list[Draft], kind: Followed) -> None:
    stamp = clock.stamp()
    kept = [(d.id, d.after[FIELD], stamp) for d in drafts if d.after.get(FIELD)]
    gone = [(d.id,) for d in drafts if d.before is not None and not d.after.get(FIELD)]
    table, column, only = kind.dates
    if kind is CUSTOMER:
        names, conflict = "(customer, on_day, set_at) VALUES (?, ?, ?)", "(customer)"
    else:
        names, conflict = (
            f"(record_type, record, on_day, set_at) VALUES ('{kind.key}', ?, ?, ?)",
            "(record_type, record)",
        )
    store.run_many(
        f"INSERT INTO {table} {names} ON CONFLICT {conflict} DO UPDATE SET"
        " on_day = excluded.on_day, set_at = excluded.set_at",
        kept,
    )
    store.run_many(f"DELETE FROM {table} WHERE {only} AND {column} = ?", gone)


def _move(drafts: list[Draft], plans: dict[int, str], kind: Followed) -> None:
    """The earliest plan of each goes to the day written, at the time it had."""
    if not drafts:
        return
    named = kind.column
    alike = "1" if kind is CUSTOMER else f"b.about_type = '{kind.key}'"
    sql = (
        f"SELECT min(id), {named} FROM activity WHERE {kind.among} AND done_at IS NULL"
        f" AND due_at = (SELECT min(b.due_at) FROM activity b WHERE b.{named} = activity.{named}"
        f" AND {alike} AND b.done_at IS NULL AND b.deleted_at IS NULL) GROUP BY {named}"
    )
    first = {record: i for i, record in store.rows(sql, [store.json_list(d.id for d in drafts)])}
    moves = []
    for draft in drafts:
        day = dt.date.fromisoformat(draft.after[FIELD])
        due = clock.at_local(day, local_time(plans[draft.id]))
        moves.append((first[draft.id], {"due_at": clock.iso(due)}))
    change.update_many(drafts[0].actor, Activity, moves, trusted=True)


watch(CUSTOMER)

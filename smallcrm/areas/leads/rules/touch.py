"""The first touch: until when a lead wants to be spoken to after somebody got it, in hours that the business works.

The owner is reminded when half of the time is over, the manager hears when all of it is. A first follow-up ends it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.rules import working_days
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import states
from smallcrm.areas.pool.rules import pools
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.jobs import notices
from smallcrm.records import derive, rows, settings
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Number, Text

MOST = 500  # told of in one run
LONGEST = dt.timedelta(days=400)

settings.declare(
    "leads",
    {
        "leads.first_touch_hours": (
            Number(L("First touch within"), least=0, most=1000, unit=L("working hours"), help=L("0 for no deadline.")), 4,
        ),
        "leads.day_from": (Text(L("Working hours from"), most=5), "09:00"),
        "leads.day_to": (Text(L("Working hours to"), most=5), "18:00"),
    },
)  # fmt: skip


def hours() -> tuple[dt.time, dt.time]:
    """From when to when the business works; the whole day where the settings make no sense."""
    try:
        first, last = (dt.time.fromisoformat(str(settings.get(f"leads.{name}"))) for name in ("day_from", "day_to"))
    except ValueError:
        return dt.time(9), dt.time(18)
    return (first, last) if first < last else (dt.time(), dt.time(23, 59))


def add_hours(start: dt.datetime, amount: float) -> dt.datetime:
    """So many working hours after ``start``: what lies outside them, on days off and holidays does not count."""
    first, last = hours()
    left = dt.timedelta(hours=amount)
    day = clock.day_of(start)
    end = start + LONGEST
    while left > dt.timedelta() and clock.start_of(day) < end:
        if working_days.is_working(day):
            opens, closes = max(clock.at_local(day, first), start), clock.at_local(day, last)
            if opens < closes:
                if opens + left <= closes:
                    return opens + left
                left -= closes - opens
        day += dt.timedelta(days=1)
    return start + dt.timedelta(hours=amount)


def due_of(values: Mapping[str, Any]) -> str | None:
    """The first touch's deadline of a lead with these columns; None where it needs none."""
    amount = float(settings.get("leads.first_touch_hours") or 0)
    if not amount or values.get("status") != "todo" or not values.get("owner") or states.spoken_to(values):
        return None
    since = values.get("owned_since") or values.get("created_at")
    return clock.iso(add_hours(clock.moment(str(since)), amount)) if since else None


@derive.on("lead")
def keep(drafts: list[Draft]) -> None:
    """Whoever gets it has until then; whatever ends it takes the deadline away."""
    touched = {d.id: d for d in drafts if d.before is None or d.touches("owner", "status", "owned_since")}
    fresh: dict[int, dict[str, Any]] = {}
    for number, draft in touched.items():
        due = due_of(draft.after)
        if due != draft.after.get("first_touch_due_at"):
            fresh[number] = {"first_touch_due_at": due, "touch_told": None}
            draft.after.update(fresh[number])
    derive.put(Lead, fresh)


# ---------------------------------------------------------------- telling


def _waiting(now: str) -> list[tuple[int, str, int, str, int, str]]:
    """(id, name, owner, due, told so far, owned since) of those whose deadline lies ahead or is over, untold."""
    sql = (
        "SELECT id, name, owner, first_touch_due_at, coalesce(touch_told, 0), coalesce(owned_since, created_at) FROM lead"
        " WHERE first_touch_due_at IS NOT NULL AND deleted_at IS NULL AND owner IS NOT NULL AND coalesce(touch_told, 0) < 2"
        " AND (first_touch_due_at <= ? OR touch_told IS NULL) ORDER BY first_touch_due_at LIMIT ?"
    )
    return store.rows(sql, [now, MOST])


def _stage(now: str, due: str, told: int, since: str) -> int:
    """2 where the manager is to hear, 1 where the owner is, 0 for nobody yet."""
    if now >= due:
        return 2
    half = clock.moment(since) + (clock.moment(due) - clock.moment(since)) / 2
    return 1 if told < 1 and now >= clock.iso(half) else 0


def due_now(now: dt.datetime) -> bool:
    """Whether anybody is to be told."""
    stamp = clock.iso(now)
    return any(_stage(stamp, due, told, since) > told for _, _, _, due, told, since in _waiting(stamp))


def send() -> dict[str, int]:
    """Remind the owners, tell the managers; how many leads they heard of. Each is told of once."""
    now = clock.stamp()
    reminded: dict[int, list[tuple[int, str, str]]] = {}
    late: dict[int, list[tuple[int, str, str]]] = {}
    told: dict[int, int] = {}
    for number, name, owner, due, before, since in _waiting(now):
        stage = _stage(now, due, before, since)
        if stage <= before:
            continue
        told[number] = stage
        manager = pools.manager_of(owner) if stage == 2 else None
        if manager is not None:
            late.setdefault(manager, []).append((number, name, due))
        if stage == 2 or stage == 1:
            reminded.setdefault(owner, []).append((number, name, due))
    prepared = [_prepare(owner, mine, now, late=False) for owner, mine in reminded.items()]
    prepared += [_prepare(manager, mine, now, late=True) for manager, mine in late.items()]
    with store.writing():
        still = rows.load(Lead, told, "t.first_touch_due_at IS NOT NULL", only=("id",))
        derive.put(Lead, {number: {"touch_told": stage} for number, stage in told.items() if number in still})
        for each in prepared:
            notices.put(each)
    return {"reminded": sum(map(len, reminded.values())), "escalated": sum(map(len, late.values()))}


def _prepare(user: int, mine: Sequence[tuple[int, str, str]], now: str, *, late: bool) -> notices.Prepared | None:
    def title() -> str:
        if late:
            return ngettext(
                "%(n)s lead of your team has not been spoken to in time",
                "%(n)s leads of your team have not been spoken to in time",
                len(mine),
            )
        return ngettext("%(n)s lead waits for its first touch", "%(n)s leads wait for their first touch", len(mine))

    return notices.prepare(
        user,
        "lead",
        title=title,
        body=lambda: "\n".join(f"{name}: {formats.moment(due)}" for _, name, due in mine[:5]),
        link=f"/leads/{mine[0][0]}" if len(mine) == 1 else "/leads?view=first-touch",
        key=f"touch/{'late' if late else 'soon'}/{now}",
    )

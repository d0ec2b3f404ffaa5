"""How an activity looks in a timeline, with what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from smallcrm.areas.activities.logline.chips import RECEIVED
from smallcrm.areas.activities.records import ICONS, KINDS, Activity
from smallcrm.areas.activities.rules.history import SOURCE
from smallcrm.areas.activities.rules.line import outcome_shown
from smallcrm.areas.activities.rules.states import is_late
from smallcrm.base import clock, formats
from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, rows
from smallcrm.records.record import Record
from smallcrm.records.timeline import Item
from smallcrm.web import entries
from smallcrm.web.drawn import numbered
from smallcrm.web.entries import Drawn
from smallcrm.web.templating import macros

KIND_NAMES: dict[str, Label] = {option.key: option.label for option in KINDS}
FOLDED = 280  # letters of a body that are shown at once


class Entry(NamedTuple):
    """What an activity's template is told."""

    kind: str
    subject: str
    facts: str
    body: str
    folded: bool
    planned: bool
    late: bool
    repeats: bool
    who: str
    when: str


def kind_name(kind: str, direction: str | None = None) -> str:
    """Call; Call received."""
    return str(RECEIVED[kind] if direction == "in" and kind in RECEIVED else KIND_NAMES.get(kind, kind))


def due_words(values: Mapping[str, Any]) -> str:
    """When it is due: today 15:00, Tue 24; empty for some time."""
    if not values.get("due_at"):
        return ""
    at = clock.moment(values["due_at"])
    day = formats.near_date(clock.day_of(at))
    return day if values.get("all_day") else f"{day} {formats.time(at)}"


@entries.draws(SOURCE)
def _draw(actor: Actor, record: Record, items: Sequence[Item]) -> Mapping[int, Drawn]:
    ids = [item.id for item in items]
    held = rows.load(Activity, ids)
    readable = access.readable(actor, Activity)
    held = {
        i: {n: v for n, v in each.items() if n in readable or n in ("id", "done_at", "due_at", "owner")}
        for i, each in held.items()
    }
    owners = access.names(actor, "user", {each.get("owner") or 0 for each in held.values()})
    contacts = access.names(actor, "contact", {each.get("contact") or 0 for each in held.values()})
    mine = access.within(actor, Activity, ids, "edit")
    made = {
        i: _one(
            record, each, owners.get(each.get("owner") or 0, ""), contacts.get(each.get("contact") or 0, ""), i in mine
        )
        for i, each in held.items()
    }
    return _soonest_first(ids, made)


def _soonest_first(ids: Sequence[int], made: Mapping[int, Drawn]) -> dict[int, Drawn]:
    """What is planned is read from the furthest day on, as all of a timeline is; people want the nearest first."""
    planned = [i for i in ids if i in made and made[i].state == "plan"]
    return {**made, **{i: made[other] for i, other in zip(planned, reversed(planned), strict=True)}}


def _one(record: Record, held: Mapping[str, Any], owner: str, contact: str, mine: bool) -> Drawn:
    is_open = not held.get("done_at")
    when = due_words(held) if is_open else formats.time(held["done_at"])
    body = (held.get("body") or "").strip()
    facts = [contact if record.card.key != "contact" else ""]
    facts += [formats.duration(held["duration_minutes"])] if held.get("duration_minutes") else []
    facts += [outcome_shown(held.get("outcome"))]
    parts = macros("activities/_entry.html")
    repeats = bool(held.get("repeat"))
    entry = Entry(
        kind=kind_name(held.get("kind") or "", held.get("direction")),
        subject=held.get("subject") or "",
        facts=", ".join(fact for fact in facts if fact),
        body=body,
        folded=len(body) > FOLDED or body.count("\n") > 5,
        planned=is_open,
        late=is_open and is_late(held),
        repeats=repeats,
        who=owner,
        when=when,
    )
    acts = (
        numbered("activity", held["id"], lambda mark: parts.acts(mark, is_open, repeats), is_open, repeats)
        if mine
        else ""
    )
    return Drawn(
        ICONS.get(held.get("kind") or "", "note"),
        parts.what(entry),
        when=parts.end(entry, acts),
        state="plan" if is_open else "",
        id=f"activity-{held['id']}",
    )

"""What a record's timeline shows of activities: what is planned first, then what was done, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.areas.activities.records import Activity
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, timeline
from smallcrm.records.record import Record
from smallcrm.records.timeline import Chip, Part

SOURCE = "activity"

timeline.chip(
    Chip("calls", L("Calls"), ("call",), "phone"),
    Chip("mails", L("Mails"), ("email",), "mail"),
    Chip("visits", L("Visits"), ("visit",), "map-pin"),
    Chip("meetings", L("Meetings"), ("meeting",), "users"),
    Chip("messages", L("Messages"), ("message",), "message"),
    Chip("tasks", L("Tasks"), ("task",), "checkbox"),
    Chip("notes", L("Notes"), ("note",), "note"),
    Chip("changes", L("Changes"), ("change", "created"), "history"),
)

# What is open stands above every date. Pages are drawn with it turned round: the nearest first, what has no day last.
_OPEN_AT = "'9' || coalesce(t.due_at, '9')"
_COLUMNS = f"t.kind AS kind, '{SOURCE}' AS source, t.id AS id FROM activity t"


@timeline.source
def activities(actor: Actor, record: Record) -> Sequence[Part]:
    """Those of a customer, with a contact, or about anything else, as far as the actor reaches."""
    reach = access.reach(actor, Activity)
    if not reach.branches or record.card.key == SOURCE:
        return ()
    where, params = reach.where()
    key, number = record.card.key, int(record.id)
    mine: tuple[int | str, ...]
    if key == "customer":
        of, mine, indexes = (
            "t.customer = ?",
            (number,),
            (" INDEXED BY activity_open_customer", " INDEXED BY activity_done_customer"),
        )
    elif key == "contact":
        of, mine, indexes = "t.contact = ?", (number,), ("", "")
    else:
        of, mine, indexes = "t.about = ? AND t.about_type = ?", (number, key), ("", "")
    alive = f"{of} AND t.deleted_at IS NULL AND {where}"
    bound = (*mine, *params)
    return (
        Part(f"SELECT {_OPEN_AT} AS at, {_COLUMNS}{indexes[0]} WHERE t.done_at IS NULL AND {alive}", bound, _OPEN_AT),
        Part(
            f"SELECT t.done_at AS at, {_COLUMNS}{indexes[1]} WHERE t.done_at IS NOT NULL AND {alive}",
            bound,
            "t.done_at",
        ),
    )

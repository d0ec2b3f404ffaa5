"""Where a customer or contact came from, on their page: the leads that became them, with source and campaign."""

from __future__ import annotations

from markupsafe import Markup

from smallcrm.areas.leads.records import Lead
from smallcrm.base import clock, formats
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, query, rows
from smallcrm.records.record import Record
from smallcrm.web.area import Panel
from smallcrm.web.templating import fragment

SHOWN = 4


def panel(who: Actor, record: Record) -> Markup | str:
    """The latest first; nothing where no lead within reach became this."""
    if who.scope("lead", "view") is Scope.NONE:
        return ""
    became = {"field": f"converted_{record.card.key}", "op": "eq", "value": int(record.id)}
    readable = access.readable(who, Lead)
    if became["field"] not in readable:
        return ""
    page = query.page(query.Ask(who, Lead, [], {"all": [became]}, "", "-converted_at", SHOWN))
    held = rows.load(Lead, [row[0] for row in page.rows])
    lines = [
        {
            "id": each["id"],
            "name": each["name"],
            "from": " · ".join(str(each[name]) for name in ("source", "campaign") if name in readable and each[name]),
            "on": formats.near_date(clock.day_of(clock.moment(each["converted_at"])).isoformat())
            if each["converted_at"]
            else "",
        }
        for each in held.values()
    ]
    return fragment("leads/_origin.html", lines=lines, many=labels.many(Lead)) if lines else ""


PANELS = (Panel("customer", "related", panel, 70), Panel("contact", "related", panel, 70))

"""The tree of parent companies and subsidiaries, and the figures of all of them together."""

from __future__ import annotations

from flask import request
from markupsafe import Markup

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules import family
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import Record
from smallcrm.web.area import Panel
from smallcrm.web.templating import fragment


def draw(actor: Actor, record: Record) -> Markup | str:
    """The panel; nothing for one that stands alone."""
    found = family.around(actor, record)
    if found is None:
        return ""
    whole = request.args.get("whole") == "1"
    return fragment(
        "customers/_family.html",
        record=record,
        family=found,
        whole=whole,
        figures=family.rolled_up(actor, record, whole=whole) if found.below else [],
        may=access.may(actor, record, "edit"),
    )


@customers.get("/customers/<int:number>/family")
def family_part(number: int) -> str:
    """The panel anew, alone or with the subsidiaries."""
    from smallcrm.web.context import actor

    who = actor()
    return draw(who, access.find(who, Customer, number))


PANELS = (Panel("customer", "facts", draw, 20),)

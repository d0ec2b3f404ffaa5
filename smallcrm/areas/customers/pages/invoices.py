"""A customer's invoice data, each ready to be copied as text."""

from __future__ import annotations

from markupsafe import Markup

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules import invoices
from smallcrm.identity.actor import Actor
from smallcrm.records import access, warnings
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Lines
from smallcrm.records.record import Record, values
from smallcrm.web.area import Panel
from smallcrm.web.templating import fragment


def draw(actor: Actor, record: Record) -> Markup | str:
    """The panel; nothing where there are none."""
    if "invoice_data" not in access.readable(actor, Customer):
        return ""
    held = values(record)
    field = fields_of(Customer)["invoice_data"]
    assert isinstance(field, Lines)
    rows = []
    for row in held["invoice_data"] or ():
        shown = [
            (str(part.label), row[name])
            for name, part in field.parts.items()
            if name not in ("title", "kind") and row.get(name)
        ]
        kind = field.parts["kind"].show(row.get("kind"), row, access.reading(actor)) if row.get("kind") else ""
        rows.append((row["title"], kind, shown, invoices.as_text(row)))
    if not rows:
        return ""
    odd = warnings.of_record(actor, record).get("invoice_data", [])
    return fragment("customers/_invoices.html", record=record, rows=rows, odd=odd)


PANELS = (Panel("customer", "facts", draw, 40),)

"""The customers area's card."""

from __future__ import annotations

from smallcrm.areas.customers import importing, jobs, people, records, rules, views  # noqa: F401  registered by being imported
from smallcrm.areas.customers.pages import (
    acts,
    consents,
    customers,
    family,
    invoices,
    members,
    panels,
    relations,
    settings,
    vcards,
)
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Command, Nav
from smallcrm.web.pages import forms, record

AREA = Area(
    name="customers",
    needs=("people",),
    blueprint=customers,
    nav=(
        Nav("customers", "", "building-store", "/customers", type="customer", order=10, tabbar=True, letter="c"),
        Nav("contacts", "", "address-book", "/contacts", type="contact", order=20, letter="p"),
    ),
    settings=settings.PAGES,
    commands=(
        Command("grades", L("Proposed grades"), "chart-bar", "/customers/grades", type="customer", verb="edit"),
        *vcards.COMMANDS,
    ),
    panels=(
        *panels.PANELS, *family.PANELS, *invoices.PANELS, *members.PANELS, *consents.PANELS, *relations.PANELS,
    ),
    acts=(*acts.ACTS, *members.ACTS, *consents.ACTS, *relations.ACTS, *vcards.ACTS),
    jobs=(jobs.GRADES,),
)  # fmt: skip

for section in ("person", "consent"):
    forms.only_for("customer", section, field="kind", value="person")
record.shown_elsewhere(
    "customer", "number", "parent", "invoice_data", "members", "consents", "next_follow_up_on", "last_follow_up_at"
)
record.shown_elsewhere("contact", "customer", "title", "role", "consents")

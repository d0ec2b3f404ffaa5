"""What holds for customers, contacts and relations whoever writes them, and the verbs on them. Imported to be registered."""

from smallcrm.areas.customers.rules import (
    consent,
    contacts,
    family,
    grades,
    invoices,
    members,
    numbers,
    ownership,
    relations,
    tax,
    touch,
    vcard,
)
from smallcrm.areas.customers.rules.consent import may_contact

__all__ = [
    "consent", "contacts", "family", "grades", "invoices", "may_contact", "members", "numbers", "ownership",
    "relations", "tax", "touch", "vcard",
]  # fmt: skip

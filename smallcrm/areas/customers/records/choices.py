"""What customers and contacts are chosen from."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.records.fields.choice import Option

GRADES = (Option("A", "A", "acc"), Option("B", "B"), Option("C", "C"))
KINDS = (("company", L("Company")), ("person", L("Person")))
ROLES = (("customer", L("Customer", "role")), ("supplier", L("Supplier")), ("partner", L("Partner")))
CHANNELS = (
    ("phone", L("Phone")), ("email", L("E-mail")), ("wechat", L("WeChat")), ("sms", L("Text message")),
    ("visit", L("Visit")), ("post", L("Letter")),
)  # fmt: skip
LEVELS = (("read", L("read")), ("write", L("read and write")))
RECYCLE_REASONS = (
    ("follow_up", L("no follow-up")), ("opportunity", L("no opportunity")), ("deal", L("no deal")),
    ("longest", L("held for the longest time")), ("owner", L("owner no longer here")),
)  # fmt: skip
PURPOSES = (("service", L("Service and orders")), ("marketing", L("Marketing")), ("newsletter", L("Newsletter")))

# What people ask for: 普票 and 专票 in China, τιμολόγιο and απόδειξη in Greece. Others leave it empty.
INVOICE_KINDS = (
    ("plain", L("Plain VAT invoice (China)")), ("special", L("Special VAT invoice, with input tax (China)")),
    ("invoice", L("Invoice (Greece)")), ("receipt", L("Retail receipt (Greece)")),
)  # fmt: skip


def company_currency() -> Any:
    """What a new customer is dealt with in."""
    from smallcrm.records import settings

    return settings.get("company.currency")

"""Pools: who belongs to them, when customers fall into them, and what may be seen before claiming."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register

KINDS = (("customers", L("Customers")), ("leads", L("Leads")))
MASKED = (("phone", L("Phone")), ("email", L("E-mail")), ("wechat", L("WeChat")), ("address", L("Address")))


@register
class Pool(Record):
    """A pool with its rules. A limit of nothing or 0 is off."""

    card = Card(
        key="pool", name="pools", number=20, one=L("Pool"), many=L("Pools"), icon="ripple", reach="open",
        importable=False,
        sections=(("main", L("Pool")), ("recycle", L("What falls in")), ("claim", L("Who may claim"))),
        about=L("Customers that nobody follows up fall into a pool, and somebody else may take them up."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True)
    kind = fields.Choice(L("Holds"), KINDS, default="customers", required=True, filter=True)
    enabled = fields.Flag(L("Takes records in"), default=True, filter=True, column=True)
    members = fields.Texts(L("Members"))
    admins = fields.Texts(L("Admins"))
    masked_fields = fields.Choices(L("Hidden until claimed"), MASKED, default=["phone", "email", "wechat"])

    class Meta:
        table_name = "pool"

"""The rows inside a customer: further addresses, invoice data, consents, the colleagues who work on it too."""

from __future__ import annotations

from smallcrm.areas.customers.records.choices import CHANNELS, INVOICE_KINDS, LEVELS, PURPOSES
from smallcrm.base.i18n import L
from smallcrm.records import fields


def addresses() -> fields.Lines:
    """Further addresses of a customer."""
    return fields.Lines(
        L("Further addresses"),
        [
            ("label", fields.Text(L("What for"), most=60)),
            ("address", fields.Text(L("Address"), most=300, required=True)),
            ("postcode", fields.Text(L("Postcode"), most=20)),
            ("city", fields.Text(L("City"), most=80)),
            ("region", fields.Text(L("Region"), most=80)),
            ("country", fields.Text(L("Country"), most=80)),
        ],
        section="address",
        search="text",
        personal=True,
    )


def invoice_titles() -> fields.Lines:
    """Invoice data (开票信息, στοιχεία τιμολόγησης): a customer may have several, the first is the usual one."""
    return fields.Lines(
        L("Invoice data"),
        [
            ("title", fields.Text(L("Name on the invoice"), most=200, required=True)),
            ("kind", fields.Choice(L("Kind"), INVOICE_KINDS)),
            ("tax_number", fields.Text(L("Tax number"), most=40)),
            ("tax_office", fields.Text(L("Tax office"), most=80)),
            ("registry", fields.Text(L("Registry number"), most=40)),
            ("activity", fields.Text(L("Line of business"), most=120)),
            ("address", fields.Text(L("Address"), most=300)),
            ("phone", fields.Text(L("Phone"), most=60)),
            ("bank", fields.Text(L("Bank"), most=120)),
            ("account", fields.Text(L("Account"), most=60)),
            ("email", fields.Text(L("E-mail for invoices"), most=254)),
        ],
        section="invoice",
        personal=True,
    )


def consents() -> fields.Lines:
    """Consent per purpose and channel: given or withdrawn, when, and to which wording."""
    return fields.Lines(
        L("Consents"),
        [
            ("purpose", fields.Choice(L("For"), PURPOSES, required=True)),
            ("channel", fields.Choice(L("By"), CHANNELS, required=True)),
            (
                "state",
                fields.Choice(L("Consent"), [("given", L("given")), ("withdrawn", L("withdrawn"))], required=True),
            ),
            ("on", fields.Date(L("On"))),
            ("how", fields.Text(L("How, which wording"), most=200)),
        ],
        section="consent",
        personal=True,
    )


def members() -> fields.Lines:
    """Colleagues who work on the record too."""
    return fields.Lines(
        L("Team members"),
        [
            ("user", fields.Link(L("Colleague"), "user", required=True)),
            ("level", fields.Choice(L("May"), LEVELS, required=True)),
            ("until", fields.Date(L("Until"))),
        ],
        section="team",
        export=False,
    )

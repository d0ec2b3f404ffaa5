"""The workbook by mail: to whom, on which day of the month, over which period."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.reports.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class Mailing(Record):
    """Whoever sees less than its owner gets a workbook of their own reach instead."""

    card = Card(
        key="mailing", name="mailings", number=74, one=L("Workbook by mail"), many=L("Workbooks by mail"), icon="mail", pages=False,
        importable=False, searchable=False, about=L("The workbook of all reports, sent every month."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, column=True)
    day = fields.Number(L("Day of the month"), least=1, most=31, default=1, required=True, column=True)
    period = fields.Choice(L("Period"), choices.PERIODS, default="last_month", required=True, column=True)
    recipients = fields.Links(L("Send to"), "user", most=50)
    note = fields.Text(L("Words in the mail"), most=300)
    enabled = fields.Flag(L("Switched on"), default=True, filter=True, column=True)

    class Meta:
        table_name = "mailing"


class MailingSent(store.Table):
    """A mailing of a month that went into the outbox: each goes once."""

    mailing = peewee.IntegerField()
    slot = peewee.TextField()  # 2026-11
    user = peewee.IntegerField()
    at = peewee.TextField()

    class Meta:
        table_name = "mailing_sent"
        primary_key = peewee.CompositeKey("mailing", "slot", "user")
        without_rowid = True

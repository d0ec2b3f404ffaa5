"""An alert: somebody hears of it when a figure crosses a threshold."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.reports.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class Alert(Record):
    """The figure is worked out as its owner sees it; nobody among the recipients means the owner alone."""

    card = Card(
        key="alert", name="alerts", number=73, one=L("Alert"), many=L("Alerts"), icon="bell", pages=False, importable=False,
        searchable=False, about=L("Hear of it when a number gets too small or too large."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, column=True)
    figure = fields.Text(L("Figure"), required=True, most=60, column=True)
    side = fields.Choice(L("When it"), choices.SIDES, default="below", required=True, column=True)
    threshold = fields.Number(L("Threshold"), places=2, required=True, column=True)
    recipients = fields.Links(L("Tell"), "user", most=50)
    note = fields.Text(L("What to do then"), most=300, help=L("Stands in the mail."))
    enabled = fields.Flag(L("Switched on"), default=True, filter=True, column=True)

    class Meta:
        table_name = "alert"


class AlertCrossing(store.Table):
    """Each time a figure crossed the threshold for somebody, or came back."""

    id = peewee.AutoField()
    alert = peewee.IntegerField()
    user = peewee.IntegerField()
    at = peewee.TextField()
    crossed = peewee.IntegerField()
    value = peewee.TextField(null=True)

    ddl = ("CREATE INDEX alert_crossing_of ON alert_crossing (alert, user, id)",)

    class Meta:
        table_name = "alert_crossing"


class AlertState(store.Table):
    """How an alert stood for somebody when it was last looked at: crossed or not, its value, since when. ``crossings`` counts."""

    alert = peewee.IntegerField()
    user = peewee.IntegerField()
    crossed = peewee.IntegerField()
    value = peewee.TextField(null=True)
    at = peewee.TextField()
    crossings = peewee.IntegerField(default=0)
    asked = peewee.TextField(default="")  # figure, side and threshold as they were: another question begins anew

    class Meta:
        table_name = "alert_state"
        primary_key = peewee.CompositeKey("alert", "user")
        without_rowid = True

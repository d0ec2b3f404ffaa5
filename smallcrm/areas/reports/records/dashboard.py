"""A dashboard: figures side by side, in an order of one's own."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.reports.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class Dashboard(Record):
    """A tile names a saved figure by its number or a ready-made one by its key."""

    card = Card(
        key="dashboard", name="dashboards", number=71, one=L("Dashboard"), many=L("Dashboards"), icon="layout-dashboard", pages=False,
        importable=False, searchable=False, about=L("The figures you look at every day, side by side."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, column=True)
    shared = fields.Choice(L("Seen by"), choices.SHARED, default="mine", required=True, filter=True, column=True)
    role = fields.Choice(L("Opens first for the role"), choices.ROLES, filter=True)
    subtitle = fields.Text(L("What it is for"), most=200)
    tiles = fields.Lines(
        L("Tiles"),
        [
            ("figure", fields.Text(L("Figure"), most=60, required=True)),
            ("size", fields.Choice(L("Size"), choices.SIZES)),
            ("shown", fields.Choice(L("Shown as"), choices.SHOWN)),
        ],
        most=40,
    )

    class Meta:
        table_name = "dashboard"


class DashboardChoice(store.Table):
    """The dashboard that somebody opened last: it opens first for them."""

    user = peewee.IntegerField(primary_key=True)
    dashboard = peewee.TextField()

    class Meta:
        table_name = "dashboard_choice"

"""A segment: a filter under a name, whose members lists, figures and exports take. Always as of now, unless it was frozen."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.reports.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register

MOST = 1000  # put in or left out by hand


@register
class Segment(Record):
    """A frozen one keeps the members it had on the day it was frozen. Whom somebody put in or left out by hand stays so in either."""

    card = Card(
        key="segment", name="segments", number=72, one=L("Segment"), many=L("Segments"), icon="filter", pages=False,
        importable=False, searchable=False, about=L("A group of records by what they have in common, kept under a name."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, column=True)
    about = fields.Choice(L("About"), choices.types, required=True, filter=True, column=True)
    conditions = fields.LongText(L("Filter"), most=8000)
    shared = fields.Choice(L("Seen by"), choices.SHARED, default="mine", required=True, filter=True, column=True)
    added = fields.Texts(L("Put in by hand"), most=MOST, read_only=True, hidden=True)
    left_out = fields.Texts(L("Left out by hand"), most=MOST, read_only=True, hidden=True)
    frozen_at = fields.Moment(L("Frozen"), read_only=True, filter=True, column=True)

    class Meta:
        table_name = "segment"


class SegmentMember(store.Table):
    """A member of a frozen segment."""

    segment = peewee.IntegerField()
    record = peewee.IntegerField()

    class Meta:
        table_name = "segment_member"
        primary_key = peewee.CompositeKey("segment", "record")
        without_rowid = True

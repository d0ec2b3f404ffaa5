"""An intake: the term for which somebody applies and in which they begin."""

from __future__ import annotations

from smallcrm.areas.admissions import settings
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class Intake(Record):
    """A term: Autumn 2027, from its first day to its last."""

    card = Card(
        key="intake", name="intakes", number=80, one=L("Intake"), many=L("Intakes"), icon="calendar-event", reach="open", setup=True,
        importable=False, order="-first_day", columns=("first_day", "last_day", "active"), present=settings.on,
        about=L("The terms for which people apply. Every application and every student has one; lists, the board and reports can be narrowed to it."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, most=60, sort=True, search="title", column=True)
    first_day = fields.Date(L("First day"), required=True, sort=True, column=True)
    last_day = fields.Date(L("Last day"), sort=True, column=True)
    active = fields.Flag(L("Takes applications"), default=True, filter=True, column=True)
    position = fields.Number(
        L("Order"), read_only=True, hidden=True
    )  # by its first day: reports have terms in time's order

    class Meta:
        table_name = "intake"

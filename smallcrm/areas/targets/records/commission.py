"""A commission plan: which part of what somebody won they get, by how far they reached their target."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class CommissionPlan(Record):
    """The rate of the highest band that the month's achievement reaches counts for the whole month's won value."""

    card = Card(
        key="commission_plan", name="commission-plans", number=78, one=L("Commission plan"), many=L("Commission plans"), icon="cash",
        reach="open", importable=False, searchable=False,
        about=L("How commission is worked out: a percentage of the won value, by how far the target was reached."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, column=True)
    enabled = fields.Flag(L("In force"), default=True, filter=True, column=True)
    members = fields.Links(
        L("For", "target"),
        "user",
        "team",
        column=True,
        help=L("A team counts with every team under it; nobody chosen means everybody."),
    )
    bands = fields.Lines(
        L("Rates"),
        [
            (
                "reached",
                fields.Number(L("From an achievement of"), least=0, most=10_000, places=2, unit="%", required=True),
            ),
            ("rate", fields.Number(L("Rate"), least=0, most=100, places=2, unit="%", required=True)),
        ],
        most=20,
        glue=" → ",
    )
    untargeted = fields.Number(L("Rate without a target"), least=0, most=100, places=2, unit="%", default=0)

    class Meta:
        table_name = "commission_plan"

"""Who plays a part at the customer's in an opportunity, and who else wants to sell."""

from __future__ import annotations

from smallcrm.areas.pipeline.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, Through, register


@register
class Buyer(Through):
    """A contact's part in one opportunity."""

    card = Card(
        key="buyer", name="buyers", number=53, one=L("Part in an opportunity"), many=L("Parts in opportunities"), icon="users-group",
        title="part", reach="through", through="opportunity", pages=False, importable=False, searchable=False, order="id",
    )  # fmt: skip

    opportunity = fields.Link(L("Opportunity"), "opportunity", required=True, cascade=True, filter=True)
    contact = fields.Link(L("Contact"), "contact", required=True, cascade=True, filter=True, column=True)
    part = fields.Choice(L("Part played"), choices.PARTS, filter=True, column=True)
    influence = fields.Choice(L("Influence"), choices.INFLUENCE, default="medium", filter=True, column=True)
    attitude = fields.Choice(L("Attitude"), choices.ATTITUDES, default="neutral", filter=True, column=True)
    coverage = fields.Choice(L("Contact so far"), choices.COVERAGE, default="none", filter=True, column=True)
    note = fields.Text(L("Note"), most=300)

    class Meta:
        table_name = "buyer"


@register
class Competitor(Record):
    """Somebody else who would sell it."""

    card = Card(
        key="competitor", name="competitors", number=54, one=L("Competitor"), many=L("Competitors"), icon="swords", reach="open", setup=True,
        quick_add=True, about=L("Who else sells what you sell, what they are good at, and what you answer."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), required=True, unique=True, sort=True, search="title", column=True,
        aliases=("competitor", "竞争对手", "竞品", "ανταγωνιστής"),
    )  # fmt: skip
    website = fields.Url(L("Website"), aliases=("web", "网址", "ιστοσελίδα"))
    strengths = fields.LongText(L("Good at"), search="text", column=True)
    weaknesses = fields.LongText(L("Weak at"), search="text")
    answer = fields.LongText(L("What we answer"), search="text")

    class Meta:
        table_name = "competitor"

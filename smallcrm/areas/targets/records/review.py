"""Check and act: what was said of how a period went, and what somebody does about it until when."""

from __future__ import annotations

from smallcrm.areas.targets.records.target import WHOM, known
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register


@register
class TargetReview(Record):
    """A note on a period: ``2026-11``, ``2026-Q4`` or ``2026``."""

    card = Card(
        key="target_review", name="target-reviews", number=76, one=L("Review of targets"), many=L("Reviews of targets"), icon="message",
        pages=False, importable=False, searchable=False, order="-created_at", title="period",
    )  # fmt: skip

    period = fields.Text(L("Period"), most=10, required=True, filter=True)
    metric = fields.Choice(L("Metric"), known, filter=True)
    whom = fields.Choice(L("For", "target"), WHOM, default="company", required=True, filter=True)
    user = fields.Link(L("Person"), "user", filter=True)
    for_team = fields.Link(L("For the team"), "team", filter=True)
    note = fields.LongText(L("What was found"), required=True, most=4000)
    follows = fields.Text(L("What follows from it"), most=300)

    class Meta:
        table_name = "target_review"


@register
class TargetAction(Record):
    """What its owner does about a gap until a day. What is not done stands in every later period until it is."""

    card = Card(
        key="target_action", name="target-actions", number=77, one=L("Action on targets"), many=L("Actions on targets"), icon="checkbox",
        pages=False, importable=False, searchable=False, order="due_on", title="what",
    )  # fmt: skip

    what = fields.Text(L("What is done"), most=300, required=True)
    period = fields.Text(L("Period"), most=10, required=True, filter=True)
    metric = fields.Choice(L("Metric"), known, filter=True)
    whom = fields.Choice(L("For", "target"), WHOM, default="company", required=True, filter=True)
    user = fields.Link(L("Person"), "user", filter=True)
    for_team = fields.Link(L("For the team"), "team", filter=True)
    due_on = fields.Date(L("Due"), filter=True, sort=True)
    done = fields.Flag(L("Done"), filter=True)
    result = fields.Text(L("Result"), most=500)

    class Meta:
        table_name = "target_action"

"""A pipeline and its stages: the company's own way from the first talk to the signature."""

from __future__ import annotations

from smallcrm.areas.pipeline.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register

MOST_STAGES = 15


@register
class Pipeline(Record):
    """A way of selling; a company has one, or one for each line of business."""

    card = Card(
        key="pipeline", name="pipelines", number=50, one=L("Pipeline"), many=L("Pipelines"), icon="timeline", reach="open", setup=True,
        importable=False, order="position,name", cascades=("stage.pipeline",),
        about=L("The steps an opportunity goes through. Each pipeline has its own."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True)
    position = fields.Number(L("Order"), least=0, most=10_000, sort=True, default=1)
    enabled = fields.Flag(L("Takes new opportunities"), default=True, filter=True, column=True)
    members = fields.Links(
        L("Used by"), "user", "team", column=True,
        help=L("A team counts with every team under it; nobody chosen means everybody."),
    )  # fmt: skip
    back_moves = fields.Flag(
        L("Stages may be gone back"), default=True, help=L("An opportunity may return to an earlier open stage.")
    )
    reason_needed = fields.Flag(L("Losing takes a reason"), default=True)
    quiet_days = fields.Number(
        L("Quiet after"), least=1, most=365, unit=L("days"), default=14,
        help=L("An open opportunity nobody has spoken about for so long is marked as quiet."),
    )  # fmt: skip

    class Meta:
        table_name = "pipeline"


@register
class Stage(Record):
    """A step of a pipeline. Its kind says what an opportunity that stands there is: open, won, lost or invalid."""

    card = Card(
        key="stage", name="stages", number=51, one=L("Stage"), many=L("Stages"), icon="flag", reach="open", setup=True,
        importable=False, order="position", searchable=False,
        sections=(("main", L("Stage")), ("gate", L("Before an opportunity comes here"))),
        about=L("What an opportunity has to pass, in order."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=80, sort=True, search="title", column=True)
    pipeline = fields.Link(L("Pipeline"), "pipeline", required=True, cascade=True, filter=True, column=True)
    position = fields.Number(L("Order"), least=0, most=1000, sort=True, default=1, column=True)
    kind = fields.Choice(
        L("An opportunity here is"), choices.STATES, default="open", required=True, filter=True, column=True
    )
    chance = fields.Number(L("Chance"), least=0, most=100, unit="%", default=0, column=True)
    forecast = fields.Choice(
        L("In the forecast as"), choices.FORECASTS, default="pipeline", required=True, filter=True, column=True
    )
    longest_days = fields.Number(
        L("Longest stay"), least=1, most=3650, unit=L("days"), help=L("Whoever stays longer is marked as stuck.")
    )
    checklist = fields.Texts(
        L("To be done here"),
        help=L("What has to be ticked off before an opportunity leaves this stage for a later one."),
    )
    required_fields = fields.Choices(L("Has to be filled in"), choices.gate_fields, section="gate")
    roles = fields.Links(L("Only moved here by"), "role", section="gate", help=L("Nobody chosen means everybody."))

    class Meta:
        table_name = "stage"

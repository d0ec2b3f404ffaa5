"""The rules by which leads are shared out and scored, and who is away when."""

from __future__ import annotations

from smallcrm.areas.leads.records.choices import ALL_OR_ANY, BY, COMPARED, METHODS
from smallcrm.base.i18n import L, Label
from smallcrm.records import fields, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, by_key, register


def lead_fields() -> list[Option]:
    """What a condition may speak of: every field of a lead that can be filtered, made here or in the browser."""
    kind = by_key("lead")
    return [
        Option(name, labels.field(kind, name))
        for name, each in fields_of(kind).items()
        if not each.hidden_always and each.operators and each.kind not in ("lines", "anylink")
    ]


def conditions(help: Label = "") -> fields.Lines:
    """Conditions on a lead, a line each."""
    return fields.Lines(
        L("Conditions"),
        [
            ("field", fields.Choice(L("Field"), lead_fields, required=True)),
            ("op", fields.Choice(L("Compared"), COMPARED, required=True)),
            ("value", fields.Text(L("Value"), most=300)),
        ],
        glue=" ",
        most=20,
        help=help,
    )


def _common(**given: object) -> Card:
    return Card(reach="open", setup=True, importable=False, order="position,name", **given)  # type: ignore[arg-type]


@register
class AssignmentRule(Record):
    """Who gets a lead that comes without an owner. The first rule that fits and has somebody free decides."""

    card = _common(
        key="assignment_rule", name="assignment-rules", number=43, one=L("Assignment rule"), many=L("Assignment rules"),
        icon="arrows-split", about=L("Leads that arrive without an owner are shared out by these rules, in their order."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=80)
    position = fields.Number(L("Order"), least=0, most=10_000, default=1, sort=True, column=True)
    active = fields.Flag(L("In use"), default=True, filter=True, column=True)
    match = fields.Choice(L("It fits when"), ALL_OR_ANY, default="all", required=True)
    conditions = conditions(L("Without any it fits every lead. Several values of “is one of” are separated by ;"))
    method = fields.Choice(L("Shared out"), METHODS, default="round_robin", required=True, column=True)
    people = fields.Links(L("Among"), "user", "team", column=True, help=L("A team counts with every team under it."))
    by = fields.Choice(L("Table by"), BY)
    table = fields.Lines(
        L("Table"),
        [
            ("value", fields.Text(L("Value"), most=120, required=True)),
            ("user", fields.Link(L("Goes to"), "user", required=True)),
        ],
        most=200,
    )
    most_open = fields.Number(
        L("At most open per person"),
        least=0,
        most=100_000,
        help=L("Who has as many open leads gets no more. 0 for no limit."),
    )

    class Meta:
        table_name = "assignment_rule"


@register
class ScoreRule(Record):
    """Points for a lead that fits. All rules that fit count together, from 0 to 100."""

    card = _common(
        key="score_rule", name="score-rules", number=44, one=L("Score rule"), many=L("Score rules"), icon="gauge",
        about=L("Points by what is known of a lead. A score falls by a tenth for each week in which nothing happens."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=80)
    position = fields.Number(L("Order"), least=0, most=10_000, default=1, sort=True)
    active = fields.Flag(L("In use"), default=True, filter=True, column=True)
    match = fields.Choice(L("It fits when"), ALL_OR_ANY, default="all", required=True)
    conditions = conditions(L("Without any it fits every lead. Several values of “is one of” are separated by ;"))
    points = fields.Number(L("Points"), least=-100, most=100, required=True, default=10, column=True)

    class Meta:
        table_name = "score_rule"


@register
class Absence(Record):
    """Somebody is away, from a day to a day; leads go to the deputy, or to the next in turn."""

    card = Card(
        key="absence", name="absences", number=45, one=L("Absence"), many=L("Absences"), icon="beach", reach="open", setup=True,
        importable=False, order="-since", title="reason",
        about=L("Who is away gets no new leads meanwhile. Everybody enters their own under Settings."),
    )  # fmt: skip

    reason = fields.Text(L("Reason"), required=True, most=80, search="title", default=lambda: str(L("Away")), sort=True)
    user = fields.Link(L("Who"), "user", required=True, column=True, filter=True)
    since = fields.Date(L("From"), required=True, column=True, sort=True)
    until = fields.Date(L("To"), required=True, column=True, sort=True)
    deputy = fields.Link(L("Deputy"), "user", column=True)

    class Meta:
        table_name = "absence"

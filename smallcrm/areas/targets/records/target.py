"""A target: what the company, a team or a person is to reach of a metric in each month of a year."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, Label, language
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.figures import metrics
from smallcrm.records.record import Card, Record, register

WHOM = (("company", L("the company")), ("team", L("a team")), ("user", L("a person")))
MONTHS = tuple(f"m{n:02d}" for n in range(1, 13))


def known() -> Sequence[Option]:
    """The metrics that somebody counts."""
    return [Option(each.key, each.label) for each in metrics.all()]


def _month(n: int) -> fields.Number:
    return fields.Number(L("Month %(n)s", n=n), places=2, least=0, most=10**13)


@register
class Target(Record):
    """One subject, metric and year. A team's is its own number. Amounts in whole units of the company's currency."""

    card = Card(
        key="target", name="targets", number=75, one=L("Target"), many=L("Targets"), icon="target", pages=False, api=False, importable=False,
        searchable=False, order="-year", title="metric", about=L("What is to be reached, month by month."),
    )  # fmt: skip

    metric = fields.Choice(L("Metric"), known, required=True, filter=True, column=True)
    year = fields.Number(L("Year"), least=2000, most=2100, required=True, filter=True, sort=True, column=True)
    whom = fields.Choice(L("For", "target"), WHOM, default="user", required=True, filter=True, column=True)
    user = fields.Link(L("Person"), "user", filter=True, column=True)
    for_team = fields.Link(L("For the team"), "team", filter=True, column=True)
    m01, m02, m03, m04, m05, m06 = (_month(n) for n in range(1, 7))
    m07, m08, m09, m10, m11, m12 = (_month(n) for n in range(7, 13))
    note = fields.Text(L("Note"), most=300)

    ddl = ("CREATE INDEX target_of ON target (year, metric, whom) WHERE deleted_at IS NULL",)

    class Meta:
        table_name = "target"


def month_label(n: int) -> Label:
    """The short name of a month."""
    return formats.pattern(language()).months[n - 1]


def this_year() -> int:
    """By the business's clock."""
    return clock.today().year

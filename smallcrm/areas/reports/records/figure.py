"""A saved figure: what is measured over which records, grouped, over a period, compared, drawn."""

from __future__ import annotations

from smallcrm.areas.reports.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.figures import CHARTS
from smallcrm.records.figures.periods import COMPARISONS
from smallcrm.records.record import Card, Record, register


@register
class Figure(Record):
    """Kept as it was typed: what no longer makes sense (a field that was taken away) is said where the figure is shown."""

    card = Card(
        key="figure", name="figures", number=70, one=L("Figure"), many=L("Figures"), icon="chart-bar", pages=False,
        importable=False, searchable=False, about=L("Numbers you want to see again: counted, summed, grouped and compared."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, column=True)
    about = fields.Choice(L("About"), choices.types, required=True, filter=True, column=True)
    conditions = fields.LongText(L("Filter"), most=8000)
    measure = fields.Text(L("Measure"), most=80)
    by = fields.Text(L("Grouped by"), most=120)
    then_by = fields.Text(L("and by"), most=120)
    date_field = fields.Text(L("Date"), most=80)
    period = fields.Text(L("Period"), most=40)
    compare = fields.Choice(L("Compared with"), list(COMPARISONS.items()))
    chart = fields.Choice(L("Chart"), list(CHARTS.items()))
    shared = fields.Choice(L("Seen by"), choices.SHARED, default="mine", required=True, filter=True, column=True)

    class Meta:
        table_name = "figure"

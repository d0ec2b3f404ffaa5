"""The targets' sheet in the owner's workbook: how everybody stands in each metric."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.reports.rules import book, sheets
from smallcrm.areas.reports.rules import workbook as whole
from smallcrm.areas.reports.rules.sheets import Column
from smallcrm.areas.targets.rules import checking
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import settings
from smallcrm.records.figures import metrics, periods, words
from smallcrm.records.figures.periods import Span


def add(made: Any, actor: Actor, span: Span) -> None:
    """A table for each metric that has any target, over the year of the period's last day up to that month."""
    if actor.scope("target", "view") is Scope.NONE:
        return
    period = (
        f"{span[1]:%Y-%m}" if span[0].month == span[1].month and span[0].year == span[1].year else str(span[1].year)
    )
    page, row = None, 0
    for metric in metrics.all():
        found = checking.standings(actor, metric, period)
        if not any(each.progress.target is not None for each in found):
            continue
        if page is None:
            page = sheets.sheet(made, str(L("Targets")))
            row = book.head(page, str(L("Targets")), [periods.words(checking.span_of(period))])
        currency = settings.money_currency() if metric.unit == "money" else ""
        sheets.put(page, row, 1, str(metric.label), bold=True, size=13)
        if currency:
            sheets.put(page, row, 3, words.sums_in(currency, checking.without(actor, metric, period)), grey=True)
        unit = "money" if currency else "number"
        amounts = [
            Column(str(label), unit, currency, metric.places)
            for label in (L("Target"), L("Actual"), L("Gap"), L("Expected by now"), L("Forecast"))
        ]
        columns = [Column(str(L("For", "target"))), *amounts, Column(str(L("Achievement")), "percent")]
        rows = [
            [
                "   " * each.subject.depth + each.subject.name,
                at.target,
                at.actual,
                at.gap,
                at.expected,
                at.forecast,
                at.reached,
            ]
            for each in found
            if (at := each.progress).target is not None or at.actual
        ]
        row = sheets.table(page, row + 1, columns, rows) + 3
        page.auto_filter.ref = None
        page.freeze_panes = None


whole.add_sheets(add, 10)

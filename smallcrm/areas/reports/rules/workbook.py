"""The owner's workbook: a cover, a summary with Excel's own charts, a sheet for each report, notes on how all is counted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from smallcrm import store
from smallcrm.areas.reports.rules import book, sheets
from smallcrm.areas.reports.rules.book import Listed
from smallcrm.areas.reports.rules.sheets import Column
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import audit, figures, settings
from smallcrm.records.figures import Spec, periods, ready
from smallcrm.store import blobs

if TYPE_CHECKING:
    from openpyxl import Workbook

Step = Callable[[int, int], None]
Sheets = Callable[[Any, Actor, periods.Span], None]
CHARTS = ("won-by-month", "won-by-owner", "open-by-stage", "lost-by-reason", "new-by-month", "activities-by-week")
KIND = "workbook"

_more: list[tuple[int, Sheets]] = []


def add_sheets(function: Sheets, order: int = 50) -> None:
    """Another area brings sheets of its own: it is given the workbook, for whom it is, and the period."""
    _more.append((order, function))


@dataclass(frozen=True)
class _Drawn:
    """Where a figure's table stands."""

    name: str
    result: figures.Result
    table: book.Table
    top: int
    sheet: Any


def build(actor: Actor, period: str, step: Step = lambda _done, _total: None) -> bytes:
    """The workbook as the actor sees the company, in the actor's language."""
    span = periods.span(period) or (clock.today().replace(month=1, day=1), clock.today())
    reports = ready.reports(actor)
    total = sum(len(ready.of_report(actor, each)) for each in reports) + 2
    made = sheets.new_book()
    title = str(L("%(company)s: reports", company=settings.get("company.name")))
    _cover(made, actor, title, span, [str(each.name) for each in reports])
    summary = sheets.sheet(made, str(L("Summary")))
    drawn: dict[str, _Drawn] = {}
    numbers: list[Listed] = []
    done = 0
    for report in reports:
        found: list[tuple[str, Listed]] = []
        for each in ready.of_report(actor, report):
            step(done, total)
            spec = _over(each.spec, period)
            found.append((each.key, (str(each.name), figures.ask(actor, spec), str(each.how))))
            done += 1
        numbers += [listed for _key, listed in found if not listed[1].groups]
        _report(made, str(report.name), str(report.about), found, drawn)
    _summary(summary, title, span, numbers, drawn)
    for _order, function in sorted(_more, key=lambda each: each[0]):
        function(made, actor, span)
    _notes(made, actor, reports)
    step(total - 1, total)
    audit.log(actor, "export", detail={"report": "workbook", "period": period})
    return sheets.content(made, title=title, company=str(settings.get("company.name")))


def _over(spec: Spec, period: str) -> Spec:
    """A figure over the workbook's period; a series in time keeps the length that it is drawn over."""
    if not spec.when or not period or spec.by.startswith(f"{spec.when}:"):
        return spec
    return replace(spec, period=period)


def _cover(made: Workbook, actor: Actor, title: str, span: periods.Span, reports: Sequence[str]) -> None:
    page = sheets.sheet(made, str(L("Cover")))
    page.column_dimensions["A"].width = 28
    page.column_dimensions["B"].width = 60
    sheets.put(page, 2, 1, str(settings.get("company.name")), bold=True, size=24)
    sheets.put(page, 4, 1, str(L("Reports")), bold=True, size=15)
    lines = (
        (L("Period"), periods.words(span)),
        (L("From", "period"), sheets.day(span[0])), (L("To", "period"), sheets.day(span[1])),
        (L("Made for"), actor.name), (L("Made on"), formats.moment_full(clock.now())),
        (L("Currency"), settings.money_currency()),
        (L("What it shows"), str(L("What %(name)s may see, and no more.", name=actor.name))),
    )  # fmt: skip
    for row, (label, text) in enumerate(lines, 6):
        sheets.put(page, row, 1, str(label), grey=True)
        sheets.put(page, row, 2, text)
    sheets.put(page, 15, 1, str(L("Sheets")), bold=True)
    for row, name in enumerate(reports, 16):
        sheets.put(page, row, 1, name)


def _report(
    made: Workbook, name: str, about: str, found: Sequence[tuple[str, Listed]], drawn: dict[str, _Drawn]
) -> None:
    page = sheets.sheet(made, name)
    top = book.head(page, name, [about])
    single = [listed for _key, listed in found if not listed[1].groups]
    if single:
        top = book.number_table(page, top, single) + 3
    for key, (title, result, how) in found:
        if not result.groups:
            continue
        sheets.put(page, top, 1, title, bold=True, size=13)
        row = top
        for row, line in enumerate([*book.told(result), how], top + 1):
            if line:
                sheets.put(page, row, 1, line, grey=True)
        table = book.as_table(result)
        begins = row + 1
        last = sheets.table(page, begins, table.columns, table.rows, total=table.total)
        page.auto_filter.ref = None
        drawn[key] = _Drawn(title, result, table, begins, page)
        top = max(last, begins) + 3
    page.freeze_panes = None


def _summary(page: Any, title: str, span: periods.Span, numbers: Sequence[Listed], drawn: Mapping[str, _Drawn]) -> None:
    top = book.head(page, title, [periods.words(span)])
    last = book.number_table(page, top, numbers)
    chosen = [drawn[key] for key in CHARTS if key in drawn and drawn[key].table.rows]
    for place, each in enumerate(chosen):
        at = f"{'A' if place % 2 == 0 else 'F'}{last + 3 + place // 2 * 19}"
        book.draw(page, each.sheet, each.name, each.result, each.table, each.top, at)


def _notes(made: Workbook, actor: Actor, reports: Sequence[figures.Report]) -> None:
    page = sheets.sheet(made, str(L("How it is counted")))
    top = book.head(page, str(L("How it is counted")), [])
    rows = [
        [
            str(report.name),
            str(each.name),
            str(each.how) or str(L("Records that meet the figure’s filter, counted or summed.")),
        ]
        for report in reports
        for each in ready.of_report(actor, report)
    ]
    general = (
        L("Days are those of the business’s time zone; a period holds its first and its last day."),
        L(
            "Sums are in the company’s currency, at the rate that was kept with each record. Amounts without a rate are left out and told."
        ),
        L("A dash stands where there is nothing to divide by."),
        L("“Before” is the period named beside it; the change is (now − before) ÷ │before│."),
    )
    rows += [[str(L("All reports")), "", str(line)] for line in general]
    columns = [
        Column(str(L("Report", "figures")), width=24),
        Column(str(L("Figure")), width=34),
        Column(str(L("How it is counted")), width=90),
    ]
    sheets.table(page, top, columns, rows)


# ---------------------------------------------------------------- as a long work


def start(actor: Actor, period: str) -> int:
    """Write it in the background; the work's id."""
    periods.span(period)
    title = L("Workbook of %(period)s", period=periods.label(period) if period else _("All time"))
    return work.start(KIND, title, actor.id, _run, actor=actor, period=period)


def _run(progress: Progress, actor: Actor, period: str) -> dict[str, Any]:
    def step(done: int, total: int) -> None:
        progress.step(done, total)
        progress.check()

    kept = blobs.put(io.BytesIO(build(actor, period, step)))
    return {
        "sha": kept.sha256, "rights": rights_mark(actor), "name": file_name(period),
        "links": [[_("Download"), f"/reports/workbook/{progress.id}/file"]], "message": _("The workbook is ready."),
    }  # fmt: skip


def file_name(period: str) -> str:
    """``Testing & Sons reports October 2026.xlsx``."""
    span = periods.span(period)
    return f"{settings.get('company.name')} {L('Reports')} {periods.words(span)}.xlsx"


def rights_mark(actor: Actor) -> str:
    """What decides how far somebody sees, in short: a workbook made with other rights is not given out."""
    role = actor.role
    held = (sorted(role.grants.items()), sorted(role.default.items()), sorted(role.fields.items()), sorted(role.rights))
    return ids.digest(repr((actor.id, held, actor.team, sorted(actor.teams), sorted(actor.teams_below))))


def made(actor: Actor, number: int) -> tuple[str, str]:
    """(hash, name) of a workbook that this work wrote for the actor. Raises NotFound."""
    gone = NotFound(L("This file is not there any more. Export once more."))
    try:
        found = work.get(number)
    except NotFound:
        raise gone from None
    result = found.result or {}
    mine = found.kind == KIND and found.user == actor.id and result.get("rights") == rights_mark(actor)
    if not mine or not blobs.exists(str(result.get("sha", ""))):
        raise gone
    return str(result["sha"]), str(result["name"])


def _in_use(hashes: Sequence[str]) -> set[str]:
    """Which blobs are workbooks of works that are still remembered."""
    held = store.rows("SELECT result FROM work WHERE kind = ? AND result IS NOT NULL", [KIND])
    return {json.loads(text).get("sha") for (text,) in held} & set(hashes)


blobs.uses.append(_in_use)

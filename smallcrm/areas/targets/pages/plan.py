"""Setting targets: twelve months beside everybody, last year's taken over, a workbook out and in. Nothing typed is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports.rules import sheets
from smallcrm.areas.targets.pages import shown, standing, targets
from smallcrm.areas.targets.records.target import month_label
from smallcrm.areas.targets.rules import bringing, plans
from smallcrm.areas.targets.rules.plans import Months, Subject
from smallcrm.areas.targets.rules.progress import half_up
from smallcrm.base import clock, formats
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, settings
from smallcrm.records.figures import metrics
from smallcrm.records.figures.metrics import Metric
from smallcrm.web import downloads, toasts
from smallcrm.web.context import actor

MOST = Decimal(10**13)
Typed = dict[str, list[str]]  # word → twelve texts


def _here(who: Actor) -> tuple[Metric, int, list[Subject]]:
    standing.need(who)
    metric = plans.find_metric(request.values.get("metric", ""))
    year = request.values.get("year", clock.today().year, type=int)
    mine = [each for each in plans.subjects(who) if plans.may_set(who, each)]
    if not mine:
        raise Forbidden(access.refusal(who, "edit"))
    return metric, year if 2000 <= year <= 2100 else clock.today().year, mine


def _text(value: Decimal | None) -> str:
    if value is None:
        return ""
    return formats.number(value if value != value.to_integral_value() else int(value))


def _texts(months: Months) -> list[str]:
    return [_text(value) for value in months]


@targets.get("/targets/plan")
def plan() -> str:
    """The grid; with ``percent`` filled from last year, not yet kept."""
    who = actor()
    metric, year, mine = _here(who)
    said, errors = "", {}
    typed = {word: _texts(months) for word, (_n, months) in plans.held(metric.key, year).items()}
    if request.args.get("percent") is not None:
        try:
            percent = _read(request.args["percent"] or "0", least=Decimal(-100)) or Decimal(0)
            typed |= {word: _texts(months) for word, months in plans.from_last_year(metric, year, percent).items()}
            said = str(L("Filled from %(year)s. Nothing is kept until you save.", year=year - 1))
        except ValueError:
            errors = {"percent": str(L("This is no number."))}
    return _page(metric, year, mine, typed, said=said, errors=errors)


def _page(metric: Metric, year: int, mine: list[Subject], typed: Typed, **more: Any) -> str:
    none = [""] * 12
    return render_template(
        "targets/plan.html", metric=metric, year=year, metrics=[(each.key, str(each.label)) for each in metrics.all()],
        months=[month_label(n) for n in range(1, 13)], rows=[(each, typed.get(each.word, none), _sums(typed.get(each.word, none))) for each in mine],
        currency=settings.money_currency() if metric.unit == "money" else "", this_year=clock.today().year,
        **({"said": "", "errors": {}, "bad": {}, "unknown": []} | more),
    )  # fmt: skip


def _sums(texts: list[str]) -> tuple[str, list[str]]:
    """The year's and the quarters' sums of what is typed, where it can be read."""
    try:
        held = [_read(text) for text in texts]
    except ValueError:
        return "", ["", "", "", ""]
    return _text(plans.total(held)), [_text(plans.total(held, range(n, n + 3))) for n in (1, 4, 7, 10)]


def _read(text: str, *, least: Decimal = Decimal(0)) -> Decimal | None:
    """A number as it was typed, None for nothing. Raises ValueError."""
    if not text.strip():
        return None
    value = formats.parse_number(text.strip().removesuffix("%"))
    if not least <= value <= MOST:
        raise ValueError(text)
    return half_up(value)


@targets.post("/targets/plan")
def keep_plan() -> Response | tuple[str, int]:
    """Keep the grid."""
    who = actor()
    metric, year, mine = _here(who)
    typed: Typed = {
        each.word: [request.form.get(f"{each.word}-{n}", "")[:30] for n in range(1, 13)]
        for each in mine
        if f"{each.word}-1" in request.form
    }
    rows: dict[str, Months] = {}
    bad: dict[str, bool] = {}
    for word, texts in typed.items():
        months: list[Decimal | None] = []
        for n, text in enumerate(texts, 1):
            try:
                months.append(_read(text))
            except ValueError:
                bad[f"{word}-{n}"] = True
        rows[word] = tuple(months)
    if bad:
        said = ngettext(
            "%(n)s number cannot be read. Everything you typed is still here.",
            "%(n)s numbers cannot be read. Everything you typed is still here.",
            len(bad),
        )
        return _page(metric, year, mine, typed, bad=bad, errors={"": said}), 422
    with changesets.opened(who, "form") as changes:
        n = plans.keep(who, metric, year, rows)
    toasts.say(ngettext("%(n)s target changed.", "%(n)s targets changed.", n), undo=changes.id if n else None)
    return redirect(f"/targets/plan?metric={metric.key}&year={year}", 303)


@targets.get("/targets/plan/excel")
def plan_excel() -> Response:
    """The grid as a workbook that can be brought back."""
    who = actor()
    metric, year, mine = _here(who)
    held = plans.held(metric.key, year)
    currency = settings.money_currency() if metric.unit == "money" else ""
    unit = "money" if currency else "number"
    columns = [
        sheets.Column(str(L("For", "target"))),
        *(sheets.Column(str(month_label(n)), unit, currency, metric.places) for n in range(1, 13)),
    ]
    rows = [[each.name, *(held[each.word][1] if each.word in held else [None] * 12)] for each in mine]
    made = sheets.new_book()
    title = f"{metric.label} {year}"
    sheets.table(
        sheets.sheet(made, title), 1, [sheets.Column(c.title, c.unit, "", c.places, c.width) for c in columns], rows
    )
    return book(
        sheets.content(made, title=title, company=str(settings.get("company.name"))), f"{L('Targets')} {title}.xlsx"
    )


def book(content: bytes, name: str) -> Response:
    """A workbook to be saved."""
    from flask import make_response

    response = make_response(content)
    response.headers["Content-Type"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response.headers["Cache-Control"] = "no-store"
    return downloads.saved_as(response, name)


@targets.post("/targets/plan/excel")
def bring_plan() -> str | tuple[str, int]:
    """A workbook's targets in the grid, not yet kept; who is not known is said."""
    who = actor()
    metric, year, mine = _here(who)
    typed = {word: _texts(months) for word, (_n, months) in plans.held(metric.key, year).items()}
    try:
        found = bringing.read(request.files.get("file"), mine)
    except Invalid as error:
        return _page(metric, year, mine, typed, errors={"file": " ".join(error.errors["file"])}), 422
    typed |= {word: _texts(months) for word, months in found.rows.items()}
    said = ngettext(
        "%(n)s row brought in. Nothing is kept until you save.",
        "%(n)s rows brought in. Nothing is kept until you save.",
        len(found.rows),
    )
    return _page(metric, year, mine, typed, said=said, unknown=found.unknown)


__all__ = ["book", "bring_plan", "keep_plan", "plan", "plan_excel", "shown"]

"""The commission sheet of a month, and the same as a workbook."""

from __future__ import annotations

from decimal import Decimal

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports.rules import sheets
from smallcrm.areas.targets.pages import shown, standing, targets
from smallcrm.areas.targets.pages.plan import book
from smallcrm.areas.targets.rules import checking, commission, plans
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Scope
from smallcrm.records import audit, settings
from smallcrm.records.figures import periods, words
from smallcrm.web.context import actor


def _month() -> str:
    month = checking.now(request.args.get("month", ""))
    checking.span_of(month)
    if len(month) != 7 or "Q" in month:
        raise BadRequest(L("There is no period “%(period)s”.", period=month[:40]))
    return month


@targets.get("/targets/commission")
def sheet() -> str:
    """The page: everybody within reach."""
    who = actor()
    standing.need(who)
    month, metric = _month(), plans.find_metric("won_value")
    lines = commission.sheet(who, month)
    return render_template(
        "targets/commission.html", month=month, words=periods.bucket_words(month, "month"), before=checking.following(month, -1),
        after=checking.following(month, 1), total=shown.amount(sum((each.amount for each in lines), Decimal(0)), metric),
        lines=[
            (each, shown.amount(each.target, metric), shown.amount(each.won, metric), shown.percent(each.reached), shown.percent(each.rate),
             shown.amount(each.amount, metric))
            for each in lines
        ],
        sums_in=words.sums_in(settings.money_currency(), checking.without(who, metric, month)),
        sees_plans=who.scope("commission_plan", "view") is not Scope.NONE,
        may_set=any(plans.may_set(who, each) for each in plans.subjects(who)),
    )  # fmt: skip


@targets.get("/targets/commission/excel")
def sheet_excel() -> Response:
    """The sheet as a workbook."""
    who = actor()
    standing.need(who)
    month, currency = _month(), settings.money_currency()
    lines = commission.sheet(who, month)
    columns = [
        sheets.Column(str(L("Person"))), sheets.Column(str(L("Commission plan"))), sheets.Column(str(L("Target")), "money", currency),
        sheets.Column(str(L("Won value")), "money", currency), sheets.Column(str(L("Achievement")), "percent"),
        sheets.Column(str(L("Rate")), "percent"), sheets.Column(str(L("Commission")), "money", currency),
    ]  # fmt: skip
    rows = [[each.name, each.plan, each.target, each.won, each.reached, each.rate, each.amount] for each in lines]
    won, amount = (sum((getattr(each, name) for each in lines), Decimal(0)) for name in ("won", "amount"))
    made = sheets.new_book()
    title = f"{L('Commission')} {periods.bucket_words(month, 'month')}"
    sheets.table(
        sheets.sheet(made, title), 1, columns, rows, total=[str(L("Total")), "", None, won, None, None, amount]
    )
    audit.log(who, "export", detail={"report": "commission", "n": len(lines), "month": month})
    return book(sheets.content(made, title=title, company=str(settings.get("company.name"))), f"{title}.xlsx")

"""A page's figures as a workbook: amounts are amounts, days are days, and a second sheet says what they are about."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Response, make_response

from smallcrm.areas.forecast.pages.state import State
from smallcrm.base import clock, formats, money
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Scope
from smallcrm.records import access, audit
from smallcrm.records.exchange import sheets_out
from smallcrm.web.downloads import saved_as

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 50_000  # rows


@dataclass
class Sheet:
    """Columns (title, kind) and rows. Kinds: text, money, integer, percent, number, date."""

    title: str
    columns: Sequence[tuple[str, str]]
    rows: list[Sequence[Any]] = field(default_factory=list)


def amount(units: int | None, currency: str) -> Decimal | None:
    """An amount as a cell."""
    return None if units is None else money.major(units, currency)


def rate(value: Decimal | None) -> Decimal | None:
    """A share as a cell, to a hundredth of a percent."""
    return None if value is None else value.quantize(Decimal("0.0001"))


def a_day(text: str | None) -> dt.date | None:
    """A day as a cell."""
    return dt.date.fromisoformat(text) if text else None


def need(state: State) -> None:
    """Raise Forbidden for whoever may not take data out."""
    if state.actor.scope("opportunity", "export") is Scope.NONE:
        raise Forbidden(access.refusal(state.actor, "export"))


def answer(state: State, sheet: Sheet, currency: str, about: Sequence[tuple[str, str]] = ()) -> Response:
    """The workbook as a download, written down in the audit log."""
    need(state)
    said = [
        (str(L("Figures of")), sheet.title), (str(L("As of")), formats.date(state.which.today, year=True)),
        (str(L("Currency")), currency), *about,
        (str(L("Amounts")), str(L("In the company's currency, at the rate kept with each opportunity."))),
    ]  # fmt: skip
    columns = [
        {"title": title, "kind": kind, **({"decimals": money.digits(currency)} if kind == "money" else {})}
        for title, kind in sheet.columns
    ]
    book = {
        "title": sheet.title, "columns": columns, "frozen": 1, "date_format": "yyyy-mm-dd", "lists": [], "lists_title": "",
        "sheets": [{"title": str(L("About these figures")), "rows": [list(row) for row in said], "widths": (28, 70)}],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.xlsx"
        sheets_out.write_book(path, book, sheet.rows[:MOST])
        data = path.read_bytes()
    audit.log(state.actor, "export", record_type="opportunity", detail={"page": state.url(), "rows": len(sheet.rows)})
    response = make_response(data)
    response.headers["Content-Type"] = XLSX
    return saved_as(response, f"{sheet.title} {clock.today().isoformat()}.xlsx")

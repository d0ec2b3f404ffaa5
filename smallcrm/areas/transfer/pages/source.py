"""Where the table lies: sheet, header row, encoding, separator, with the first rows to look at."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import answers, checking, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import after, need
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.records.exchange.cells import shown
from smallcrm.records.exchange.decoding import NAMES
from smallcrm.records.record import RecordType
from smallcrm.web.context import actor

ROWS, WIDTH = 12, 8


@transfer.get("/<type:kind>/import/<token>/source")
def source_form(kind: RecordType, token: str) -> str:
    """The dialog; a choice in it draws it anew with the rows as they would be read."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    error = ""
    changes = _changes(request.args)
    if changes:
        found.mapping = answers.take_source(found.mapping, changes)
    try:
        with checking.opened(found) as book:
            context = _context(kind, found, book)
    except (Invalid, BadRequest) as wrong:
        error = str(wrong)
        found = staging.find(who, token, kind=kind)
        with checking.opened(found) as book:
            context = _context(kind, found, book)
    return render_template("transfer/_source.html", kind=kind, found=found, error=error, **context)


def _changes(form: Any) -> dict[str, Any]:
    changes: dict[str, Any] = {name: form[name] for name in ("encoding", "separator", "sheet") if form.get(name)}
    rows = form.getlist("header")
    if "none" in rows:
        changes["header_rows"] = []
    elif rows:
        changes["header_rows"] = sorted(ids.numbers(rows))[:2]
    return changes


def _context(kind: RecordType, found: staging.Staged, book: Any) -> dict[str, Any]:
    who = actor()
    reading = checking.read(who, kind, found, book).reading
    sheet = reading.guess.sheet
    head = sheet.head(ROWS)
    width = min(WIDTH, max((len(cells) for _, cells in head), default=1))
    rows = [
        (
            number,
            number in reading.guess.layout.header_rows,
            [shown(cell)[:60] for cell in [*cells, *([None] * width)][:width]],
        )
        for number, cells in head
    ]
    return {
        "sheets": [(each.name, each.facts.filled) for each in book.sheets], "sheet": sheet.name, "rows": rows,
        "text": book.facts.kind == "text", "encoding": book.facts.encoding, "separator": book.facts.separator,
        "encodings": NAMES, "headless": not reading.guess.layout.header_rows,
        "url": f"/{kind.card.name}/import/{found.token}",
    }  # fmt: skip


@transfer.post("/<type:kind>/import/<token>/source")
def source(kind: RecordType, token: str) -> Response | str:
    """Take it; what was said about columns holds no more."""
    who = actor()
    need(who, kind)
    changes = _changes(request.form)
    with staging.changing(token):
        found = staging.find(who, token, kind=kind)
        if not changes:
            raise BadRequest(L("Nothing was chosen."))
        found.put(mapping=answers.take_source(found.mapping, changes))
    return after(kind, found)

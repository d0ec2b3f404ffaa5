"""What stands behind a figure: exactly the opportunities that it sums, each with the part that counts there; also as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request

from smallcrm.areas.forecast.pages import book, forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import figures
from smallcrm.areas.forecast.rules.figures import APART, HELD, Behind, Line
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, rows
from smallcrm.records.record import by_key
from smallcrm.web.context import actor

PAGE = 100
OWN: tuple[str, ...] = ("column", "place", "key")


def cell_of(state: State) -> Behind:
    """The cell that an address names."""
    said = dict(state.more)
    column = said.get("column", "")
    place = said.get("place", "")
    known = {period.key for period in state.periods} | set(APART)
    return Behind(
        state.by, states.number(said.get("key"), least=0), column if column in HELD else "expected",
        place if place in known else "",
    )  # fmt: skip


def told(who: Actor, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines with what they are called."""
    ids = [line.id for line in lines]
    held = rows.load(by_key("opportunity"), ids, only=("id", "name", "customer", "amount", "currency"))
    customers = access.names(who, "customer", [each["customer"] for each in held.values() if each["customer"]])
    people = access.names(who, "user", [line.owner for line in lines if line.owner])
    return [
        {
            "line": line, "name": held[line.id]["name"] or f"#{line.id}", "customer": customers.get(held[line.id]["customer"] or 0, ""),
            "customer_id": held[line.id]["customer"], "own": (held[line.id]["amount"], held[line.id]["currency"]),
            "stage": step.name if (step := stages.step(line.stage)) else "", "person": people.get(line.owner or 0, ""),
        }
        for line in lines
        if line.id in held
    ]  # fmt: skip


def names_of(who: Actor, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Opportunity → its name and its customer's, where the reader sees that one."""
    held = rows.load(by_key("opportunity"), ids, only=("id", "name", "customer"))
    customers = access.names(who, "customer", [each["customer"] for each in held.values() if each["customer"]])
    return {
        number: (each["name"] or f"#{number}", customers.get(each["customer"] or 0, ""))
        for number, each in held.items()
    }


def words(state: State, cell: Behind) -> str:
    """Which figure it is."""
    name = ""
    if cell.key is not None and cell.by:
        linked = {"person": "user"}.get(cell.by, cell.by)
        name = (
            access.names(state.actor, linked, [cell.key]).get(cell.key, f"#{cell.key}")
            if cell.key
            else naming.nobody(cell.by)
        )
    place = str(naming.PLACES[cell.place]) if cell.place in naming.PLACES else ""
    if not place:
        chosen = [period for period in state.periods if cell.place in ("", period.key)]
        place = chosen[0].words if len(chosen) == 1 else f"{chosen[0].words} – {chosen[-1].words}"
    return " · ".join(part for part in (str(naming.COLUMNS[cell.column]), place, name) if part)


@forecast_pages.get("/forecast/behind")
def behind() -> str:
    """A page of them; with a cursor the rows that follow."""
    state = states.read(actor(), request.args, "/forecast/behind", OWN)
    cell = cell_of(state)
    last = cursor_of(request.args.get("cursor"))
    lines = figures.behind(state.which, state.periods, cell, limit=PAGE + 1, after=last)
    more = lines[PAGE - 1] if len(lines) > PAGE else None
    context = {
        "items": told(state.actor, lines[:PAGE]), "past": state.which.past,
        "following": state.url(cursor=f"{more.amount or 0}_{more.id}") if more else None, **naming.frame(state),
    }  # fmt: skip
    if request.headers.get("HX-Request") and last:
        return render_template("forecast/_behind.html", **context)
    n, total, weighted = figures.sum_behind(state.which, state.periods, cell)
    return render_template(
        "forecast/behind.html", title=words(state, cell), n=n, total=total, weighted=weighted,
        shows_weight=cell.column in ("weighted", "expected"), back=state.url(to="/forecast", more=()), **context,
    )  # fmt: skip


def cursor_of(text: str | None) -> tuple[int, int] | None:
    amount, _, number = (text or "").partition("_")
    found = states.number(amount.removeprefix("-"), least=0), states.number(number)
    if found[0] is None or found[1] is None:
        return None
    return (-found[0] if amount.startswith("-") else found[0]), found[1]


def sheet_of(state: State, title: str, lines: Sequence[Line]) -> book.Sheet:
    """Opportunities as a sheet."""
    code = naming.currency()
    titles = (
        (L("Opportunity"), "text"), (L("Customer"), "text"), (L("Stage"), "text"), (L("Owner"), "text"), (L("Day", "expected or closed"), "date"),
        (L("Part that counts"), "money"), (L("Weighted"), "money"), (L("Number"), "integer"),
    )  # fmt: skip
    sheet = book.Sheet(title, [(str(words_), kind) for words_, kind in titles])
    for start in range(0, len(lines), 500):
        for each in told(state.actor, lines[start : start + 500]):
            line = each["line"]
            sheet.rows.append(
                [
                    each["name"], each["customer"], each["stage"], each["person"], book.a_day(line.day),
                    book.amount(line.amount, code), book.amount(line.weighted, code), line.id,
                ]
            )  # fmt: skip
    return sheet


@forecast_pages.get("/forecast/behind.xlsx")
def behind_file() -> Response:
    """All of them as a workbook."""
    state = states.read(actor(), request.args, "/forecast/behind", OWN)
    book.need(state)
    cell = cell_of(state)
    lines = figures.behind(state.which, state.periods, cell, limit=book.MOST)
    title = words(state, cell)
    return book.answer(
        state, sheet_of(state, str(L("Opportunities")), lines), naming.currency(), [(str(L("Figure")), title)]
    )

"""``/forecast``: what will be sold, by period, person, team, product or pipeline, with what managers expect beside the sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request

from smallcrm.areas.forecast.pages import book, charts, forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import figures, kept, overrides
from smallcrm.areas.forecast.rules.figures import APART, CATEGORIES, COLUMNS, Figures, Table
from smallcrm.areas.forecast.rules.overrides import Override, Subject
from smallcrm.areas.forecast.rules.periods import Period
from smallcrm.base import formats
from smallcrm.base.i18n import L, language
from smallcrm.identity.actor import Actor
from smallcrm.web.context import actor

_INKS = (("won", "b5"), ("in_commit", "b1"), ("in_best", "b2"), ("in_pipeline", "b3"))


@dataclass(frozen=True)
class Row:
    """A line of the table: a period, or a person, team, product, pipeline in all periods shown."""

    name: str
    figures: Figures
    depth: int = 0
    key: int | None = None  # of a person, team …; None: of all
    place: str = ""  # a period's key, or apart
    subject: Subject | None = None
    period: str = ""
    said: dict[str, Override] | None = None  # category → what a manager expects instead
    may_say: bool = False


@dataclass(frozen=True)
class Page:
    """The figures of a page."""

    state: State
    found: Table
    rows: list[Row]
    apart: list[Row]
    total: Figures
    whole: Figures
    unrated: int


def look_up(state: State) -> Page:
    """Everything that the page, its file and the API show."""
    found = figures.table(state.which, state.periods, by=state.by)
    everything = _all(found)
    rows = _by_key(state, found) if state.by else _by_period(state, everything)
    apart = [Row(str(naming.PLACES[place]), everything[place], place=place) for place in APART if place in everything]
    total = figures.across(everything, state.periods)
    return Page(
        state, found, rows, apart, total, everything.get(state.begin.key, Figures()),
        figures.without_value(state.which, state.periods),
    )  # fmt: skip


@kept.kept
def _seen(_actor: Actor, state: State, _language: str) -> Page:
    """The same, kept for a moment."""
    return look_up(state)


def _all(found: Table) -> dict[str, Figures]:
    """Place → everybody's together."""
    made: dict[str, Figures] = {}
    for row in found.values():
        for place, each in row.items():
            made.setdefault(place, Figures()).add(each)
    return made


def _by_period(state: State, everything: dict[str, Figures]) -> list[Row]:
    subject = overrides.subject_of(state.which)
    seen = subject is not None and overrides.may_see(state.actor, subject)
    keys = [period.key for period in state.periods]
    until = state.which.moment if state.which.past else "9999"
    said = overrides.latest(subject.kind, [subject.id], keys, until=until) if subject and seen else {}
    may = bool(subject and overrides.may_set(state.actor, subject) and not state.which.past)
    return [
        Row(
            period.words, everything.get(period.key, Figures()), place=period.key, subject=subject if seen else None, period=period.key,
            said=_said(said, subject.id if subject else 0, period), may_say=may,
        )
        for period in state.periods
    ]  # fmt: skip


def _by_key(state: State, found: Table) -> list[Row]:
    shown = figures.up_the_tree(found) if state.by == "team" else found
    lines = naming.rows_of(state.actor, state.by, shown)
    kind = {"person": "user", "team": "team"}.get(state.by, "")
    one = state.periods[0] if len(state.periods) == 1 and kind else None
    plain = overrides.subject_of(State(state.actor).which) and not (
        state.pipeline or state.product is not None or state.source
    )
    keys = [key for key, *_ in lines if key]
    until = state.which.moment if state.which.past else "9999"
    said = overrides.latest(kind, keys, [one.key], until=until) if one and plain else {}
    made = []
    for key, name, depth in lines:
        subject = (
            Subject(kind, key) if one and plain and key and overrides.may_see(state.actor, Subject(kind, key)) else None
        )
        made.append(
            Row(
                name, figures.across(shown[key or None], state.periods), depth, key, subject=subject, period=one.key if one else "",
                said=_said(said, key, one) if subject and one else None,
                may_say=bool(subject and overrides.may_set(state.actor, subject) and not state.which.past),
            )
        )  # fmt: skip
    return made


def _said(found: Any, subject: int, period: Period) -> dict[str, Override]:
    return {
        category: found[subject, period.key, category]
        for category in CATEGORIES
        if (subject, period.key, category) in found
    }


@forecast_pages.get("/forecast")
def page() -> str:
    """The page."""
    state = states.read(actor(), request.args)
    found = _seen(state.actor, state, language())
    return render_template(
        "forecast/page.html", page=found, bars=_chart(state, found), by_names=[(k, str(v)) for k, v in naming.BY.items()],
        columns=COLUMNS, categories=CATEGORIES, cell=lambda row, column: cell_url(state, row, column),
        before=state.url(first=state.begin.after(-1)), after=state.url(first=state.begin.after(1)),
        shown=_shown(state), **naming.frame(state), **naming.choices(state, products=True),
    )  # fmt: skip


def cell_url(state: State, row: Row | None, column: str) -> str:
    """What stands behind a cell."""
    cell = {"column": column}
    if row is not None:
        cell |= {"place": row.place, "key": "" if row.key is None else str(row.key)}
    return state.url(to="/forecast/behind", **cell)


def _shown(state: State) -> str:
    """The periods shown, in words."""
    first, last = state.periods[0], state.periods[-1]
    return first.words if first == last else str(L("%(first)s to %(last)s", first=first.words, last=last.words))


def _chart(state: State, found: Page) -> charts.Chart:
    code = naming.currency()
    columns = []
    rows = found.rows if not state.by else found.rows[:12]
    for row in rows:
        parts = []
        for name, ink in _INKS:
            value = int(getattr(row.figures, name))
            said = f"{row.name}, {naming.COLUMNS[name]}: {formats.currency(value, code)}"
            parts.append((value, ink, said, cell_url(state, row, name)))
        columns.append((_short(state, row), parts, row.figures.expected))
    return charts.stacked(columns)


def _short(state: State, row: Row) -> str:
    if state.by:
        return row.name if len(row.name) <= 12 else f"{row.name[:11]}…"
    period = next(period for period in state.periods if period.key == row.place)
    if state.unit != "month":
        return period.words
    names = formats.pattern(language()).months
    return names[period.month - 1] if period.month > 1 else f"{names[0]} {period.year}"


@forecast_pages.get("/forecast/export.xlsx")
def as_file() -> Response:
    """The page's table as a workbook."""
    state = states.read(actor(), request.args)
    book.need(state)
    found = look_up(state)
    code = naming.currency()
    columns = [(str(naming.BY[state.by]), "text"), *((str(naming.COLUMNS[name]), "money") for name in COLUMNS)]
    columns += [
        (str(L("Expected by the manager: %(column)s", column=naming.COLUMNS[name])), "money") for name in CATEGORIES
    ]
    columns += [(str(naming.COLUMNS["omitted"]), "money"), (naming.frame(state)["many"], "integer")]
    sheet = book.Sheet(str(L("Forecast")), columns)
    for row in [*found.rows, Row(str(L("Total")), found.total), *found.apart]:
        sheet.rows.append(
            [
                f"{'  ' * row.depth}{row.name}", *(book.amount(row.figures.value(name), code) for name in COLUMNS),
                *(book.amount(each.amount, code) if (each := (row.said or {}).get(name)) else None for name in CATEGORIES),
                book.amount(row.figures.omitted, code), row.figures.count(),
            ]
        )  # fmt: skip
    return book.answer(state, sheet, code, [(str(L("Period")), _shown(state))])

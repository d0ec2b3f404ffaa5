"""``/forecast/funnel``: true conversion beside the snapshot, speed, stays, slipped ones, and taking over what a stage was worth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from smallcrm.areas.forecast.pages import book, forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import figures, funnel, kept, overrides, speed, targets
from smallcrm.areas.forecast.rules import which as choosing
from smallcrm.areas.forecast.rules.funnel import Passage, Stay, Worth
from smallcrm.areas.forecast.rules.periods import Period, of
from smallcrm.areas.forecast.rules.speed import Speed
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.pipeline.records import Stage
from smallcrm.areas.pipeline.rules.stages import Way
from smallcrm.base import formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, Label, language
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets
from smallcrm.records.record import title
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.security import local_path

HERE = "/forecast/funnel"
BY: dict[str, Label] = {
    "month": L("Month"), "person": L("Person"), "team": L("Team"), "pipeline": L("Pipeline"), "source": L("Source"),
}  # fmt: skip
OWN: tuple[str, ...] = ("rows",)


@dataclass(frozen=True)
class Line:
    """A stage with everything told of it."""

    passage: Passage
    stay: Stay
    worth: Worth
    standing: tuple[int, int]

    @property
    def differs(self) -> bool:
        """Whether history says another chance than the stage."""
        return self.worth.chance is not None and self.worth.chance != self.worth.step.chance


@dataclass(frozen=True)
class Page:
    """The figures of the page."""

    state: State
    way: Way | None
    period: tuple[dt.date, dt.date]
    lines: list[Line]
    speed: Speed
    by: str
    rows: list[tuple[str, str, Speed]]  # key, name
    slipped: list[funnel.Found]
    open: int
    target: int | None
    coverage: Decimal | None


def period_of(state: State) -> tuple[dt.date, dt.date]:
    """The days looked at: the periods asked for, else the present one and the two before."""
    if state.first or state.n:
        return state.periods[0].first, state.periods[-1].last
    now = of(state.which.today, state.unit)
    return now.after(-2).first, now.last


def by_of(state: State) -> str:
    """What the table of speed has rows of."""
    wanted = dict(state.more).get("rows", "")
    return wanted if wanted in BY else "month"


def look_up(state: State) -> Page:
    """Everything that the page, its file and the API show."""
    which, way, (first, last) = state.which, funnel.way_of(state.which), period_of(state)
    by = by_of(state)
    one = Which(which.actor, which.as_of, way.id if way else None, which.person, which.team, None, which.source)
    whole = speed.speeds(one, first, last)
    table = speed.speeds(which, first, last, by=by)
    open_, won = _period(which, first, last)
    target = targets.of(overrides.target_of(which), first, last)
    return Page(
        state, way, (first, last), _lines(one, way, first, last) if way else [], speed.total(whole), by, _rows(state, by, table),
        funnel.slipped(one, first, last), open_, target, speed.coverage(open_, target, won),
    )  # fmt: skip


def seen(state: State) -> Page:
    """The same, kept for a moment."""
    return _seen(state.actor, state, language())


@kept.kept
def _seen(_actor: Actor, state: State, _language: str) -> Page:
    return look_up(state)


def _lines(which: Which, way: Way, first: dt.date, last: dt.date) -> list[Line]:
    stays, standing = funnel.stays(which, way, first, last), funnel.snapshot(which, way)
    worths = {each.step.id: each for each in funnel.worth(which, way)}
    return [
        Line(each, stays[each.step.id], worths[each.step.id], standing.get(each.step.id, (0, 0)))
        for each in funnel.cohort(which, way, first, last)
    ]


def _period(which: Which, first: dt.date, last: dt.date) -> tuple[int, int]:
    """(open pipeline that closes in the period, won in it)."""
    months = [Period(first.year, first.month)]
    while months[-1].last < last:
        months.append(months[-1].after())
    found = figures.table(which, months, apart=False).get(None, {})
    total = figures.across(found, months)
    return total.open, total.won


def _rows(state: State, by: str, table: Any) -> list[tuple[str, str, Speed]]:
    keys = [key for key in table if key is not None]
    if by == "month":
        named = [(str(key), formats.month(dt.date.fromisoformat(f"{key}-01"))) for key in sorted(keys)]
    elif by == "source":
        named = [(str(key), str(key)) for key in sorted(keys)]
    else:
        names = access.names(state.actor, {"person": "user"}.get(by, by), keys)
        named = sorted(((str(key), names.get(key, f"#{key}")) for key in keys), key=lambda pair: pair[1])
    found = [(key, name, table[key if by in ("month", "source") else int(key)]) for key, name in named]
    if None in table:
        found.append(("", str(L("No source")) if by == "source" else naming.nobody(by), table[None]))
    return found


def may_take_over(line: Line) -> bool:
    """Whether the reader may edit the stage."""
    record = access.fetch(actor(), Stage, line.worth.step.id)
    return record is not None and access.may(actor(), record, "edit") and "chance" in access.writable(actor(), Stage)


@forecast_pages.get(HERE)
def funnel_page() -> str:
    """The page."""
    state = states.read(actor(), request.args, HERE, OWN)
    found = seen(state)
    first, last = found.period
    return render_template(
        "forecast/funnel.html", page=found, first=first, last=last, by_names=[(key, str(label)) for key, label in BY.items()],
        most=max([line.passage.entered for line in found.lines] or [0]), needs_pipeline=True, percent=percent, whole=percent_of,
        may={line.worth.step.id for line in found.lines if line.differs and not state.which.past and may_take_over(line)},
        span={"first_day": first.isoformat(), "last_day": last.isoformat()}, slipped_sum=sum(each[1] or 0 for each in found.slipped),
        **naming.frame(state), **naming.choices(state),
    )  # fmt: skip


def percent(value: Decimal | None) -> str:
    """A rate in words; "—" where there is nothing to divide by."""
    return "—" if value is None else formats.percent(value, 1 if 0 < value < 1 else 0)


def percent_of(value: Decimal | None) -> int:
    """A rate as a bar's width."""
    return round((value or 0) * 100)


@forecast_pages.post("/forecast/stages/<int:number>/chance")
def take_over(number: int) -> Answer:
    """Let a stage's chance be what its history says. Whoever may edit stages."""
    who = actor()
    choosing.need(who)
    record = access.find(who, Stage, number, "edit")
    wanted = states.number(request.form.get("chance"), least=0, most=100)
    if wanted is None:
        raise Invalid({"chance": [str(L("A chance is between 0 and 100 %."))]})
    with changesets.opened(who, "form") as mine:
        saved = change.update(who, record, {"chance": wanted}, version=request.form.get("version", type=int))
    toasts.say(str(L("%(name)s counts %(n)s %% from now on.", name=title(saved), n=wanted)), undo=mine.id or None)
    return redirect(local_path(request.form.get("back"), HERE), 303)


@forecast_pages.get("/forecast/funnel.xlsx")
def funnel_file() -> Response:
    """The stages as a workbook."""
    state = states.read(actor(), request.args, HERE, OWN)
    book.need(state)
    found, code = look_up(state), naming.currency()
    titles = (
        (L("Stage"), "text"), (L("Entered"), "integer"), (L("Reached the next"), "integer"), (L("Conversion"), "percent"),
        (L("Standing here"), "integer"), (L("Sum"), "money"), (L("Average stay in days"), "number"), (L("Days more than before"), "number"),
        (L("Chance set"), "percent"), (L("Chance by history"), "percent"),
    )  # fmt: skip
    sheet = book.Sheet(str(L("Funnel")), [(str(title), kind) for title, kind in titles])
    for line in found.lines:
        sheet.rows.append(
            [
                line.passage.step.name, line.passage.entered, line.passage.reached, book.rate(line.passage.rate), line.standing[0],
                book.amount(line.standing[1], code), line.stay.average, line.stay.trend, Decimal(line.worth.step.chance) / 100,
                None if line.worth.chance is None else Decimal(line.worth.chance) / 100,
            ]
        )  # fmt: skip
    for name, value in ((L("Win rate by count"), found.speed.rate), (L("Win rate by amount"), found.speed.rate_amount)):
        sheet.rows.append([str(name), None, None, book.rate(value)])
    first, last = found.period
    days = f"{formats.date(first, year=True)} – {formats.date(last, year=True)}"
    return book.answer(
        state, sheet, code, [(str(L("Period")), days), (str(L("Pipeline")), found.way.name if found.way else "")]
    )

"""``/forecast/moved``: what moved since Monday, or any day: a bridge from the open pipeline then to the one now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Response, render_template, request
from markupsafe import Markup

from smallcrm.areas.forecast.pages import book, charts, forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import bridge as bridges
from smallcrm.areas.forecast.rules import kept
from smallcrm.areas.forecast.rules import which as choosing
from smallcrm.areas.forecast.rules.bridge import KINDS, MEASURES, Bridge
from smallcrm.areas.forecast.rules.periods import Period, now
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor, Scope
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment

HERE = "/forecast/moved"
OWN: tuple[str, ...] = ("since", "closing", "measure")
NAMES: dict[str, Label] = {
    "new": L("New", "opportunities"), "reopened": L("Reopened"), "up": L("Amount up"), "down": L("Amount down"), "on": L("Stage on"),
    "back": L("Stage back"), "chance": L("Chance changed"), "forward": L("Brought forward"), "off": L("Put off"),
    "handed_in": L("Taken over"), "handed_out": L("Handed over"), "won": L("Won"), "lost": L("Lost or invalid"),
}  # fmt: skip
CLOSING: dict[str, Label] = {
    "": L("whenever"), "month": L("this month"), "quarter": L("this quarter"), "next": L("next quarter"), "year": L("this year"),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """The bridge and what it was asked for."""

    state: State
    since: dt.date
    closing: str
    measure: str
    bridge: Bridge

    @property
    def kinds(self) -> list[str]:
        """The kinds that happened, in order."""
        return [kind for kind in KINDS if self.bridge.of(kind)]


def since_of(state: State) -> dt.date:
    """The day from which: the one asked for, else the Monday of this week, of last week on a Monday."""
    asked = states.day(dict(state.more).get("since"))
    today = state.which.today
    if asked is not None and asked <= today:
        return asked
    return bridges.monday(today - dt.timedelta(days=1))


def look_up(state: State) -> Page:
    """Everything that the page, its file and the API show."""
    said = dict(state.more)
    closing = said.get("closing", "") if said.get("closing", "") in CLOSING else ""
    measure = said.get("measure", "") if said.get("measure", "") in MEASURES else "amount"
    since = since_of(state)
    period = _period(closing)
    span = {"first": period.first, "last": period.last} if period else {}
    return Page(state, since, closing, measure, bridges.bridge(state.which, since, measure=measure, **span))


@kept.kept
def _seen(_actor: Actor, state: State) -> Page:
    """The same, kept for a moment."""
    return look_up(state)


def _period(closing: str) -> Period | None:
    if not closing:
        return None
    return now("quarter").after(1) if closing == "next" else now(closing)


@forecast_pages.get(HERE)
def moved() -> str:
    """The page."""
    state = states.read(actor(), request.args, HERE, OWN)
    page = _seen(state.actor, state)
    return render_template(
        "forecast/moved.html", page=page, bars=chart(page), names={kind: str(label) for kind, label in NAMES.items()},
        closings=[(key, str(label)) for key, label in CLOSING.items() if key], cell=lambda kind: cell_url(page, kind),
        **naming.frame(state), **naming.choices(state),
    )  # fmt: skip


def cell_url(page: Page, kind: str) -> str:
    """What stands behind a step."""
    return page.state.url(to="/forecast/opportunities", what="moved", kind=kind)


def chart(page: Page) -> charts.Chart:
    """The waterfall; kinds that moved no sum are left to the table."""
    code, found = naming.currency(), page.bridge

    def said(words: str, value: int) -> str:
        return f"{words}: {formats.currency(value, code)}"

    then, end = (
        formats.date(page.since),
        str(L("Now")) if not page.state.which.past else formats.date(page.state.which.today),
    )
    steps = [
        (str(NAMES[kind]), value, False, said(str(NAMES[kind]), value), cell_url(page, kind))
        for kind in page.kinds
        if (value := found.sum(kind))
    ]
    whole = [(words, value, True, said(words, value), "") for words, value in ((then, found.start), (end, found.end))]
    return charts.waterfall([whole[0], *steps, whole[1]])


@forecast_pages.get("/forecast/moved.xlsx")
def moved_file() -> Response:
    """The bridge and every step's opportunities as a workbook."""
    from smallcrm.areas.forecast.pages.behind import names_of

    state = states.read(actor(), request.args, HERE, OWN)
    book.need(state)
    page, code = look_up(state), naming.currency()
    columns = (
        (L("What moved"), "text"),
        (L("Opportunity"), "text"),
        (L("Customer"), "text"),
        (L("Difference"), "money"),
    )
    sheet = book.Sheet(str(L("What moved")), [(str(title), kind) for title, kind in columns])
    sheet.rows.append(
        [
            str(L("Open on %(day)s", day=formats.date(page.since, year=True))),
            None,
            None,
            book.amount(page.bridge.start, code),
        ]
    )
    held = names_of(state.actor, [each.id for each in page.bridge.effects][: book.MOST])
    for kind in page.kinds:
        for each in page.bridge.of(kind):
            name, customer = held.get(each.id, (f"#{each.id}", ""))
            sheet.rows.append([str(NAMES[kind]), name, customer, book.amount(each.value, code)])
    sheet.rows.append([str(L("Open now")), None, None, book.amount(page.bridge.end, code)])
    return book.answer(
        state,
        sheet,
        code,
        [(str(L("Since")), formats.date(page.since, year=True)), (str(L("Closing")), str(CLOSING[page.closing]))],
    )


@kept.kept
def _this_week(who: Actor, since: dt.date) -> Bridge:
    return bridges.bridge(Which(who), since)


def section(who: Actor, team: bool) -> Markup | str:
    """Today's part for those who lead: what moved since Monday, in a few words."""
    if who.scope("opportunity", "view") in (Scope.NONE, Scope.OWN) or not team or not choosing.may_look(who):
        return ""
    today = clock.today()
    since = bridges.monday(today - dt.timedelta(days=1))
    found = _this_week(who, since)
    items = [(str(NAMES[kind]), len(found.of(kind)), found.sum(kind)) for kind in KINDS if found.of(kind)]
    return fragment("forecast/_moved.html", items=items, since=since, start=found.start, end=found.end) if items else ""

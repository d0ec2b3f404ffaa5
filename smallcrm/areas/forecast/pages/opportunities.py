"""The opportunities behind a figure of the funnel and behind a step of the bridge, exactly those that were counted."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template, request

from smallcrm.areas.forecast.pages import behind, book, forecast_pages, funnel, moved, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import funnel as rule
from smallcrm.areas.forecast.rules import speed
from smallcrm.areas.forecast.rules.bridge import KINDS
from smallcrm.areas.forecast.rules.figures import Line
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L, Label
from smallcrm.records import rows
from smallcrm.records.record import by_key
from smallcrm.web.context import actor

HERE = "/forecast/opportunities"
OWN: tuple[str, ...] = ("what", "stage", "kind", "key", *funnel.OWN, *moved.OWN)
WHAT: dict[str, Label] = {
    "entered": L("Entered"), "reached": L("Reached the next stage"), "stopped": L("Not gone on yet"), "standing": L("Standing here"),
    "slipped": L("Slipped"), "won": L("Won"), "lost": L("Lost"), "closed": L("Won or lost"),
}  # fmt: skip
PAGE = 100


def look_up(state: State) -> tuple[str, list[Line], str]:
    """What it is called, the opportunities, and the page to go back to. Raises NotFound."""
    said = dict(state.more)
    what = said.get("what", "")
    if what == "moved":
        kind = said.get("kind", "")
        if kind not in KINDS:
            raise NotFound(L("There is no such figure."))
        page = moved.look_up(state)
        effects = page.bridge.of(kind)
        held = rows.load(
            by_key("opportunity"),
            [each.id for each in effects],
            only=("id", "stage", "owner", "expected_close", "state"),
        )
        lines = [
            Line(each.id, found["state"], found["expected_close"], found["stage"], found["owner"], each.value, None)
            for each in effects
            if (found := held.get(each.id))
        ]
        return str(moved.NAMES[kind]), lines, moved.HERE
    if what not in WHAT:
        raise NotFound(L("There is no such figure."))
    return _of_funnel(state, what, said)


def _of_funnel(state: State, what: str, said: dict[str, str]) -> tuple[str, list[Line], str]:
    first, last = funnel.period_of(state)
    way, step = rule.way_of(state.which), stages.step(states.number(said.get("stage")) or 0)
    which = state.which
    one = Which(which.actor, which.as_of, way.id if way else None, which.person, which.team, None, which.source)
    found: Sequence[rule.Found]
    if what in ("won", "lost", "closed"):
        kinds = ("won", "lost") if what == "closed" else (what,)
        by = funnel.by_of(state) if "key" in said or said.get("rows") else ""
        key = _key(by, said.get("key", "")) if by else None
        found = speed.closed_behind(which if by else one, first, last, kinds, by, key)
    elif what == "slipped":
        found = rule.slipped(one, first, last)
    elif way is None or step is None or step not in way.open_steps:
        raise NotFound(L("There is no such figure."))
    elif what == "standing":
        found = rule.standing_behind(one, way, step.id)
    else:
        found = rule.cohort_behind(
            one, way, first, last, step.id, reached={"reached": True, "stopped": False}.get(what)
        )
    title = (
        f"{WHAT[what]} · {step.name}"
        if step and what in ("entered", "reached", "stopped", "standing")
        else str(WHAT[what])
    )
    lines = [Line(number, "", _day(day), stage, owner, amount, None) for number, amount, day, stage, owner in found]
    return title, lines, funnel.HERE


def _key(by: str, text: str) -> str | int:
    return text if by in ("month", "source") else states.number(text) or 0


def _day(text: str | None) -> str | None:
    return str(clock.day_of(clock.moment(text))) if text and "T" in text else text


@forecast_pages.get(HERE)
def opportunities() -> str:
    """A page of them."""
    state = states.read(actor(), request.args, HERE, OWN)
    title, lines, back = look_up(state)
    skip = states.number(request.args.get("skip"), most=10**6) or 0
    following = state.url(skip=skip + PAGE) if len(lines) > skip + PAGE else None
    context = {
        "items": behind.told(state.actor, lines[skip : skip + PAGE]), "following": following, "past": state.which.past,
        **naming.frame(state),
    }  # fmt: skip
    if request.headers.get("HX-Request") and skip:
        return render_template("forecast/_behind.html", **context)
    kept = tuple((name, value) for name, value in state.more if name in (*funnel.OWN, *moved.OWN))
    return render_template(
        "forecast/behind.html", title=title, n=len({line.id for line in lines}), total=sum(line.amount or 0 for line in lines), weighted=0,
        shows_weight=False, back=state.url(to=back, more=kept), **context,
    )  # fmt: skip


@forecast_pages.get(f"{HERE}.xlsx")
def opportunities_file() -> Response:
    """All of them as a workbook."""
    state = states.read(actor(), request.args, HERE, OWN)
    book.need(state)
    title, lines, _back = look_up(state)
    sheet = behind.sheet_of(state, str(L("Opportunities")), lines)
    return book.answer(state, sheet, naming.currency(), [(str(L("Figure")), title)])

"""Moving an opportunity: by drag, by its stage path, by Won, Lost, Invalid, Reopen; and ticking off what a stage asks for."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.pipeline.pages import pipeline_pages
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, rated, ready, stages
from smallcrm.areas.pipeline.rules.moving import Gate
from smallcrm.areas.pipeline.rules.stages import Step
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, NotFound, Stale, WrongState
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title, values
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back

# What is asked as an opportunity ends, beside what the stage itself requires.
ASKED = {
    "won": ("closed_on", "amount", "close_reason", "close_note"),
    "lost": ("close_reason", "lost_to", "closed_on", "ask_again_on", "close_note"),
    "invalid": ("close_note",),
}  # fmt: skip


def _found(number: int) -> tuple[Actor, Record]:
    who = actor()
    return who, access.find(who, Opportunity, number, "edit")


def _aim(record: Record) -> Step:
    """The stage meant by the address: by id, or the first that means ``kind``."""
    held = values(record)
    number = request.values.get("to", type=int)
    if not number and not request.values.get("kind"):
        raise BadRequest(L("Say which stage is meant."))
    way = stages.pipeline(held["pipeline"])
    found = stages.step(number) if number else way.ending(request.values.get("kind", "")) if way else None
    if found is None:
        raise NotFound(L("There is no such stage any more."))
    return found


# ---------------------------------------------------------------- the form


def _asks(record: Record, aim: Step) -> tuple[Gate, list[str]]:
    """What is in the way, and the fields the form shows."""
    held = values(record)
    here = stages.step(held["stage"])
    found = moving.gate(actor(), held, here, aim) if here else Gate()
    return found, list(dict.fromkeys([*found.fields, *(ASKED.get(aim.kind, ()))]))


def _form(
    who: Actor,
    record: Record,
    aim: Step,
    *,
    errors: Mapping[str, Any] | None = None,
    typed: Mapping[str, Any] | None = None,
    board: bool = False,
) -> str:
    found, names = _asks(record, aim)
    writable = access.writable(who, Opportunity)
    held = {**values(record)}
    if aim.ended and not held.get("closed_on"):
        held["closed_on"] = clock.today().isoformat()
    controls = [
        inputs.of(who, Opportunity, name, writable[name], held, typed=typed, errors=errors)
        for name in names
        if name in writable
    ]
    for control in controls:
        if control.name in found.fields or (
            control.name == "close_reason" and aim.kind == "lost" and _needs_reason(aim)
        ):
            control.required = True
    others = [text for name, said in (errors or {}).items() if name not in names for text in said]
    return render_template(
        "pipeline/_stage_form.html" if board else "pipeline/_stage_dialog.html",
        record=record,
        name=title(record),
        aim=aim,
        controls=controls,
        items=found.items,
        ticked=request.form.getlist("tick"),
        said=others,
        reasons=[str(each) for each in ready.LOSS_REASONS] if aim.kind == "lost" else [],
        later=_later(),
        next=request.values.get("next", ""),
    )


def _later() -> list[tuple[str, str]]:
    """The days that are proposed for asking again, in words and as dates."""
    today = clock.today()
    found = []
    for ahead in (3, 6, 12):
        years, month = divmod(today.month - 1 + ahead, 12)
        last = calendar.monthrange(today.year + years, month + 1)[1]
        day = today.replace(year=today.year + years, month=month + 1, day=min(today.day, last))
        found.append((ngettext("in %(n)s month", "in %(n)s months", ahead), day.isoformat()))
    return found


def _needs_reason(aim: Step) -> bool:
    way = stages.pipeline(aim.pipeline)
    return way is not None and way.reason_needed


@pipeline_pages.get("/opportunities/<int:number>/stage")
def stage_form(number: int) -> str:
    """What has to be said before it goes there."""
    who, record = _found(number)
    return _form(who, record, _aim(record))


@pipeline_pages.post("/opportunities/<int:number>/stage")
def move_one(number: int) -> Response | tuple[str, int]:
    """Move it, with what was filled in and ticked off."""
    who, record = _found(number)
    aim = _aim(record)
    board = request.form.get("board") == "1"
    _, names = _asks(record, aim)
    typed = {n: v for n, v in typing.collect(who, Opportunity, request.form).items() if n in names}
    given, errors = typing.values(who, Opportunity, typed, values(record))
    try:
        if errors:
            raise Invalid(errors)
        with changesets.opened(who, "move") as mine:
            moving.advance(
                who, record, stage=aim.id, given=given, ticks=request.form.getlist("tick"),
                version=request.form.get("version", type=int),
            )  # fmt: skip
    except Invalid as error:
        return _form(who, record, aim, errors=error.errors, typed=typed, board=board), 422
    except (Stale, WrongState) as error:
        return _form(
            who, access.find(who, Opportunity, number), aim, errors={"": [str(error)]}, typed=typed, board=board
        ), 422
    toasts.say(_said(record, aim), undo=mine.id)
    if board:
        return _moved("")
    return back(f"/opportunities/{number}")


def _said(record: Record, aim: Step) -> str:
    words = {
        "won": L("%(name)s is won.", name=title(record)),
        "lost": L("%(name)s is lost.", name=title(record)),
        "invalid": L("%(name)s is invalid.", name=title(record)),
    }
    return str(words.get(aim.kind) or L("%(name)s moved to “%(stage)s”.", name=title(record), stage=aim.name))


# ---------------------------------------------------------------- the board


def _moved(text: str, status: int = 200) -> Response:
    from smallcrm.areas.pipeline.pages.board import answer

    return answer(text, status, boardMoved=True)


@pipeline_pages.post("/opportunities/<int:number>/board-move")
def board_move(number: int) -> Response | tuple[str, int]:
    """Dropped in another column: moved, or asked for what the stage requires, or told why not. Whoever was second learns who was first."""
    who, record = _found(number)
    held = values(record)
    aim = stages.step(request.form.get("to", type=int))
    if aim is None:
        raise WrongState(L("There is no such stage any more."))
    if held["stage"] == aim.id:
        return _moved("", 204)
    if held["stage"] != request.args.get("from", type=int):
        here = stages.step(held["stage"])
        raise WrongState(L("Somebody moved it to “%(stage)s” meanwhile.", stage=here.name if here else "–"))
    if held["state"] != "open":
        raise WrongState(L("It is over. Reopen it first."))
    found, _ = _asks(record, aim)
    if found.refused:
        raise WrongState(" ".join(found.refused))
    if found.fields or found.items or (aim.kind == "lost" and _needs_reason(aim)):
        return _form(who, record, aim, board=True), 200
    try:
        with changesets.opened(who, "move") as mine:
            moving.move(who, record, stage=aim.id, version=int(record.version))
    except Stale:
        raise WrongState(L("Somebody changed it meanwhile. Reload the board.")) from None
    toasts.say(_said(record, aim), undo=mine.id)
    return _moved("", 204)


# ---------------------------------------------------------------- the rest


def open_and_mine(who: Actor, record: Record) -> bool:
    """Whether it may be ended: it is open."""
    return bool(values(record)["state"] == "open")


def has_invalid(who: Actor, record: Record) -> bool:
    """The same, where the pipeline knows invalid ones."""
    way = stages.pipeline(values(record)["pipeline"])
    return open_and_mine(who, record) and way is not None and way.ending("invalid") is not None


@pipeline_pages.get("/opportunities/<int:number>/reopen")
def reopen_form(number: int) -> str:
    """Why."""
    who, record = _found(number)
    return _reopen(who, record, {}, "")


def _reopen(who: Actor, record: Record, errors: Mapping[str, Any], reason: str) -> str:
    way = stages.pipeline(values(record)["pipeline"])
    return render_template(
        "pipeline/_reopen.html",
        record=record,
        name=title(record),
        stages=[(step.id, step.name) for step in way.open_steps] if way else [],
        stage=request.form.get("stage", type=int) or moving.last_open(int(record.id)),
        errors=errors,
        reason=reason,
    )


@pipeline_pages.post("/opportunities/<int:number>/reopen")
def reopen_one(number: int) -> Response | tuple[str, int]:
    """Open again."""
    who, record = _found(number)
    reason = request.form.get("reason", "")[:300]
    try:
        with changesets.opened(who, "move", reason) as mine:
            moving.reopen(who, record, reason=reason, stage=request.form.get("stage", type=int))
    except Invalid as error:
        return _reopen(who, record, error.errors, reason), 422
    except (Forbidden, WrongState) as error:
        return _reopen(who, record, {"": [str(error)]}, reason), 422
    toasts.say(str(L("%(name)s is open again.", name=title(record))), undo=mine.id)
    return back(f"/opportunities/{number}")


@pipeline_pages.post("/opportunities/<int:number>/tick")
def tick_one(number: int) -> Response:
    """An item of the checklist, done or not after all."""
    who, record = _found(number)
    moving.tick(who, record, item=request.form.get("item", ""), done=request.form.get("done") == "1")
    return back(f"/opportunities/{number}")


def may_rate(who: Actor, record: Record) -> bool:
    """Whether it is kept at a rate at all."""
    return rated.foreign(record) and "rate" in access.writable(who, Opportunity)


@pipeline_pages.post("/opportunities/<int:number>/rate")
def rate_one(number: int) -> Response:
    """Value it at today's rate."""
    who, record = _found(number)
    with changesets.opened(who, "form") as mine:
        rated.take_todays(who, record)
    toasts.say(str(L("%(name)s is valued at today’s rate.", name=title(record))), undo=mine.id)
    return back(f"/opportunities/{number}")

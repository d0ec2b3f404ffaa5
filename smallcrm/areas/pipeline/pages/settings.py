"""Setting up pipelines: the stages of one in order, moved up and down, and what becomes of what stands in a stage that goes."""

from __future__ import annotations

from flask import redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.people.presets import PRESETS
from smallcrm.areas.pipeline.pages import pipeline_pages
from smallcrm.areas.pipeline.records import Pipeline, Stage
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, NotFound, WrongState
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.records.record import Record
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back
from smallcrm.web.templating import fragment


def _may(who: Actor) -> bool:
    return who.scope("stage", "edit") is not Scope.NONE and not who.read_only


def panel(who: Actor, record: Record) -> Markup | str:
    """The stages on their pipeline's page."""
    way = stages.pipeline(int(record.id))
    if way is None:
        return ""
    standing = {step.id: stages.standing_in(step.id) for step in way.steps}
    return fragment("pipeline/_set_up.html", record=record, steps=way.steps, standing=standing, may=_may(who))


def stage_panel(who: Actor, record: Record) -> Markup | str:
    """On a stage's page: how much stands in it, and the way back to its pipeline."""
    step = stages.step(int(record.id))
    way = stages.pipeline(step.pipeline) if step else None
    if step is None or way is None:
        return ""
    return fragment("pipeline/_stage_note.html", step=step, way=way, n=stages.standing_in(step.id))


@pipeline_pages.get("/settings/pipelines")
def pipelines_page() -> Response:
    """Where pipelines are set up."""
    return redirect("/pipelines", 302)


@pipeline_pages.get("/pipelines/ready")
def ready_form() -> str:
    """A new pipeline with ready-made stages."""
    who = actor()
    if not _may(who):
        raise Forbidden(access.refusal(who, "create"))
    return _ready("", "sales", {})


def _ready(name: str, ready: str, errors: dict[str, list[str]]) -> str:
    kinds = [(key, str(preset.label)) for key, preset in PRESETS.items()]
    return render_template("pipeline/_ready.html", name=name, ready=ready, kinds=kinds, errors=errors)


@pipeline_pages.post("/pipelines/ready")
def make_ready() -> Response | tuple[str, int]:
    """Make it."""
    who = actor()
    name, ready = request.form.get("name", "").strip(), request.form.get("ready", "sales")
    try:
        with changesets.opened(who, "form") as mine:
            number = stages.add(who, name=name, ready=ready)
    except Invalid as error:
        return _ready(name, ready, dict(error.errors)), 422
    toasts.say(str(L("%(name)s is kept.", name=name)), undo=mine.id)
    return back(f"/pipelines/{number}")


@pipeline_pages.post("/pipelines/<int:number>/order")
def reorder(number: int) -> Response:
    """A stage one up or down, or before another."""
    who = actor()
    record = access.find(who, Pipeline, number, "edit")
    way = stages.pipeline(int(record.id))
    moved, by = request.form.get("stage", 0, type=int), request.form.get("by", 0, type=int)
    order = [step.id for step in way.open_steps] if way else []
    if moved not in order or by not in (-1, 1):
        raise BadRequest(L("Say which stage is meant."))
    place = order.index(moved)
    other = place + by
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        stages.reorder(who, number, order)
    return back(f"/pipelines/{number}")


@pipeline_pages.get("/stages/<int:number>/empty")
def empty_form(number: int) -> str:
    """Where what stands in a stage goes before it is deleted."""
    return _empty(actor(), number, "")


def _empty(who: Actor, number: int, error: str) -> str:
    record = access.find(who, Stage, number, "delete")
    step = stages.step(int(record.id))
    way = stages.pipeline(step.pipeline) if step else None
    if step is None or way is None:
        raise NotFound(L("There is no such stage any more."))
    others = [(each.id, each.name) for each in way.steps if each.id != step.id and each.kind == step.kind]
    return render_template("pipeline/_empty.html", step=step, n=stages.standing_in(step.id), others=others, error=error)


@pipeline_pages.post("/stages/<int:number>/empty")
def empty_one(number: int) -> Response | tuple[str, int]:
    """Move everything on, and delete the stage: one act."""
    who = actor()
    record = access.find(who, Stage, number, "delete")
    step = stages.step(int(record.id))
    try:
        with changesets.opened(who, "bulk", step.name if step else "") as mine:
            n = stages.empty_into(who, number, request.form.get("to", 0, type=int))
    except (WrongState, Invalid) as error:
        return _empty(who, number, str(error)), 422
    said = ngettext(
        "%(n)s opportunity moved, the stage is deleted.", "%(n)s opportunities moved, the stage is deleted.", n
    )
    toasts.say(said, undo=mine.id)
    return back(f"/pipelines/{step.pipeline}" if step else "/pipelines")

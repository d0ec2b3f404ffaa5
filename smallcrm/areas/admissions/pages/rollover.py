"""``/admissions/next-term``: whoever is enrolled in one term gets an application for the next; seen first, then made in one act."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.pages.guard import here
from smallcrm.areas.admissions.rules import intakes, rollover
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.pages.record import to

PAGE = "/admissions/next-term"


def may(who: Actor) -> bool:
    """Whether it is offered."""
    return who.scope("opportunity", "create") is not Scope.NONE and who.scope("opportunity", "view") is not Scope.NONE


def _maker() -> Actor:
    """Who asks. Raises Forbidden for whoever makes no applications."""
    who = here()
    if not may(who):
        raise Forbidden(access.refusal(who, "create"))
    return who


def _asked() -> dict[str, int | None]:
    """The terms, the programme and the stage that the address or the form names."""
    return {name: ids.number(request.values.get(name, "")) for name in ("of", "to", "pipeline", "stage")}


@admissions.get(PAGE)
def next_term() -> str:
    """The choice, and as soon as both terms are chosen what would be made."""
    who = _maker()
    return _page(who, _asked(), {})


def _page(who: Actor, asked: dict[str, int | None], errors: dict[str, list[str]]) -> str:
    known = intakes.every()
    names = {number: name for number, name, *_ in known}
    of, to_ = asked["of"] if asked["of"] in names else None, asked["to"] if asked["to"] in names else None
    if of and to_ and of == to_:
        errors = {"to": [str(L("Choose two different intakes."))], **errors}
    plan = rollover.plan(who, of=of, to=to_, pipeline=asked["pipeline"]) if of and to_ and of != to_ else None
    stage = asked["stage"] or _usual(asked["pipeline"])
    products = {each.product for each in plan.students if each.product} if plan else set()
    owners = {each.owner for each in plan.students if each.owner} if plan else set()
    return render_template(
        "admissions/rollover.html", asked={**asked, "of": of, "to": to_, "stage": stage}, errors=errors, plan=plan, names=names,
        intakes=[(number, name) for number, name, *_ in known], pipelines=[(way.id, way.name) for way in stages.every().values()],
        stages=_stages(), chosen={ids.number(each) for each in request.form.getlist("student")} if request.method == "POST" else None,
        products=access.names(who, "product", products), owners=access.names(who, "user", owners), once=ids.token(),
    )  # fmt: skip


def _stages() -> list[tuple[int, str]]:
    ways = [way for way in stages.every().values() if way.enabled]
    return [
        (step.id, step.name if len(ways) < 2 else f"{way.name}: {step.name}") for way in ways for step in way.open_steps
    ]


def _usual(pipeline: int | None) -> int | None:
    """Where an application begins: most who stay need no inquiry again, but the first stage is always there."""
    way = stages.pipeline(pipeline) or next((way for way in stages.every().values() if way.enabled), None)
    first = way.first() if way else None
    return first.id if first else None


@admissions.post(PAGE)
def make_next_term() -> Response | tuple[str, int]:
    """Make them: one act, one undo. Twice the same makes nothing twice."""
    who = _maker()
    asked = _asked()
    students: set[int] = {number for each in request.form.getlist("student") if (number := ids.number(each))}

    def make() -> str:
        if not students:
            raise Invalid({"student": [str(L("Choose at least one."))]})
        with changesets.opened(who, "bulk", str(L("Next term"))) as mine:
            n = rollover.roll(
                who,
                of=asked["of"] or 0,
                to=asked["to"] or 0,
                stage=asked["stage"] or 0,
                pipeline=asked["pipeline"],
                only=students,
            )
        said = (
            ngettext("%(n)s application made.", "%(n)s applications made.", n)
            if n
            else str(L("Nothing was left to make."))
        )
        toasts.say(said, undo=mine.id or None)
        tree = f'{{"all":[{{"field":"intake","op":"eq","value":{asked["to"]}}}]}}'
        return f"/opportunities?view=all&filter={tree}"

    try:
        url = idempotency.form_once(who, make)
    except Invalid as error:
        wrong: dict[str, Any] = dict(error.errors)
        return _page(who, asked, wrong), 422
    return to(url)

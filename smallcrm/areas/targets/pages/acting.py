"""Reviews and actions: writing them, ticking them off."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.targets.pages import standing, targets
from smallcrm.areas.targets.records import TargetAction
from smallcrm.areas.targets.rules import acts
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

_KEPT = ("metric", "period", "whose")


def _back() -> str:
    return (
        "/targets?"
        + urlencode({name: request.form.get(name, "")[:40] for name in _KEPT if request.form.get(name)})
        + "#acts"
    )


def _may(who: Actor, key: str) -> None:
    standing.need(who)
    if who.scope(key, "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


@targets.post("/targets/review")
def write_review() -> Response | tuple[str, int]:
    """Keep what was found."""
    who = actor()
    _may(who, "target_review")
    form = request.form

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            acts.review(
                who,
                form.get("period", ""),
                form.get("whose", ""),
                form.get("note", ""),
                metric=form.get("metric", ""),
                follows=form.get("follows", ""),
            )
        toasts.say(str(L("The review is kept.")), undo=mine.id)
        return _back()

    try:
        return redirect(idempotency.form_once(who, make), 303)
    except Invalid as error:
        return standing.page(who, typed=form, errors=error.errors), 422


@targets.post("/targets/act")
def write_action() -> Response | tuple[str, int]:
    """Keep what is to be done, by whom, until when."""
    who = actor()
    _may(who, "target_action")
    form = request.form

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            acts.act(
                who, form.get("period", ""), form.get("whose", ""), what=form.get("what", ""), owner=ids.number(form.get("owner", "")),
                due_on=form.get("due_on") or None, metric=form.get("metric", ""),
            )  # fmt: skip
        toasts.say(str(L("The action is kept.")), undo=mine.id)
        return _back()

    try:
        return redirect(idempotency.form_once(who, make), 303)
    except Invalid as error:
        return standing.page(who, typed=form, errors=error.errors), 422


@targets.post("/targets/act/<int:number>/done")
def finish_action(number: int) -> Response:
    """Done, with what came of it."""
    who = actor()
    record = access.find(who, TargetAction, number, "edit")
    with changesets.opened(who, "form") as mine:
        acts.finish(who, record, result=request.form.get("result", "")[:500], done=request.form.get("done", "1") == "1")
    toasts.say(str(L("Kept.")), undo=mine.id)
    return redirect(_back(), 303)

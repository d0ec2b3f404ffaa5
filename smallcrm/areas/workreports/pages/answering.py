"""Reading and answering a report: seen, liked, commented on, handed in from its page."""

from __future__ import annotations

from flask import make_response, redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.workreports.pages import panels, workreports
from smallcrm.areas.workreports.records import WorkReport
from smallcrm.areas.workreports.rules import acts
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back


def _find(number: int) -> tuple[Actor, Record]:
    who = actor()
    return who, access.find(who, WorkReport, number)


@workreports.post("/work-reports/<int:number>/hand-in")
def hand_in(number: int) -> Response:
    """Give it to its readers as it stands."""
    who = actor()
    record = access.find(who, WorkReport, number, "edit")
    with changesets.opened(who, "form") as mine:
        acts.hand_in(who, record)
    toasts.say(str(L("Handed in: %(what)s", what=title(record))), undo=mine.id)
    return back(f"/work-reports/{number}")


@workreports.post("/work-reports/<int:number>/read")
def read(number: int) -> Response:
    """The page was opened."""
    who, record = _find(number)
    acts.read(who, record)
    return make_response("", 204)


@workreports.post("/work-reports/<int:number>/like")
def like(number: int) -> Response:
    """Like it, or no longer."""
    who, record = _find(number)
    acts.like(who, record, on=request.form.get("on") == "1")
    return _answer(who, number)


@workreports.post("/work-reports/<int:number>/comment")
def comment(number: int) -> Response | tuple[str, int]:
    """Say something to it. Sent twice, it is said once."""
    who, record = _find(number)
    text = request.form.get("text", "")
    try:
        idempotency.form_once(who, lambda: _comment(who, record, text))
    except Invalid as error:
        return str(panels.answers(who, record, text=text, error=str(error))), 422
    return _answer(who, number)


def _comment(who: Actor, record: Record, text: str) -> str:
    acts.comment(who, record, text)
    return f"/work-reports/{record.id}"


@workreports.post("/work-reports/<int:number>/comments/<int:comment>/remove")
def uncomment(number: int, comment: int) -> Response:
    """Take one back."""
    who, record = _find(number)
    acts.uncomment(who, record, comment)
    return _answer(who, number)


def _answer(who: Actor, number: int) -> Response:
    if not request.headers.get("HX-Request"):
        return redirect(f"/work-reports/{number}", 303)
    return make_response(str(panels.answers(who, access.find(who, WorkReport, number))))

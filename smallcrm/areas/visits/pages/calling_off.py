"""Cancelling a visit, and taking that back."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.records import UNDER_WAY, Visit
from smallcrm.areas.visits.rules import acts
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back


@visits.get("/visits/<int:number>/cancel")
def cancel_form(number: int) -> str:
    """Why, and whether the whole series ends."""
    record = access.find(actor(), Visit, number, "edit")
    return _form(record)


def _form(record: Record, reason: str = "", error: str = "") -> str:
    return render_template(
        "visits/_cancel.html", record=record, name=title(record), reason=reason, error=error,
        begun=record.__data__["state"] == UNDER_WAY, series=bool(record.__data__["repeat"]),
    )  # fmt: skip


@visits.post("/visits/<int:number>/cancel")
def cancel(number: int) -> Response | tuple[str, int]:
    """It does not take place."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    reason = request.form.get("reason", "")
    try:
        with changesets.opened(who, who.via) as mine:
            acts.cancel(who, record, reason=reason, series=request.form.get("series") == "1")
    except Invalid as error:
        return _form(record, reason, str(error)), 422
    toasts.say(str(L("Cancelled: %(what)s", what=title(record))), undo=mine.id)
    return back(f"/visits/{number}")


@visits.post("/visits/<int:number>/reinstate")
def reinstate(number: int) -> Response:
    """It takes place after all."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    with changesets.opened(who, who.via) as mine:
        acts.reinstate(who, record)
    toasts.say(str(L("Planned again: %(what)s", what=title(record))), undo=mine.id)
    return back(f"/visits/{number}")

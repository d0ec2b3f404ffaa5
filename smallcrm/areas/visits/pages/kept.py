"""What is kept of where somebody was: for themselves to see and take along, for whoever sees to privacy to hand out and erase."""

from __future__ import annotations

import json

from flask import Response as FlaskResponse
from flask import redirect, render_template
from werkzeug.wrappers import Response

from smallcrm.areas.people.records import User
from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.rules import own
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, settings
from smallcrm.records.record import Record, title
from smallcrm.web import settings_shell, toasts
from smallcrm.web.context import actor


@visits.get("/settings/positions")
def my_positions() -> str:
    """One's own."""
    who = actor()
    return settings_shell.page(
        "visits/positions.html", "/settings/positions", rows=own.shown(who.id), total=own.count(who.id),
        days=int(settings.get("visits.keep_positions_days") or 0),
    )  # fmt: skip


@visits.get("/settings/positions.json")
def my_positions_file() -> FlaskResponse:
    """One's own as a file."""
    return _file(own.exported(actor().id))


def _file(rows: list[dict[str, object]]) -> FlaskResponse:
    response = FlaskResponse(json.dumps(rows, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="positions.json"'
    return response


def _somebody(number: int) -> tuple[Actor, Record]:
    who = actor()
    record = access.find(who, User, number, bin=True)
    if not who.may("privacy"):
        raise Forbidden(access.refusal(who, "view"))
    return who, record


@visits.get("/users/<int:number>/positions")
def positions_of(number: int) -> str:
    """How much is kept of a colleague, to be handed out or erased; where they were is not shown."""
    _, record = _somebody(number)
    return render_template("visits/_positions_of.html", record=record, name=title(record), total=own.count(number))


@visits.get("/users/<int:number>/positions.json")
def positions_file_of(number: int) -> FlaskResponse:
    """A colleague's as a file, noted in the audit log."""
    who, record = _somebody(number)
    found = own.exported(number)
    audit.log(
        who, "personal data exported", record_type="user", record=int(record.id), detail={"positions": len(found)}
    )
    return _file(found)


@visits.post("/users/<int:number>/positions/erase")
def erase_positions_of(number: int) -> Response:
    """Erase a colleague's, noted in the audit log."""
    who, record = _somebody(number)
    if who.read_only:
        raise Forbidden(access.refusal(who, "edit"))
    n = own.erase(who, number)
    toasts.say(ngettext("%(n)s position is erased.", "%(n)s positions are erased.", n))
    return redirect(f"/users/{record.id}", 303)


def may_see_to_it(who: Actor, _user: Record) -> bool:
    """Whether the act is offered."""
    return who.may("privacy")

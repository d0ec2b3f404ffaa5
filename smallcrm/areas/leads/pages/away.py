"""One's own absences, under one's own settings."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.rules import absences
from smallcrm.base import ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.records import access, changesets
from smallcrm.records.record import values
from smallcrm.web import settings_shell, toasts
from smallcrm.web.context import actor

URL = "/settings/away"


@leads.get(URL)
def away_page() -> str:
    """When one is away, and who stands in."""
    return _page({}, {})


def _page(typed: dict[str, str], errors: dict[str, list[str]]) -> str:
    who = actor()
    found = [values(each) for each in absences.mine(who)]
    names = access.names(who, "user", [each["deputy"] or 0 for each in found])
    deputy = ids.number(typed.get("deputy", "")) or 0
    text = access.names(who, "user", [deputy]).get(deputy, "")
    return settings_shell.page(
        "leads/away.html", URL, found=found, names=names, typed=typed, errors=errors, deputy_text=text
    )


@leads.post(URL)
def enter_away() -> Response | tuple[str, int]:
    """Enter one."""
    who = actor()
    typed = {name: request.form.get(name, "").strip()[:80] for name in ("since", "until", "reason", "deputy")}
    deputy = ids.number(typed["deputy"])
    try:
        with changesets.opened(who, "form") as mine:
            absences.enter(who, since=typed["since"], until=typed["until"], reason=typed["reason"], deputy=deputy)
    except Invalid as error:
        return _page(typed, error.errors), 422
    toasts.say(str(L("Kept. New leads go to others meanwhile.")), undo=mine.id)
    return redirect(URL, 303)


@leads.post("/settings/away/<int:number>/remove")
def remove_away(number: int) -> Response:
    """Take one back."""
    who = actor()
    with changesets.opened(who, "delete") as mine:
        absences.take_back(who, number)
    toasts.say(str(L("Taken back.")), undo=mine.id)
    return redirect(URL, 303)

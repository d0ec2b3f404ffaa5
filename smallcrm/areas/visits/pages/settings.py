"""The company's settings of visits."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.visits import settings as ours
from smallcrm.areas.visits.pages import visits
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.web import setting_inputs, settings_shell, toasts
from smallcrm.web.context import actor

PAGE = "/settings/visits"


def _manager() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


@visits.get("/settings/visits")
def company_page() -> str:
    """How near is near enough, and for how long positions are kept."""
    return _page(_manager(), {}, {})


def _page(who: Actor, typed: dict[str, object], errors: dict[str, list[str]]) -> str:
    controls = [
        setting_inputs.of(who, each, typed=typed or None, errors=errors) for each in settings.declared(ours.PAGE)
    ]
    return settings_shell.page("visits/settings.html", PAGE, controls=controls, errors=errors)


@visits.post("/settings/visits")
def save_company() -> Response | tuple[str, int]:
    """Keep them."""
    who = _manager()
    given, errors = setting_inputs.read(who, settings.declared(ours.PAGE), request.form)
    if not errors:
        try:
            settings.put(who, given)
        except Invalid as error:
            errors = error.errors
    if errors:
        return _page(who, dict(request.form), errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(PAGE, 303)

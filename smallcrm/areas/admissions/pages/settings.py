"""``/settings/admissions``: whether they are in use, and what a tour does."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.admissions import settings as ours
from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.rules import milestones
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.web import setting_inputs, settings_shell, toasts
from smallcrm.web.context import actor

PAGE = "/settings/admissions"


def _manager() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


@admissions.get("/settings/admissions")
def company_page() -> str:
    """The switch, and the ways to intakes and documents."""
    return _page(_manager(), {}, {})


def _page(who: Actor, typed: dict[str, object], errors: dict[str, list[str]]) -> str:
    shown: dict[str, object] = {"admissions_on": "1" if ours.on() else ""}
    controls = [
        setting_inputs.of(who, each, typed=typed or shown, errors=errors) for each in settings.declared(ours.PAGE)
    ]
    return settings_shell.page("admissions/settings.html", PAGE, controls=controls, errors=errors, on=ours.on())


@admissions.post("/settings/admissions")
def save_company() -> Response | tuple[str, int]:
    """Keep them; whatever follows is worked out as admissions come into use."""
    who = _manager()
    given, errors = setting_inputs.read(who, settings.declared(ours.PAGE), request.form)
    if not errors:
        try:
            with store.writing():
                before = ours.on()
                settings.put(who, given)
                if ours.on() and not before:
                    milestones.begin()
        except Invalid as error:
            errors = error.errors
    if errors:
        return _page(who, dict(request.form), errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(PAGE, 303)

"""The settings page of targets: who sees the ranking; the way to the commission plans."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from smallcrm.areas.targets.pages import targets
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.web import setting_inputs, settings_shell, toasts, typed
from smallcrm.web.context import actor


def _manager() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


@targets.get("/settings/targets")
def company_page() -> str:
    """The page."""
    who = _manager()
    controls = [setting_inputs.of(who, each) for each in settings.declared("targets")]
    return settings_shell.page("targets/settings.html", "/settings/targets", controls=controls)


@targets.post("/settings/targets")
def save_company() -> Response:
    """Keep it."""
    who = _manager()
    settings.put(who, {each.key: typed.ticked(each.field.key) for each in settings.declared("targets")})
    toasts.say(str(L("Kept.")))
    return redirect("/settings/targets", 303)

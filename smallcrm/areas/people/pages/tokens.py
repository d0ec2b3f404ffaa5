"""API tokens of one's own: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.people.pages import people
from smallcrm.areas.people.rules import own
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import _
from smallcrm.identity import tokens
from smallcrm.web import settings_shell, toasts, typed
from smallcrm.web.context import actor
from smallcrm.web.reauth import needs_password

HERE = "/settings/tokens"


@people.get("/settings/tokens")
def token_list() -> str:
    """The tokens I have made."""
    return _page()


def _page(**more: Any) -> str:
    context: dict[str, Any] = {"fresh": "", "errors": {}, "name": "", "read_only": True, **more}
    return settings_shell.page("settings/tokens.html", HERE, tokens=tokens.of_user(actor().id), **context)


@people.post("/settings/tokens")
@needs_password
def make_token() -> str | tuple[str, int]:
    """A new one; it is shown on this page and never again."""
    name, read_only = request.form.get("name", ""), typed.ticked("read_only")
    try:
        fresh = own.make_token(actor(), name=name, read_only=read_only)
    except Invalid as error:
        return _page(errors=error.errors, name=name, read_only=read_only), 422
    return _page(fresh=fresh)


@people.post("/settings/tokens/<int:number>/revoke")
def revoke_token(number: int) -> Response:
    """End one."""
    who = actor()
    own.revoke_token(who, who.id, number)
    toasts.say(_("The token no longer works."))
    return redirect(HERE, 303)

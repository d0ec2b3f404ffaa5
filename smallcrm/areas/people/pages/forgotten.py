"""A forgotten password: a link by mail; an owner without anybody to ask proves that the machine is theirs by a file."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.people.pages import people
from smallcrm.areas.people.pages.sign_in import client_address, let_in, too_many
from smallcrm.areas.people.rules import links, recovery
from smallcrm.base.errors import Invalid, TooMany
from smallcrm.base.i18n import _
from smallcrm.web import toasts
from smallcrm.web.context import open_to_all


def _page(**more: Any) -> str:
    context = {
        "can_mail": links.can_reset(),
        "by_file": recovery.asked(),
        "file": recovery.ASKED,
        "code_file": recovery.CODE,
    }
    blank = {"sent": False, "email": "", "owner_email": "", "error": "", "errors": {}}
    return render_template("people/forgot.html", **{**context, **blank, **more})


@people.get("/forgot")
@open_to_all
def forgot() -> str:
    """What one can do."""
    return _page()


@people.post("/forgot")
@open_to_all
def send_link() -> Response | tuple[str, int] | str:
    """Ask for a link. The answer is the same whether or not there is such a user."""
    email = request.form.get("email", "")
    if not email.strip():
        return _page(error=_("Type the address you sign in with.")), 422
    if not links.can_reset():
        return _page(), 409
    try:
        links.ask_reset(email, address=client_address())
    except TooMany as error:
        return too_many(error, _page(email=email, error=str(error)))
    return _page(sent=True)


@people.post("/forgot/owner")
@open_to_all
def recover_owner() -> Response | tuple[str, int]:
    """The code that lies in the data folder, and a new password."""
    form = request.form
    try:
        owner = recovery.recover(
            code=form.get("code", ""), email=form.get("owner_email", ""), password=form.get("new_password", ""),
            address=client_address(),
        )  # fmt: skip
    except TooMany as error:
        return too_many(error, _page(owner_email=form.get("owner_email", ""), error=str(error)))
    except Invalid as error:
        return _page(owner_email=form.get("owner_email", ""), errors=error.errors), 422
    toasts.say(_("Your new password is kept. If you used a code at sign-in, set it up anew."))
    return let_in(owner, "/", how="file")

"""An invitation or a new password by a link. Opening it changes nothing: mail scanners open links too."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from smallcrm.areas.people.pages import people
from smallcrm.areas.people.pages.sign_in import client_address, proceed, too_many
from smallcrm.areas.people.rules import links
from smallcrm.base.errors import Invalid, NotFound, TooMany
from smallcrm.base.i18n import _
from smallcrm.records.record import values
from smallcrm.web import security, toasts
from smallcrm.web.context import open_to_all

COOKIE = "link"


@people.get("/link/<token>")
@open_to_all
def opened(token: str) -> Response:
    """Take the token out of the address at once: it stays in no history, no log of a further page and no Referer."""
    response = redirect(url_for("people.by_link"), 303)
    security.secure_cookie(response, COOKIE, token[:200], max_age=3600)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@people.get("/link")
@open_to_all
def by_link() -> Response | str:
    """Choose a password."""
    try:
        found, user = links.look(security.read_cookie(COOKIE), address=client_address())
    except (NotFound, TooMany) as error:
        return _gone(error)
    return _form(found.purpose, str(values(user)["email"]), {})


def _form(purpose: str, email: str, errors: Any) -> str:
    return render_template("people/by_link.html", purpose=purpose, email=email, errors=errors)


def _gone(error: NotFound | TooMany) -> Response:
    page = render_template("people/link_gone.html", text=str(error))
    if isinstance(error, TooMany):
        return too_many(error, page)
    response = make_response(page, 404)
    security.drop_cookie(response, COOKIE)
    return response


@people.post("/link")
@open_to_all
def choose() -> Response | tuple[str, int]:
    """Set the password; the link is dead."""
    token, password = security.read_cookie(COOKIE), request.form.get("new_password", "")
    try:
        found, user = links.look(token, address=client_address())
        links.accept(token, password, address=client_address())
    except Invalid as error:
        return _form(found.purpose, str(values(user)["email"]), error.errors), 422
    except (NotFound, TooMany) as error:
        return _gone(error)
    toasts.say(_("Your password is kept."))
    response = proceed(int(user.id), "/", how=found.purpose)
    security.drop_cookie(response, COOKIE)
    return response

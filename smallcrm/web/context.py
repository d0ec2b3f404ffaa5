"""Who asks: the session or token behind a request, the language, and a limit on how long reading may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, g, make_response, redirect, request, url_for

from smallcrm import store
from smallcrm.base import i18n
from smallcrm.base.errors import Busy, DiskFull, Forbidden, Unauthenticated
from smallcrm.base.i18n import L
from smallcrm.identity import sessions, throttle, tokens
from smallcrm.identity.actor import Actor, actor_of
from smallcrm.records import audit, cache, settings
from smallcrm.web import security

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

READ_SECONDS = 10.0
COOKIE = "session"
BODY_LOST = "SMALLCRM_BODY_LOST"  # the header, waitress's spelling, by which the server says that the disk took no body
LANGUAGE = "language"  # what a visitor chose before signing in

View = TypeVar("View", bound=Callable[..., Any])
_seen_config = -1


def actor() -> Actor:
    """Whoever is signed in. Raises Unauthenticated."""
    found = getattr(g, "actor", None)
    if found is None:
        raise Unauthenticated(L("Sign in first."))
    return found


def begin() -> Response | None:
    """Before each request: host, who, which language, is the form ours."""
    g.started = time.perf_counter()
    g.actor = g.session = g.token = None
    audit.address.set(request.remote_addr or "")
    _refresh()
    security.check_host()
    if request.path.startswith("/api/"):
        _by_token()
    elif not _marked("from_anywhere"):
        _by_session()
    i18n.set_language(_language())
    if g.actor is None and request.path.startswith("/api/") and not _marked("open_to_all"):
        raise Unauthenticated(L("Send a token: Authorization: Bearer …"))
    _refuse_lost_body()
    if not _marked("from_anywhere"):
        security.check_form()
    if g.session is not None and g.session.must_change and not _marked("before_password"):
        return _to_first_password()
    if g.actor is None and not _marked("open_to_all"):
        if request.headers.get("HX-Request"):
            raise Unauthenticated(L("You were signed out. Sign in again; what you typed is kept."))
        return _to_sign_in()
    return None


def _refuse_lost_body() -> None:
    """Raise DiskFull or Busy where what was sent found no room on its way in."""
    lost = request.environ.get(f"HTTP_{BODY_LOST}")
    if lost == str(DiskFull.status):
        raise DiskFull(L("The disk is full. Nothing was changed."))
    if lost:
        raise Busy(L("The data folder cannot be written to. Nothing was changed."))


def _refresh() -> None:
    """Settings reach the clock and the fields again when anybody, in any process, has changed them."""
    global _seen_config
    now = cache.current()
    if now != _seen_config:
        settings.apply()
        _seen_config = now


def open_to_all(view: View) -> View:
    """Mark a view that needs no sign-in. Every other one does."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def from_anywhere(view: View) -> View:
    """Mark a view whose form may stand on any site: it reads no session, so that nobody's is used, and needs no form token."""
    view.from_anywhere = True  # type: ignore[attr-defined]
    return view


def before_password(view: View) -> View:
    """Mark a view that may be used although one's first password still has to be chosen."""
    view.before_password = True  # type: ignore[attr-defined]
    return view


def _marked(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, mark, False))


def _by_session() -> None:
    cookie = security.read_cookie(COOKIE)
    found = sessions.find(cookie) if cookie else None
    if found is None:
        return
    who = actor_of(found.user)
    if who is not None:
        g.session, g.actor = found, who


def _by_token() -> None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        found = tokens.find(value.strip())
        who = actor_of(found.user) if found else None
        if found is None or who is None:
            with throttle.attempt("token", address=request.remote_addr or ""):
                pass
            raise Unauthenticated(L("This token is not known, or its user is switched off."))
        g.token = found
        g.actor = Actor(**{**who.__dict__, "read_only": found.read_only, "via": "api"})
        return
    _by_session()
    if g.actor is not None:
        g.actor = g.actor.acting("api")


def _language() -> str:
    if g.actor is not None and not request.path.startswith("/api/"):
        return str(g.actor.language)
    wished = request.args.get("language", "")
    if wished in i18n.LANGUAGES:
        g.new_language = wished
        return wished
    chosen = security.read_cookie(LANGUAGE)
    if chosen in i18n.LANGUAGES:
        return chosen
    accept = request.headers.get("Accept-Language", "")
    if accept:
        return i18n.best_of(accept)
    return str(settings.get("company.language"))


def _to_sign_in() -> Any:
    if not store.value('SELECT 1 FROM "user" LIMIT 1'):
        return redirect(url_for("people.setup"))
    here = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("people.login", next=here))


def _to_first_password() -> Any:
    if request.path.startswith("/api/"):
        raise Forbidden(L("Choose a password of your own first: sign in with a browser."))
    if request.headers.get("HX-Request"):
        return make_response("", 204, {"HX-Redirect": url_for("people.first_password")})
    return redirect(url_for("people.first_password"))


def _keep_language(response: Response) -> Response:
    if getattr(g, "new_language", None):
        security.secure_cookie(response, LANGUAGE, g.new_language, max_age=365 * 86400)
    return response


def end(_error: BaseException | None) -> None:
    """After each request."""
    _time_limit_off()


def _time_limit_on() -> None:
    g.limit = store.time_limit(READ_SECONDS)
    g.limit.__enter__()


def _time_limit_off() -> None:
    limit = g.pop("limit", None)
    if limit is not None:
        limit.__exit__(None, None, None)


def install(app: Flask) -> None:
    """Hook into the app."""
    app.before_request(_time_limit_on)
    app.before_request(begin)
    app.after_request(_keep_language)
    app.teardown_request(end)

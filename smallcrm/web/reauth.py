"""The password again before sensitive acts: ``@needs_password`` on a view.

It was given at sign-in or within the last ten minutes, else the page asks for it; what a form brought is carried along,
so that nothing is typed twice.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from smallcrm.base import clock
from smallcrm.base.errors import DiskFull, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity import passwords, sessions, throttle
from smallcrm.records import audit
from smallcrm.records.record import RecordType
from smallcrm.web.context import actor
from smallcrm.web.security import local_path

MINUTES = 10
FIELD = "confirm_password"

View = TypeVar("View", bound=Callable[..., Any])


def confirmed() -> bool:
    """Whether this session's password was given within the last minutes."""
    session = getattr(g, "session", None)
    if session is None or not session.confirmed_at:
        return False
    return clock.now() - clock.moment(session.confirmed_at) < dt.timedelta(minutes=MINUTES)


def needs_password(view: View) -> View:
    """Let nobody into the view who has not given the password lately. Tokens and other programs never get in."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        who = actor()
        if g.session is None or who.read_only:
            raise Forbidden(L("This takes a person at a browser, who can be asked for the password."))
        if confirmed():
            return view(*args, **kwargs)
        if request.method == "POST" and FIELD in request.form:
            if check(request.form[FIELD]):
                return view(*args, **kwargs)
            return _ask(error=str(L("This is not your password.")))
        return _ask()

    guarded.needs_password = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


class Needed(Exception):
    """The password has to be given first; ``page`` asks for it."""

    def __init__(self, page: Response) -> None:
        super().__init__()
        self.page = page


_guarded: dict[str, frozenset[str]] = {}


def guard(record_type: str, *names: str) -> None:
    """Fields of a type (``*``: all of them, ``deleted_at``: the bin) that take the password whichever door they are written through."""
    _guarded[record_type] = frozenset(names)


def need(kind: RecordType, names: Iterable[str] | None = None) -> None:
    """Ask for the password before these fields are written, where they are guarded. Programs with a token go on: it is their password.

    Without names: before a file is written, which may hold any field. Raises Needed, Forbidden.
    """
    held = _guarded.get(kind.card.key, frozenset())
    asked = held if names is None else held & {"*", *names}
    if getattr(g, "session", None) is None or confirmed() or not asked:
        return
    if request.path.startswith("/api/"):
        raise Forbidden(L("This takes a person at a browser, who can be asked for the password."))
    if FIELD not in request.form:
        raise Needed(_ask())
    if not check(request.form[FIELD]):
        raise Needed(_ask(error=str(L("This is not your password."))))


def check(password: str) -> bool:
    """Whether this is the password of whoever is signed in; from now on it counts as given. Raises TooMany."""
    who = actor()
    with throttle.attempt("confirm", account=str(who.id), address=request.remote_addr or "") as attempt:
        if not passwords.check(who.id, password):
            with suppress(DiskFull):
                audit.log(who, "password confirmed wrongly", record_type="user", record=who.id)
            return False
        attempt.good()
    with suppress(DiskFull):
        sessions.confirm(g.session.token_hash)
    return True


def _ask(error: str = "") -> Response:
    if request.headers.get("HX-Request"):
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{here.path}?{here.query}" if here.query else here.path
        return make_response("", 204, {"HX-Redirect": url_for("confirm", next=local_path(back))})
    if request.method in ("GET", "HEAD") or request.files:
        back = request.full_path.rstrip("?") if not request.files else _page_before()
        return _page(url_for("confirm"), [("next", back)], error, files=bool(request.files))
    carried = [(n, v) for n, v in request.form.items(multi=True) if n not in (FIELD, "csrf_token")]
    return _page(request.full_path.rstrip("?"), carried, error)


def _page_before() -> str:
    """The page whose form was sent; browsers name it to our own pages."""
    found = urlsplit(request.referrer or "")
    return local_path(f"{found.path}?{found.query}".rstrip("?"))


def _page(action: str, carried: list[tuple[str, str]], error: str, *, files: bool = False) -> Response:
    page = render_template("confirm.html", action=action, carried=carried, error=error, files=files, field=FIELD)
    return make_response(page, 403)


def confirm() -> Response:
    """The page by itself: for what was asked in place."""
    actor()
    back = local_path(request.values.get("next"))
    if request.method == "POST":
        if g.session is not None and check(request.form.get(FIELD, "")):
            return redirect(back, 303)
        return _page(url_for("confirm"), [("next", back)], str(L("This is not your password.")))
    return _page(url_for("confirm"), [("next", back)], "")


def install(app: Flask) -> None:
    """Hook into the app."""
    app.register_error_handler(Needed, lambda needed: needed.page)
    app.add_url_rule("/confirm", "confirm", confirm, methods=["GET", "POST"])

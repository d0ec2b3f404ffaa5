"""The password again before sensitive acts: ``@needs_password`` on a view. It counts for ten minutes."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, make_response, render_template, request

from smallcrm.base import clock
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity import passwords, sessions
from smallcrm.web.context import actor

MINUTES = 10
FIELD = "confirm_password"

View = TypeVar("View", bound=Callable[..., Any])


def needs_password(view: View) -> View:
    """Let nobody into the view who has not given the password lately."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        who = actor()
        if g.session is None:
            raise Forbidden(L("This takes a person at a browser, who can be asked for the password."))
        at = g.session.confirmed_at
        if at and clock.now() - clock.moment(at) < dt.timedelta(minutes=MINUTES):
            return view(*args, **kwargs)
        if FIELD in request.form and passwords.check(who.id, request.form[FIELD]):
            sessions.confirm(g.session.token_hash)
            return view(*args, **kwargs)
        carried = [(n, v) for n, v in request.form.items(multi=True) if n not in (FIELD, "csrf_token")]
        page = render_template("confirm.html", action=request.full_path, carried=carried, field=FIELD)
        return make_response(page, 403)

    return guarded  # type: ignore[return-value]

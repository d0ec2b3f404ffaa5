"""How a page is answered after something was done on it: the parts that show activities are asked for anew."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, make_response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.web.security import local_path

CHANGED = "activities-changed"


def drawn(template: str, **context: Any) -> Markup:
    """A template of ours, which has escaped what it was given, to stand inside another. It knows no frame, and costs little."""
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704


def is_fragment() -> bool:
    """Whether a part of the page asks."""
    return bool(request.headers.get("HX-Request"))


def changed(body: str = "", *, close: bool = True) -> Response:
    """After an act: whatever shows activities on the page loads itself again. Without scripts, back to the page."""
    if not is_fragment():
        return redirect(back(), 303)
    response = make_response(body, 200 if body else 204)
    events = {CHANGED: True, **({"close-dialog": True} if close else {})}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def back(otherwise: str = "/") -> str:
    """Where the form came from, within our own pages."""
    target = request.form.get("next", "")
    if not target and request.referrer and urlsplit(request.referrer).netloc == request.host:
        came = urlsplit(request.referrer)
        target = f"{came.path}?{came.query}" if came.query else came.path
    return local_path(target, otherwise)

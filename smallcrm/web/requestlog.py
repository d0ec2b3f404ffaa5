"""A line for each request: who, what, how it ended, how long it took. No secrets: neither queries nor the keys in paths."""

from __future__ import annotations

import logging
import re
import time

from flask import Flask, g, request
from werkzeug.wrappers import Response

log = logging.getLogger("smallcrm.request")

_KEY = re.compile(r"[\w-]{24,}")  # a token in a path: an invitation, a calendar feed
_BY_ITSELF = frozenset({"health", "static", "pages.status"})  # asked again and again while nobody does anything


def write(response: Response) -> Response:
    """After each request."""
    quiet = request.endpoint in _BY_ITSELF and response.status_code < 400
    level = logging.DEBUG if quiet or request.endpoint == "health" else logging.INFO
    if response.status_code >= 500 and request.endpoint != "health":
        level = logging.ERROR
    if log.isEnabledFor(level):
        actor = getattr(g, "actor", None)
        log.log(
            level,
            "%s %s %d %d ms user %s from %s",
            request.method,
            _KEY.sub("…", request.path)[:300],
            response.status_code,
            round((time.perf_counter() - getattr(g, "started", time.perf_counter())) * 1000),
            actor.id if actor else "-",
            request.remote_addr or "-",
        )
    return response


def install(app: Flask) -> None:
    """Hook into the app; before the other hooks, so that it sees what they made of the answer."""
    app.after_request(write)

"""``/healthz``: for containers, packages and scripts; needs no sign-in and tells no more than it must."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, jsonify
from werkzeug.wrappers import Response

from smallcrm import __version__, store
from smallcrm.store import migrations
from smallcrm.web.context import open_to_all

checks: list[tuple[str, Callable[[], bool]]] = []  # (what is wrong when it fails, check): the server adds the scheduler


def state() -> str:
    """``ok``, or what is wrong."""
    try:
        store.value("SELECT 1")
        if migrations.pending():
            return "schema"
    except Exception:
        return "database"
    return next((name for name, check in checks if not check()), "ok")


@open_to_all
def health() -> tuple[Response, int]:
    """The answer."""
    found = state()
    return jsonify({"status": found, "version": __version__}), 200 if found == "ok" else 503


def install(app: Flask) -> None:
    """Hook into the app."""
    app.add_url_rule("/healthz", "health", health)

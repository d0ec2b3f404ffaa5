"""The pool's pages: the pool itself, its rules with their preview, the acts on a customer, a leaver's handover."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response

pool_pages = Blueprint("pool", __name__)


def back(default: str) -> Response:
    """To where the form came from, within these pages; also out of a dialog."""
    wanted = request.form.get("back", "")
    url = wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else default
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


# the modules put their routes onto ``pool_pages`` as they are imported
from smallcrm.areas.pool.pages import acts, customer, leaver, pools, rules, waiting  # noqa: E402

__all__ = ["acts", "back", "customer", "leaver", "pool_pages", "pools", "rules", "waiting"]

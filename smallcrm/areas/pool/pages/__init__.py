"""The pool's pages: the pool itself, its rules with their preview, the acts on a customer, a leaver's handover."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from smallcrm.web.pages.record import to
from smallcrm.web.security import local_path

pool_pages = Blueprint("pool", __name__)


def back(default: str) -> Response:
    """To where the form came from, within these pages; also out of a dialog."""
    return to(local_path(request.form.get("back"), default))


# the modules put their routes onto ``pool_pages`` as they are imported
from smallcrm.areas.pool.pages import acts, customer, leaver, pools, rules, waiting  # noqa: E402

__all__ = ["acts", "back", "customer", "leaver", "pool_pages", "pools", "rules", "waiting"]

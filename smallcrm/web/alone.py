"""A part of a page that is asked for as a page: a dialog's link opened in another tab, or without scripts.

It stands in the frame, and its form is a plain one, whose answer leads on.
"""

from __future__ import annotations

import re

from flask import Flask, g, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.base.i18n import L

_FORM = re.compile(r"<form\b[^>]*>")
_SCRIPTED = re.compile(r' hx-[a-z]+="[^"]*"')
_HEADING = re.compile(r"<h2[^>]*>(.*?)</h2>", re.S)


def install(app: Flask) -> None:
    """Hook into the app, before what compresses answers."""
    app.after_request(_in_frame)


def _in_frame(response: Response) -> Response:
    if not _alone(response):
        return response
    part = response.get_data(as_text=True)
    if not part.strip() or part.lstrip()[:9].lower() == "<!doctype":
        return response
    heading = _HEADING.search(part)
    title = Markup(heading[1]).striptags() if heading else str(L("Details"))  # noqa: S704  our own template's
    plain = _FORM.sub(lambda form: _SCRIPTED.sub("", form[0]), part)
    response.set_data(render_template("alone.html", title=title, part=Markup(plain), headed=heading is not None))  # noqa: S704
    return response


def _alone(response: Response) -> bool:
    return (
        getattr(g, "actor", None) is not None
        and response.mimetype == "text/html"
        and response.status_code in (200, 409, 412, 422)
        and not response.direct_passthrough
        and "text/html" in request.headers.get("Accept", "")
        and not request.headers.get("HX-Request")
    )

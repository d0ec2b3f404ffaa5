"""What every template may use: translations, formats, the frame. Pages are compressed on the way out."""

from __future__ import annotations

import gzip
from typing import Any

from flask import Flask, g, request
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from smallcrm.base import formats, i18n
from smallcrm.base.i18n import HTML_LANG, language
from smallcrm.records import labels, settings
from smallcrm.web import area, assets, cells, frame, security

SMALLEST = 900  # octets under which compressing costs more than it saves
LEVEL = 4


def install(app: Flask) -> None:
    """Hook into the app."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.add_extension("jinja2.ext.do")
    env.globals.update(
        _=i18n.translate,
        ngettext=i18n.translate_n,
        pgettext=i18n.translate_p,
        f=formats,
        labels=labels,
        initials=frame.initials,
        html_lang=lambda: HTML_LANG[language()],
        language=language,
        csrf_token=security.csrf_token,
        setting=settings.get,
        panels=area.panels,
        **cells.GLOBALS,
        hidden_csrf=lambda: Markup('<input type="hidden" name="csrf_token" value="{}">').format(security.csrf_token()),
    )
    app.context_processor(_variables)
    app.after_request(compress)


def _variables() -> dict[str, Any]:
    found: dict[str, Any] = {"me": getattr(g, "actor", None), "icons_url": assets.urls().icons_url}
    # the frame is made only where a whole page is drawn
    found["frame"] = LocalProxy(_frame)
    return found


def _frame() -> frame.Frame | frame.Bare:
    if "frame" not in g:
        g.frame = frame.make() if getattr(g, "actor", None) else frame.bare()
    return g.frame  # type: ignore[no-any-return]


def compress(response: Response) -> Response:
    """Gzip a page for a browser that takes it."""
    if (
        response.status_code < 200
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or not (response.mimetype.startswith("text/") or response.mimetype.endswith(("json", "javascript", "xml")))
    ):
        return response
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
    return response

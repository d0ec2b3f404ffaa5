"""Errors drawn once: as a page, as a fragment, or as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from smallcrm.base import formats
from smallcrm.base.errors import BadRequest, Invalid, NotFound, SmallcrmError, Stale, TooMany
from smallcrm.base.i18n import L, Label
from smallcrm.store import integrity, troubles

log = logging.getLogger("smallcrm.web")

_HTTP: dict[int, Label] = {
    400: L("This request makes no sense."),
    404: L("There is nothing here, or you may not see it."),
    405: L("This address does not take that."),
    414: L("This address is too long."),
    415: L("This kind of content is not taken here."),
    431: L("These headers are too large."),
}


def wants_json() -> bool:
    """Whether the asker is a program."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def on_ours(error: SmallcrmError) -> Response:
    """One of our own errors."""
    if wants_json():
        return problem(error.status, error.slug, str(error), **_extra(error))
    response = page(error.status, str(error))
    if isinstance(error, TooMany) and error.detail.get("after"):
        response.headers["Retry-After"] = str(error.detail["after"])
    return response


def _extra(error: SmallcrmError) -> dict[str, Any]:
    if isinstance(error, Invalid):
        return {"errors": error.errors}
    if isinstance(error, Stale) and error.detail.get("record") is not None:
        from smallcrm.web.api.represent import one

        return {"current": one(g.actor, error.detail["record"])}
    if isinstance(error, TooMany):
        return {"retry_after": error.detail.get("after")}
    return {"reasons": error.detail["reasons"]} if error.detail.get("reasons") else {}


def on_http(error: HTTPException) -> Response:
    """An error of the framework's: no such address, too large a body."""
    code = error.code or 500
    if 300 <= code < 400:
        return error.get_response()
    text = str(_HTTP.get(code, error.name))
    if code == 413:
        limits = {"file": "UPLOAD_LIMIT", "text": "MAX_FORM_MEMORY_SIZE"}
        sizes = {name: formats.size(current_app.config[key]) for name, key in limits.items()}
        text = str(L("This is too large: a file may have %(file)s, a text %(text)s. Nothing was kept.", **sizes))
    response = problem(code, error.name.lower().replace(" ", "-"), text) if wants_json() else page(code, text)
    if code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def on_other(error: Exception) -> Response:
    """A mistake of ours: logged with its trace, told without it. What the disk does is nobody's mistake."""
    said = integrity.damage_in(error) or troubles.translated(error)
    if isinstance(said, SmallcrmError):
        log.error("%s %s: %s", request.method, request.path, error)
        return on_ours(said)
    if isinstance(error, OverflowError):  # what was sent is beyond what a column or a calendar holds
        return on_ours(BadRequest(L("A number here is too large. Nothing was changed.")))
    log.exception("%s %s", request.method, request.path, exc_info=error)
    text = str(L("Something went wrong on our side. It was written down; nothing you saved before is lost."))
    return problem(500, "error", text) if wants_json() else page(500, text)


def problem(status: int, slug: str, title: str, **extra: Any) -> Response:
    """An RFC 9457 answer."""
    body = {"type": f"about:blank#{slug}", "title": title, "status": status, **extra}
    response = make_response(jsonify(body), status)
    response.headers["Content-Type"] = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if extra.get("retry_after"):
        response.headers["Retry-After"] = str(extra["retry_after"])
    return response


def page(status: int, text: str) -> Response:
    """A page that says what happened, or a fragment for one that is asked for in place."""
    if request.headers.get("HX-Request"):
        return make_response(render_template("errors/fragment.html", status=status, text=text), status)
    name = "errors/page.html" if getattr(g, "actor", None) else "errors/bare.html"
    try:
        return make_response(render_template(name, status=status, text=text), status)
    except Exception:  # the frame itself may be what failed
        log.exception("the error page failed")
        return make_response(render_template("errors/plain.html", status=status, text=text), status)


def install(app: Flask) -> None:
    """Hook into the app."""
    app.register_error_handler(SmallcrmError, on_ours)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_other)


__all__ = ["NotFound", "install", "page", "problem", "wants_json"]

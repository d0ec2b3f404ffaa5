"""What an act did, said on the page that follows it, with Undo: carried over one redirect in a cookie that is signed."""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import after_this_request, g, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.identity import key
from smallcrm.web import security

COOKIE = "toast"


def say(
    text: str, *, undo: int | None = None, url: str | None = None, act: str | None = None, tone: str = "good"
) -> None:
    """Show ``text`` on the next page. ``undo``: the change-set that the Undo button takes back."""
    toast: dict[str, Any] = {"text": text, "tone": tone}
    if undo:
        toast["undo"] = f"/changes/{undo}/undo"
    if url and act:
        toast |= {"url": url, "act": act}
    held = getattr(g, "new_toasts", None)
    if held is None:
        held = g.new_toasts = []
        after_this_request(_send)
    held.append(toast)


def pending() -> list[dict[str, Any]]:
    """What was said in this request: for a fragment's HX-Trigger."""
    held = getattr(g, "new_toasts", [])
    g.new_toasts = []
    return list(held)


def _send(response: Response) -> Response:
    held = getattr(g, "new_toasts", None)
    if not held:
        return response
    if (
        request.headers.get("HX-Request")
        and not response.headers.get("HX-Redirect")
        and not response.headers.get("HX-Refresh")
    ):
        trigger = json.loads(response.headers.get("HX-Trigger", "{}"))
        trigger["toast"] = held[-1]
        response.headers["HX-Trigger"] = json.dumps(trigger)
        return response
    raw = base64.urlsafe_b64encode(json.dumps(held[-3:]).encode()).decode()
    security.secure_cookie(response, COOKIE, f"{raw}.{_mark(raw)}", max_age=120)
    return response


def _mark(raw: str) -> str:
    return ids.sign(key.secret(), "toast", raw)


def take() -> list[dict[str, Any]]:
    """What the request before this one had to say; it is said once."""
    raw, _, mark = security.read_cookie(COOKIE).partition(".")
    if not raw:
        return []

    @after_this_request
    def _drop(response: Response) -> Response:
        if not getattr(g, "new_toasts", None):
            security.drop_cookie(response, COOKIE)
        return response

    if not ids.same(mark, _mark(raw)):
        return []
    try:
        return list(json.loads(base64.urlsafe_b64decode(raw)))
    except (ValueError, TypeError):
        return []

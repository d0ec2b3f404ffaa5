"""``/files/<id>/content``: the content itself, for whoever reaches the record at this moment."""

from __future__ import annotations

import re

from flask import request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

from smallcrm.areas.files import rules
from smallcrm.areas.files.content import names, serving
from smallcrm.areas.files.content.text import encoding_of
from smallcrm.areas.files.pages import files
from smallcrm.areas.files.records import File
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.store import blobs
from smallcrm.web.context import actor


@files.get("/files/<int:number>/content")
def content(number: int) -> Response:
    """The content, saved; with ``?inline=1`` shown, where its type allows it."""
    return _answer(rules.find_content(actor(), number))


@files.get("/api/v1/files/<number>/content")
def api_content(number: str) -> Response:
    """The same for programs."""
    if not re.fullmatch(r"[1-9]\d{0,11}", number):
        raise NotFound(L("There is nothing here, or you may not see it."))
    return _answer(rules.find_content(actor(), int(number)))


def _answer(record: File) -> Response:
    media_type, sha256 = str(record.media_type or ""), str(record.sha256)
    inline = request.args.get("inline") == "1" and serving.may_be_inline(media_type)
    told = serving.told_as(media_type, inline=inline)
    path = blobs.path(sha256)
    response: Response
    try:
        response = send_file(
            path,
            mimetype=told,
            as_attachment=not inline,
            download_name=names.for_download(str(record.name), media_type),
            etag=sha256,
            last_modified=None,
            max_age=0,
        )
    except RequestedRangeNotSatisfiable:
        response = Response(status=416, headers={"Content-Range": f"bytes */{path.stat().st_size}"})
    if told == "text/plain":
        response.headers["Content-Type"] = f"text/plain; charset={encoding_of(path)}"
    return _guarded(response, media_type)


def _guarded(response: Response, media_type: str) -> Response:
    """Kept by a browser only to be asked for again each time, so that whoever lost the right loses the copy too."""
    headers = response.headers
    headers["Content-Security-Policy"] = serving.policy(media_type)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "private, no-cache"
    headers.pop("Expires", None)
    headers.pop("Last-Modified", None)
    return response

"""What pages load: the bundles, the vendor files, icons. Addresses carry a digest, so a browser asks once."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, abort, make_response, request
from werkzeug.wrappers import Response

from smallcrm.web import bundle
from smallcrm.web.bundle import Packed
from smallcrm.web.context import open_to_all

FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=64)
def _file(path: Path, _stamp: int) -> Packed:
    return Packed(path.read_bytes())


def _packed(name: str) -> Packed | None:
    if name == "app.css":
        return bundle.stylesheet()
    if name == "app.js":
        return bundle.script()
    if "\0" in name:
        return None
    path = (bundle.STATIC / name).resolve()
    allowed = path.parent in (bundle.STATIC, bundle.VENDOR)
    if not allowed or not path.is_file() or path.suffix not in (".css", ".js", ".svg", ".png", ".txt", ".webmanifest"):
        return None
    return _file(path, path.stat().st_mtime_ns)


@open_to_all
def static(name: str) -> Response:
    """One asset, gzipped where the browser takes it."""
    found = _packed(name)
    if found is None:
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    etag = f'"{found.digest}"'
    if request.headers.get("If-None-Match") == etag:
        response = make_response("", 304)
    else:
        zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        response = make_response(found.gzipped if zipped else found.body)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = FOREVER if request.args.get("v") == found.digest else "no-cache"
    return response


def install(app: Flask) -> None:
    """Hook into the app."""
    app.add_url_rule("/static/<path:name>", "static", static)

"""What guards every request: the host it came to, the headers it leaves with, and that a form is our own."""

from __future__ import annotations

import ipaddress
import re

from flask import Flask, current_app, g, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity import key

SAFE = ("GET", "HEAD", "OPTIONS")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; frame-src 'self'; "
    "object-src 'none'; manifest-src 'self'; media-src 'self'; worker-src 'self'"
)
_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}")


# ---------------------------------------------------------------- host


def check_host() -> None:
    """Raise BadRequest for a host name that is not ours: links in mails are made of configured ones only."""
    raw = request.environ.get("HTTP_HOST", "")
    host = _without_port(raw)
    if host is None or not accepted_host(host):
        raise BadRequest(L("smallcrm does not answer to “%(host)s”. Add the name to allowed_hosts.", host=raw[:100]))


def _without_port(raw: str) -> str | None:
    if raw.startswith("["):
        inside, closing, rest = raw[1:].partition("]")
        return inside if closing and re.fullmatch(r"(:\d{1,5})?", rest) else None
    name, _, port = raw.partition(":")
    return name if _HOST.fullmatch(name) and (not port or port.isdigit()) else None


def accepted_host(host: str) -> bool:
    """Private addresses, single-label and ``.local`` names, and configured ones."""
    from urllib.parse import urlsplit

    from smallcrm.records import settings

    name = host.lower().rstrip(".")
    if name in current_app.config["ALLOWED_HOSTS"]:
        return True
    try:
        address = ipaddress.ip_address(name)
        return address.is_private or address.is_loopback or address.is_link_local
    except ValueError:
        pass
    if "." not in name or name.endswith((".local", ".lan", ".home.arpa", ".internal", ".fritz.box")):
        return True
    configured = urlsplit(settings.get("company.address") or "").hostname
    return bool(configured) and name == configured


# ---------------------------------------------------------------- forms


def csrf_token() -> str:
    """The token of this session's forms; of a cookie of its own before signing in."""
    base = g.session.token_hash if getattr(g, "session", None) else visitor()
    return ids.sign(key.secret(), "form", base)


def visitor() -> str:
    """An anonymous visitor's random mark, kept in a cookie."""
    found = read_cookie("visitor")
    if len(found) >= 32 and re.fullmatch(r"[\w-]+", found):
        return str(found)
    if not getattr(g, "new_visitor", None):
        g.new_visitor = ids.token()
    return str(g.new_visitor)


def check_form() -> None:
    """Raise Forbidden unless a changing request comes from a page of ours. Bearer tokens need no form."""
    if request.method in SAFE or getattr(g, "token", None) is not None:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin and origin != "null" and not _same_origin(origin)):
        raise Forbidden(L("This form was sent from another site. Nothing was changed."))
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token") or ""
    if not ids.same(given, csrf_token()):
        raise Forbidden(L("This form is too old. What you typed is kept: load the page again and send it once more."))


def _same_origin(origin: str) -> bool:
    return origin.partition("://")[2] == request.host


# ---------------------------------------------------------------- answers


def cookie_name(name: str) -> str:
    """Over HTTPS the name says that only this host, at the root and secured, can have set it."""
    return f"__Host-{name}" if request.is_secure else name


def read_cookie(name: str) -> str:
    """A cookie of ours as it came in; empty where there is none."""
    return request.cookies.get(cookie_name(name), "")


def secure_cookie(response: Response, name: str, value: str, *, max_age: int | None) -> None:
    """Set a cookie that scripts cannot read and other sites do not send."""
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie_name(name), path="/", httponly=True, samesite="Lax", secure=request.is_secure)


def local_path(target: str | None, fallback: str = "/") -> str:
    """``target`` if it leads to a page of ours and nowhere else, as any browser reads it; else ``fallback``."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return fallback
    # browsers drop tabs and line ends and read a backslash as a slash
    if "\\" in target or any(ord(char) < 0x20 or ord(char) == 0x7F for char in target):
        return fallback
    return iri_to_uri(target)  # headers hold no other letters


def finish(response: Response) -> Response:
    """The headers of every answer."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if not getattr(g, "framed", False):
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
    headers.setdefault("Cache-Control", "no-store")
    if getattr(g, "new_visitor", None):
        secure_cookie(response, "visitor", g.new_visitor, max_age=None)
    return response


def install(app: Flask) -> None:
    """Hook the guards into the app."""
    app.after_request(finish)

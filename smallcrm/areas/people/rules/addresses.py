"""By which address people reach smallcrm: what links in mails begin with.

It is typed at set-up. Where nobody has said (set up from the command line), it is the one by which an owner last signed
in, never the one that a stranger's request names.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlsplit

from smallcrm.base.errors import DiskFull, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import fields, settings

settings.declare("hidden", {"company.address_seen": (fields.Text(L("Address last used"), most=200, hidden=True), None)})

_HOST = re.compile(r"[\w.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]")


def clean(text: str) -> str:
    """``http://nas:8070`` out of what somebody typed. Raises Invalid."""
    typed = text.strip().rstrip("/")
    if not typed:
        return ""
    if "://" not in typed:
        typed = f"http://{typed}"
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise _wrong() from None
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise _wrong()
    if parts.path not in ("", "/"):
        raise _wrong()
    return f"{parts.scheme}://{host.lower()}{f':{port}' if port is not None else ''}"


def _wrong() -> Invalid:
    return Invalid({"address": [str(L("An address looks like http://nas:8070 or https://crm.example.com."))]})


def base_url(asked_by: str = "") -> str:
    """What links begin with. ``asked_by``: the address a signed-in person uses just now, for want of a better one."""
    return str(settings.get("company.address") or settings.get("company.address_seen") or asked_by or "").rstrip("/")


def seen(actor: Actor, address: str) -> None:
    """An owner has signed in by this address."""
    if settings.get("company.address") or not actor.may("everything"):
        return
    host = urlsplit(address).hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or settings.get("company.address_seen") == address:
        return
    with suppress(DiskFull, Invalid):
        settings.put(SYSTEM, {"company.address_seen": address})

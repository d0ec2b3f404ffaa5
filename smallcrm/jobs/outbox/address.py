"""Mail addresses and header words, checked so that nothing typed anywhere becomes a second header."""

from __future__ import annotations

import re

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import _
from smallcrm.base.text import tidy

Mailbox = tuple[str, str]  # name, address
To = str | Mailbox | list[str | Mailbox]

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f@<>()\[\]:;,\\\"]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def check(address: str) -> str:
    """The address with its domain in lower case and ASCII. Raises Invalid when nothing can be sent there."""
    local, _at, domain = address.strip().rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    good = (
        _LOCAL.fullmatch(local)
        and "=?" not in local
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
    )
    if not good or not all(_LABEL.fullmatch(label) for label in labels) or len(local) + len(domain) > 253:
        raise Invalid({"to": [_("%(address)s is not an e-mail address.", address=plain(address)[:80] or "–")]})
    return f"{local}@{domain}"


def mailbox(who: str | Mailbox) -> Mailbox:
    """``who`` as name and checked address."""
    name, address = ("", who) if isinstance(who, str) else who
    return plain(name)[:200], check(address)


def mailboxes(to: To) -> list[Mailbox]:
    """One or several, each checked."""
    return [mailbox(each) for each in (to if isinstance(to, list) else [to])]


def plain(text: str) -> str:
    """One line without control characters: line breaks, NUL and lone surrogates do no harm in it.

    Nor does what looks like an encoded word (``=?utf-8?q?…?=``): the standard library would decode it while it writes the
    header, line breaks and all.
    """
    return tidy(text.replace("\0", " ").encode("utf-8", "replace").decode()).replace("=?", "= ?")

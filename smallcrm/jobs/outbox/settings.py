"""How to reach the outside: mail server, bots, our own address. Plain values, asked for each time they are needed.

``areas/admin`` keeps them and gives us the callables with ``provide``; until then nothing leaves the house.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class MailSettings:
    """The mail server. ``security``: ``ssl`` (TLS from the first octet), ``starttls``, or ``none`` (trusted networks).

    ``sender`` is the address mails come from. ``certificate`` is a further authority or the server's own certificate
    in PEM, for a server in the office that no public authority vouches for. ``per_minute`` 0 sends as fast as it goes.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    client_name: str = ""  # what we call ourselves in EHLO; empty: our address
    certificate: str = field(default="", repr=False)
    per_minute: int = 0

    @property
    def ready(self) -> bool:
        """Whether mail can be sent at all."""
        return bool(self.host and self.sender)


@dataclass(frozen=True)
class Bot:
    """A group bot (``kind`` ``wecom``, ``dingtalk`` or ``feishu``) or a ``webhook``; ``key`` is its lasting name."""

    key: str
    kind: str
    name: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    enabled: bool = True


@dataclass(frozen=True)
class Sources:
    """Where the settings are to be had. Links in mails begin with ``base_url``; ``allowed`` is the list for ``net``."""

    mail: Callable[[], MailSettings] = MailSettings
    bots: Callable[[], Sequence[Bot]] = tuple
    base_url: Callable[[], str] = str
    company: Callable[[], str] = str
    allowed: Callable[[], Sequence[str]] = tuple


_sources = Sources()


def provide(**sources: Any) -> None:
    """Say where some of ``Sources`` are to be had; what is not named stays."""
    global _sources
    _sources = replace(_sources, **sources)


def forget() -> None:
    """As at the beginning: nothing leaves the house."""
    global _sources
    _sources = Sources()


def mail() -> MailSettings:
    """The mail server as it is set now."""
    return _sources.mail()


def bots() -> Sequence[Bot]:
    """All bots, those switched off too."""
    return _sources.bots()


def bot(key: str) -> Bot | None:
    """The bot of that key, if it is switched on."""
    return next((each for each in bots() if each.key == key and each.enabled), None)


def base_url() -> str:
    """``https://crm.example``, or empty where nobody has said."""
    return _sources.base_url().rstrip("/")


def company() -> str:
    """The company's name."""
    return _sources.company()


def allowed() -> Sequence[str]:
    """Hosts, addresses and networks that may be contacted although they are not public."""
    return _sources.allowed()

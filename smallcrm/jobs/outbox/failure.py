"""Why a message did not go out: a short code that is kept, words for people, and what is to be done about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from smallcrm.base.i18n import L, Lazy


class Kind(Enum):
    """What a failure means for the message."""

    SERVER = "server"  # nothing wrong with this message: the server cannot be used just now
    LATER = "later"  # this message may go out at another try
    NEVER = "never"  # it will not
    UNKNOWN = "unknown"  # it was handed over and no answer came: it may have arrived


class Failure(Exception):
    """``detail`` is what the other side said, secrets masked. ``after``: seconds it asks us to wait."""

    def __init__(self, code: str, detail: object = "", *, kind: Kind, after: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.detail = tidy(detail)
        self.kind = kind
        self.after = after

    def __str__(self) -> str:
        """What is kept in ``last_error``: ``code: detail``."""
        return f"{self.code}: {self.detail}" if self.detail else self.code


WORDS: dict[str, Lazy] = {
    "not-set": L("No mail server is set up yet."),
    "port": L("This is no port of a mail server. Usual are 465, 587 and 25."),
    "name": L("The mail server's name is not known. Check how it is written."),
    "connect": L("The mail server does not answer. Check host and port, and whether the firewall lets us through."),
    "timeout": L("The mail server took too long to answer."),
    "certificate": L("The mail server's certificate is not trusted: it has run out or belongs to another name."),
    "pem": L("What was pasted as the mail server's certificate is none."),
    "tls": L("No encrypted connection came about. Port 465 usually wants SSL, port 587 STARTTLS."),
    "no-tls": L("The mail server offers no encryption (STARTTLS). Nothing was sent."),
    "sign-in": L("The mail server refuses user name or password."),
    "sender": L("The mail server does not let us send from this address."),
    "recipient": L("The receiving side does not know or does not accept this address."),
    "refused": L("The mail server refused the message."),
    "later": L("The mail server asks us to try again later."),
    "lost": L("The connection broke off before the message was handed over."),
    "unknown": L("The message was handed over, but no answer came. It may have arrived: please check."),
    "stopped": L("smallcrm was stopped while sending. The message may have arrived: please check."),
    "unsendable": L("The message cannot be written: %(detail)s"),
    "file": L("An attachment is no longer there."),
    "address": L("The mail server cannot handle this address."),
    "inactive": L("The receiver is no longer active."),
    "old": L("It waited too long and was given up."),
    "cancelled": L("It was cancelled."),
    "restored": L("It was waiting when a backup was restored, and may have been sent then. Please check."),
    "no-bot": L("This bot is switched off or was deleted."),
    "reach": L("The address could not be reached, or did not answer properly."),
    "not-allowed": L("This address is not allowed."),
    "http": L("The other side answered with an error (%(detail)s)."),
    "too-fast": L("The group takes no more messages just now. We go on in a while."),
    "bot-key": L("The bot's address or key is not valid. Copy it from the group again."),
    "bot-sign": L("The bot's signature is refused. Check the secret, and this machine's clock."),
    "bot-word": L("The bot only takes messages with its keyword. Add “smallcrm” as a keyword, or use a signature."),
    "bot-address": L("The bot only takes messages from certain addresses, and ours is not among them."),
    "bot": L("The bot refused the message (%(detail)s)."),
}  # fmt: skip


def explain(error: str | None) -> str:
    """``last_error`` in the current language, with what the other side said."""
    if not error:
        return ""
    code, _, detail = error.partition(": ")
    found = WORDS.get(code)
    if found is None:
        return error
    if "%(detail)s" in found.message:
        return Lazy(found.message, detail=detail or "?").__str__()
    if code == "old":  # what kept it waiting
        return f"{found} {explain(detail)}".strip()
    return f"{found} ({detail})" if detail else str(found)


_SECRET = re.compile(r"(?i)((?:key|access_token|token|sign|signature|secret|password|pwd)=)[^&\s\"']+")
_HOOK = re.compile(r"(?i)(/hook/)[^/?\s\"']+")


def tidy(detail: object) -> str:
    """One line of at most 300 characters, without control characters and without what looks like a secret."""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    text = _HOOK.sub(r"\1***", _SECRET.sub(r"\1***", text))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def without(text: str, secrets: Iterable[str]) -> str:
    """``text`` with each of ``secrets`` masked."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    return text

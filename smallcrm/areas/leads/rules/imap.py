"""One connection to a mailbox by IMAP: certificates checked, encryption that was asked for never given up, nothing waited for forever."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from smallcrm.base.i18n import L, Label
from smallcrm.jobs import net
from smallcrm.jobs.outbox.failure import tidy, without

CONNECT = 10.0  # seconds to connect
READ = 30.0  # seconds for each answer
WHOLE = 240.0  # seconds for one visit
LARGEST = 2 * 1024 * 1024  # octets of a mail that is read whole; of a larger one the head and the first text
HEAD = 256 * 1024

_PORTS = (143, 993)  # and any above 1023: nobody looks into other services by way of these settings

TROUBLE: dict[str, Label] = {
    "not-set": L("No mailbox is set up yet."),
    "port": L("This is no port of a mailbox. Usual are 993 and 143."),
    "name": L("The mail server's name is not known. Check how it is written."),
    "connect": L("The mail server does not answer. Check host and port, and whether the firewall lets us through."),
    "timeout": L("The mail server took too long to answer."),
    "certificate": L("The mail server's certificate is not trusted: it has run out or belongs to another name."),
    "pem": L("What was pasted as the mail server's certificate is none."),
    "tls": L("No encrypted connection came about. Port 993 usually wants SSL, port 143 STARTTLS."),
    "no-tls": L("The mail server offers no encryption (STARTTLS). Nothing was sent."),
    "sign-in": L("The mail server refuses user name or password."),
    "folder": L("There is no such folder in the mailbox."),
    "lost": L("The connection broke off. What was read is kept; the rest is read next time."),
}


class Unread(Exception):
    """The mailbox could not be read; ``code`` is a key of ``TROUBLE``, ``detail`` what the other side said."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = tidy(detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


def explain(kept: str) -> str:
    """A kept trouble in the current language."""
    code, _, detail = kept.partition(": ")
    found = str(TROUBLE.get(code, kept))
    return f"{found} ({detail})" if detail else found


@dataclass(frozen=True)
class Box:
    """A mailbox. ``security``: ssl, starttls or none (inside the office only)."""

    host: str = ""
    port: int = 993
    security: str = "ssl"
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    certificate: str = field(default="", repr=False)

    @property
    def ready(self) -> bool:
        """Whether it can be read at all."""
        return bool(self.host and self.user)

    @property
    def place(self) -> str:
        """What tells it from another."""
        return f"{self.host.casefold()}:{self.port}/{self.user}/{self.folder}"


class _Client(imaplib.IMAP4):
    """imaplib's, connecting under a deadline, by TLS from the start where that is wanted."""

    def __init__(self, box: Box, context: ssl.SSLContext | None) -> None:
        self._box = box
        self._context = context
        self.deadline: net.Deadline | None = None
        super().__init__(box.host, box.port, CONNECT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = socket.create_connection((self._box.host, self._box.port), timeout)
        try:
            self.deadline = net.Deadline(sock)
            self.deadline.set(WHOLE)
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_hostname=self._box.host)
            sock.settimeout(READ)
        except BaseException:
            sock.close()
            raise
        return sock


@dataclass(frozen=True)
class Waiting:
    """A mail that was found: its UID and size."""

    uid: int
    size: int


class Session:
    """An open mailbox, read only: nothing in it is moved, marked or deleted."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._client: _Client | None = None
        self.validity = 0

    def __enter__(self) -> Session:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, encrypt, sign in, look into the folder. Raises Unread."""
        box = self._box
        if not box.ready or box.security not in ("ssl", "starttls", "none"):
            raise Unread("not-set")
        if box.port not in _PORTS and box.port < 1024:
            raise Unread("port", box.port)
        try:
            context = _context(box)
            self._client = client = _Client(box, context if box.security == "ssl" else None)
            if box.security == "starttls":
                if "STARTTLS" not in client.capabilities:
                    raise Unread("no-tls")
                client.starttls(ssl_context=context)
            self._sign_in(client)
            self._enter(client)
        except Unread:
            self.close()
            raise
        except (OSError, imaplib.IMAP4.error, UnicodeError, ValueError) as error:
            over = self._client is not None and self._client.deadline is not None and self._client.deadline.over
            self.close()
            raise Unread("timeout" if over else _reason(error), without(str(error), [box.password])) from None

    def _sign_in(self, client: _Client) -> None:
        try:
            client.login(self._box.user, self._box.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Unread("sign-in", without(str(error), [self._box.password])) from None

    def _enter(self, client: _Client) -> None:
        try:
            answer, data = client.select(_quoted(self._box.folder or "INBOX"), readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Unread("folder", error) from None
        if answer != "OK":
            raise Unread("folder", data[0] if data else "")
        found = client.response("UIDVALIDITY")[1]
        digits = re.search(rb"\d{1,10}", found[0]) if found and isinstance(found[0], bytes) else None
        self.validity = int(digits[0]) if digits else 0

    def after(self, uid: int, most: int) -> list[Waiting]:
        """The mails that came after ``uid``, the oldest first, at most so many. Raises Unread."""
        data = self._ask("SEARCH", None, f"UID {uid + 1}:*")
        text = b" ".join(part for part in data if isinstance(part, bytes))
        # "n:*" names the last one even where it is older than n
        uids = sorted({int(each) for each in text.split() if each.isdigit() and int(each) > uid})[:most]
        return [Waiting(each, self._size(each)) for each in uids]

    def _size(self, uid: int) -> int:
        data = self._ask("FETCH", str(uid), "(RFC822.SIZE)")
        text = b" ".join(part if isinstance(part, bytes) else b" ".join(part) for part in data if part)
        digits = re.search(rb"RFC822\.SIZE (\d{1,12})", text)
        return int(digits[1]) if digits else 0

    def fetch(self, mail: Waiting) -> bytes:
        """A mail as it came, of a large one the beginning. Raises Unread."""
        part = "BODY.PEEK[]" if mail.size <= LARGEST else f"BODY.PEEK[]<0.{HEAD}>"
        for each in self._ask("FETCH", str(mail.uid), f"({part})"):
            if isinstance(each, tuple) and len(each) > 1 and isinstance(each[1], bytes):
                return bytes(each[1])
        return b""

    def _ask(self, command: str, *given: str | None) -> list[bytes | tuple[bytes, bytes]]:
        client = self._client
        assert client is not None
        try:
            answer, data = client.uid(command, *given)  # type: ignore[arg-type]
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            self.close()
            raise Unread("lost", without(str(error), [self._box.password])) from None
        if answer != "OK":
            raise Unread("lost", data[0] if data else "")
        return [each for each in data if each]

    def close(self) -> None:
        """Say goodbye where anybody listens."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ValueError):
            client.logout()
        with contextlib.suppress(OSError):
            client.shutdown()
        if client.deadline is not None:
            client.deadline.close()


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: other letters than ASCII in its own UTF-7."""
    text = "".join(_utf7(folder))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(folder: str) -> Iterator[str]:
    import base64

    for plain, other in re.findall(r"([\x20-\x7e]+)|([^\x20-\x7e]+)", folder):
        if plain:
            yield plain.replace("&", "&-")
        else:
            packed = base64.b64encode(other.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            yield f"&{packed}-"


def _context(box: Box) -> ssl.SSLContext:
    try:
        return net.tls(box.certificate)
    except (ssl.SSLError, ValueError):
        raise Unread("pem") from None


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "name"
    return "timeout" if isinstance(error, TimeoutError) else "connect"

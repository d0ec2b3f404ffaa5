"""One connection to the mail server, for a batch of mails. Knows at every step whether a mail may have arrived.

Certificates and names are checked, encryption that was asked for is never given up, and a server that drips its
answers is cut off after a time however diligently it drips.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable

from smallcrm.jobs import net
from smallcrm.jobs.outbox.compose import Envelope
from smallcrm.jobs.outbox.failure import Failure, Kind, without
from smallcrm.jobs.outbox.settings import MailSettings

CONNECT = 10.0  # seconds to connect
READ = 30.0  # seconds for each answer
OPEN = 60.0  # seconds for connecting, encrypting and signing in together
SEND = 180.0  # seconds for one mail; a large one on a slow line takes its time

_PORTS = (25, 465, 587)  # and any above 1023: nobody looks into other services by way of the mail settings


class _Client(smtplib.SMTP):
    """smtplib's, connecting under a deadline, by TLS from the start where that is wanted."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, watch: Callable[[socket.socket], None]):
        self._context = context
        self._watch = watch
        super().__init__(host, port, local_hostname="localhost", timeout=CONNECT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), timeout)
        try:
            self._watch(sock)
            if self._context:
                sock = self._context.wrap_socket(sock, server_hostname=host)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the closing dot is not to wait for an answer
            sock.settimeout(READ)
        except BaseException:
            sock.close()
            raise
        return sock

    def own_address(self) -> str:
        """How a client without a name greets: its address in brackets."""
        assert self.sock
        address = str(self.sock.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


class Session:
    """An open, signed-in connection. ``send`` may be called again and again until ``usable`` is False."""

    def __init__(self, server: MailSettings) -> None:
        self._server = server
        self._client: _Client | None = None
        self._deadline: net.Deadline | None = None
        self.usable = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, encrypt, sign in. Raises Failure of kind SERVER."""
        server = self._server
        if server.security not in ("ssl", "starttls", "none"):
            raise Failure("not-set", server.security, kind=Kind.SERVER)
        if server.port not in _PORTS and server.port < 1024:
            raise Failure("port", server.port, kind=Kind.SERVER)
        try:
            context = _context(server)
            at_once = context if server.security == "ssl" else None
            self._client = client = _Client(server.host, server.port, at_once, self._watch)
            client.local_hostname = server.client_name or client.own_address()
            client.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                if not client.has_extn("starttls"):
                    raise Failure("no-tls", kind=Kind.SERVER)
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
            self._calm()
        except Failure:
            self.close()
            raise
        except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
            over = self._deadline is not None and self._deadline.over
            self.close()
            raise Failure(_reason(error, over=over), self._masked(error), kind=Kind.SERVER) from None
        self.usable = True

    def send(self, letter: Envelope) -> dict[str, Failure]:
        """Hand one mail over; the addresses that were refused while others were accepted. Raises Failure."""
        client = self._client
        assert client
        assert self._deadline
        self._deadline.set(SEND)
        handed_over = False
        try:
            refused = self._address(client, letter)
            self._said(client.docmd("DATA"), 354)
            client.send(letter.data if letter.data.endswith(b"\r\n") else letter.data + b"\r\n")
            client.send(b".\r\n")
            handed_over = True  # from here on nobody but the server knows
            answer = client.getreply()
            handed_over = answer[0] < 400  # an answer that makes no sense says nothing
            self._said(answer, 250)
        except Failure as failure:
            self._recover(failure)
            raise
        except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
            self.close()
            if handed_over:
                raise Failure("unknown", self._masked(error), kind=Kind.UNKNOWN) from None
            raise Failure("lost", self._masked(error), kind=Kind.LATER) from None
        self._calm()
        if self._deadline.over:
            self.close()
        return refused

    def close(self) -> None:
        """Say goodbye where anybody listens."""
        self.usable = False
        client, self._client = self._client, None
        deadline, self._deadline = self._deadline, None
        if deadline:
            deadline.close()
        if client is None:
            return
        if client.sock is not None:
            with contextlib.suppress(OSError):
                client.sock.settimeout(2)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    # ------------------------------------------------------------ steps

    def _watch(self, sock: socket.socket) -> None:
        self._deadline = net.Deadline(sock)
        self._deadline.set(OPEN)

    def _address(self, client: _Client, letter: Envelope) -> dict[str, Failure]:
        if letter.utf8 and not client.has_extn("smtputf8"):
            raise Failure("address", kind=Kind.NEVER)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.utf8 else []
        if letter.utf8:
            client.command_encoding = "utf-8"
        try:
            self._said(client.mail(letter.sender, options), 250, code="sender")
            refused: dict[str, Failure] = {}
            for recipient in letter.recipients:
                try:
                    self._said(client.rcpt(recipient), 250, 251, 252, code="recipient")
                except Failure as failure:
                    if failure.kind is Kind.SERVER:
                        raise
                    refused[recipient] = failure
        finally:
            client.command_encoding = "ascii"
        if len(refused) == len(letter.recipients):
            # If one of them may be accepted later, all are tried later.
            raise next((each for each in refused.values() if each.kind is Kind.LATER), None) or next(
                iter(refused.values()), Failure("recipient", kind=Kind.NEVER)
            )
        return refused

    def _said(self, answer: tuple[int, bytes], *good: int, code: str = "refused") -> None:
        """Raise what an answer means unless it is one of the good ones."""
        status, text = answer
        if status in good:
            return
        detail = self._masked(f"{status} {text.decode('utf-8', 'replace')}")
        if status == 421:
            raise Failure("later", detail, kind=Kind.SERVER)
        if status >= 500 and code == "sender":  # all our mails have the same sender: none of them is to blame
            raise Failure("sign-in" if status in (530, 535) else code, detail, kind=Kind.SERVER)
        if status == -1 or status < 400:  # no answer that makes sense
            raise smtplib.SMTPServerDisconnected(detail)
        raise Failure("later" if status < 500 else code, detail, kind=Kind.LATER if status < 500 else Kind.NEVER)

    def _recover(self, failure: Failure) -> None:
        """Make the connection fit for the next mail after a refusal; give it up where that does not work."""
        assert self._client
        if failure.kind is Kind.SERVER:
            self.close()
            return
        try:
            status, _text = self._client.rset()
        except (OSError, smtplib.SMTPException):
            status = 0
        if status != 250:
            self.close()
        else:
            self._calm()

    def _calm(self) -> None:
        if self._deadline:
            self._deadline.clear()

    def _masked(self, error: object) -> str:
        return without(str(error), (self._server.password,))


def _context(server: MailSettings) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    try:
        return net.tls(server.certificate)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise Failure("pem", error, kind=Kind.SERVER) from None


def _reason(error: Exception, *, over: bool) -> str:
    """The code for why no connection came about. smtplib wraps what the socket said."""
    if over or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "name"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, UnicodeError)):
        return "sign-in"
    if isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500:
        return "later"
    return "connect"

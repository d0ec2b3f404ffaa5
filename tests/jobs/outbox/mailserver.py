"""A real SMTP server on loopback (aiosmtpd) that can be told to misbehave."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from smallcrm.jobs.outbox.settings import MailSettings
from tests.jobs.certificates import Certificate, load


@dataclass
class Got:
    """A mail that the server said 250 to."""

    sender: str
    recipients: list[str]
    raw: bytes
    greeting: str
    peer: tuple[str, int]

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.SMTP)  # type: ignore[return-value]


@dataclass
class Handler:
    """``rcpt``: address → answer. ``data``: answers of the next mails. ``slow``: seconds before 250."""

    got: list[Got] = field(default_factory=list)
    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    sender: str = ""
    slow: float = 0.0
    received: threading.Event = field(default_factory=threading.Event)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = self.rcpt.get(address)
        if answers:
            answer = answers[0] if len(answers) == 1 else answers.pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.set()
        if self.slow:
            await asyncio.sleep(self.slow)
        answer = self.data.pop(0) if self.data else "250 OK"
        if answer == "drop":
            assert server.transport
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.got.append(
                Got(str(envelope.mail_from), list(envelope.rcpt_tos), content, str(session.host_name), session.peer)  # type: ignore[arg-type]
            )
        return answer


class MailServer:
    """Started on a free port; ``settings`` reach it."""

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        security: str = "none",
        login: tuple[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.handler = Handler()
        more: dict[str, Any] = {}
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            load(context, certificate)
        if security == "starttls":
            more |= {"tls_context": context, "require_starttls": True}
        if login:

            def check(
                server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
            ) -> AuthResult:
                good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
                return AuthResult(success=good, handled=False)

            more |= {"authenticator": check, "auth_required": True, "auth_require_tls": security == "starttls"}
        kind = Controller
        self._controller = kind(
            self.handler, hostname="127.0.0.1", port=port,
            ssl_context=context if security == "ssl" else None, ready_timeout=10, enable_SMTPUTF8=True, **more,
        )  # fmt: skip
        if port == 0:
            # aiosmtpd checks itself by connecting to its port, so it must know a free one beforehand.
            import socket

            with socket.create_server(("127.0.0.1", 0)) as free:
                self._controller.port = free.getsockname()[1]
        self.port = self._controller.port
        self.security = security
        self._controller.start()

    @property
    def got(self) -> list[Got]:
        return self.handler.got

    def settings(self, **more: Any) -> MailSettings:
        given = {
            "host": "127.0.0.1",
            "port": self.port,
            "security": self.security,
            "sender": "crm@office.example",
            **more,
        }
        return MailSettings(**given)

    def close(self) -> None:
        self._controller.stop()


class Rude:
    """A server of our own making, for what no real one does: ``script`` is (what to wait for, what to say) in turn.

    What to say may be ``None`` (hang up) or ``...`` (say nothing more); ``drip`` sends octet by octet.
    """

    def __init__(self, script: list[tuple[bytes, bytes | Any | None]], *, drip: float = 0.0) -> None:
        import socket

        self.script = script
        self.drip = drip
        self.heard: list[bytes] = []
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.port = self._server.getsockname()[1]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def settings(self, **more: Any) -> MailSettings:
        given = {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": "crm@office.example", **more}
        return MailSettings(**given)

    def close(self) -> None:
        self._done.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                connection, _peer = self._server.accept()
            except TimeoutError:
                continue
            self.connections += 1
            with connection:
                connection.settimeout(0.05)
                self._talk(connection)

    def _talk(self, connection: Any) -> None:
        buffer = b""
        for wait_for, say in self.script:
            while wait_for and wait_for not in buffer.upper():
                try:
                    got = connection.recv(65536)
                except TimeoutError:
                    if self._done.is_set():
                        return
                    continue
                except OSError:
                    return
                if not got:
                    return
                buffer += got
                self.heard.append(got)
            buffer = b""
            if say is None:
                return
            if say is ...:
                self._done.wait(30)
                return
            try:
                self._say(connection, say)
            except OSError:
                return
        self._done.wait(30)

    def _say(self, connection: Any, text: bytes) -> None:
        if not self.drip:
            connection.sendall(text)
            return
        for octet in text:
            connection.sendall(bytes([octet]))
            time.sleep(self.drip)
            if self._done.is_set():
                return

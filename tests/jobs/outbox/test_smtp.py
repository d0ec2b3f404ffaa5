"""One connection to a mail server, real ones and rude ones."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from smallcrm.jobs.outbox import smtp
from smallcrm.jobs.outbox.compose import Envelope
from smallcrm.jobs.outbox.failure import Failure, Kind, explain
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.jobs.outbox.smtp import Session
from tests.jobs import certificates
from tests.jobs.outbox.mailserver import MailServer, Rude

LETTER = Envelope("crm@office.example", ("ann@office.example",), b"Subject: x\r\n\r\nHello\r\n", utf8=False)
MakeRude = Callable[..., Rude]

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server's, on loopback


@pytest.fixture
def serve() -> Iterator[Callable[..., MailServer]]:
    made: list[MailServer] = []

    def make(**options: object) -> MailServer:
        made.append(MailServer(**options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


def failure(server: MailSettings, letter: Envelope = LETTER) -> Failure:
    """What goes wrong when one mail is sent."""

    def send() -> None:
        with Session(server) as session:
            session.open()
            session.send(letter)

    with pytest.raises(Failure) as raised:
        send()
    return raised.value


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_by_tls_with_a_certificate_that_was_trusted(serve: Callable[..., MailServer], security: str) -> None:
    certificate = certificates.make("127.0.0.1")
    server = serve(certificate=certificate, security=security, login=("crm", "s3cret"))
    settings = server.settings(certificate=certificate.certificate, user="crm", password="s3cret")
    with Session(settings) as session:
        session.open()
        assert session.send(LETTER) == {}
        assert session.send(LETTER) == {}
    assert [got.recipients for got in server.got] == [["ann@office.example"]] * 2
    assert server.got[0].peer == server.got[1].peer, "one connection for both"
    assert server.got[0].greeting == "[127.0.0.1]"
    assert server.got[0].mail.get_content().strip() == "Hello"


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_certificate_is_never_taken_on_trust(serve: Callable[..., MailServer], security: str) -> None:
    good, other = certificates.make("127.0.0.1"), certificates.make("mail.other.example")
    expired = certificates.make("127.0.0.1", days=-1)
    for certificate, trusted in ((good, ""), (other, other.certificate), (expired, expired.certificate)):
        server = serve(certificate=certificate, security=security)
        failed = failure(server.settings(certificate=trusted, user="crm", password="s3cret"))
        assert (failed.code, failed.kind) == ("certificate", Kind.SERVER)
        assert server.got == []


def test_encryption_is_never_given_up(serve: Callable[..., MailServer]) -> None:
    plain = serve()
    assert failure(plain.settings(security="starttls", user="crm", password="s3cret")).code == "no-tls"
    assert failure(plain.settings(security="ssl")).code == "tls"
    assert failure(plain.settings(security="quantum")).code == "not-set"
    for nonsense in ("x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "证书"):
        assert failure(plain.settings(security="ssl", certificate=nonsense)).code == "pem"
    assert plain.got == []


@pytest.mark.parametrize("port", [1, 9, 22, 80, 443])
def test_other_services_are_not_looked_into(port: int) -> None:
    assert failure(MailSettings("127.0.0.1", port, "none", sender="a@b.c")).code == "port"


def test_signing_in(serve: Callable[..., MailServer]) -> None:
    server = serve(login=("crm", "right"))
    assert failure(server.settings(user="crm", password="wr0ng-pass")).code == "sign-in"
    assert failure(server.settings(user="crm", password="密码")).code == "sign-in"
    assert failure(server.settings()).code == "sign-in", "530 without signing in"
    open_one = serve()
    assert failure(open_one.settings(user="crm", password="x")).code == "sign-in", "no AUTH offered"


def test_the_name_we_greet_with(serve: Callable[..., MailServer]) -> None:
    server = serve()
    with Session(server.settings(client_name="crm.office.example")) as session:
        session.open()
        session.send(LETTER)
    assert server.got[0].greeting == "crm.office.example"


def test_addresses_beyond_ascii(serve: Callable[..., MailServer], rude: MakeRude) -> None:
    letter = Envelope(
        "crm@office.example", ("νίκος@office.example",), "Subject: γεια\r\n\r\nγεια\r\n".encode(), utf8=True
    )
    server = serve()
    with Session(server.settings()) as session:
        session.open()
        session.send(letter)
        session.send(LETTER)
    assert server.got[0].recipients == ["νίκος@office.example"]
    old = rude((b"", b"220 x\r\n"), (b"EHLO", b"250 x\r\n"), (b"RSET", b"250 x\r\n"), (b"QUIT", None))
    failed = failure(old.settings(), letter)
    assert (failed.code, failed.kind) == ("address", Kind.NEVER)


def test_a_server_from_before_ehlo(rude: MakeRude) -> None:
    old = rude(
        (b"", b"220 x\r\n"), (b"EHLO", b"502 what\r\n"), (b"HELO", b"250 x\r\n"), (b"MAIL", b"250 x\r\n"),
        (b"RCPT", b"250 x\r\n"), (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", b"250 x\r\n"), (b"QUIT", None),
    )  # fmt: skip
    with Session(old.settings()) as session:
        session.open()
        assert session.send(LETTER) == {}


def test_who_is_refused_and_who_is_not(serve: Callable[..., MailServer]) -> None:
    server = serve()
    server.handler.rcpt = {"gone@office.example": ["550 5.1.1 no such user"], "grey@office.example": ["451 later"]}
    with Session(server.settings()) as session:
        session.open()
        many = Envelope(
            "crm@office.example",
            ("ann@office.example", "gone@office.example", "grey@office.example"),
            LETTER.data,
            False,
        )
        refused = session.send(many)
        assert {who: (each.code, each.kind) for who, each in refused.items()} == {
            "gone@office.example": ("recipient", Kind.NEVER), "grey@office.example": ("later", Kind.LATER),
        }  # fmt: skip
        with pytest.raises(Failure) as failed:
            session.send(Envelope("crm@office.example", ("gone@office.example",), LETTER.data, False))
        assert (failed.value.code, failed.value.kind) == ("recipient", Kind.NEVER)
        assert failed.value.detail == "550 5.1.1 no such user"
        with pytest.raises(Failure) as failed:
            session.send(
                Envelope("crm@office.example", ("gone@office.example", "grey@office.example"), LETTER.data, False)
            )
        assert failed.value.kind is Kind.LATER
        assert session.usable, "a refusal does not spoil the connection"
        assert session.send(LETTER) == {}
    assert [got.recipients for got in server.got] == [["ann@office.example"]] * 2


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [("554 spam", "refused", Kind.NEVER), ("452 full", "later", Kind.LATER), ("421 bye", "later", Kind.SERVER)],
)
def test_answers_to_the_mail_itself(serve: Callable[..., MailServer], answer: str, code: str, kind: Kind) -> None:
    server = serve()
    server.handler.data = [answer]
    failed = failure(server.settings())
    assert (failed.code, failed.kind) == (code, kind)


def test_a_wrong_sender_is_no_mail_s_fault(serve: Callable[..., MailServer]) -> None:
    server = serve()
    server.handler.sender = "553 sender must be crm@163.example"
    failed = failure(server.settings())
    assert (failed.code, failed.kind) == ("sender", Kind.SERVER)


HELLO = (b"", b"220 x\r\n"), (b"EHLO", b"250 x\r\n")
TO_DATA = (*HELLO, (b"MAIL", b"250 x\r\n"), (b"RCPT", b"250 x\r\n"))


@pytest.mark.parametrize(
    ("script", "code", "kind"),
    [
        ([(b"", None)], "connect", Kind.SERVER),
        ([(b"", b"421 busy\r\n")], "later", Kind.SERVER),
        ([(b"", b"554 go away\r\n")], "connect", Kind.SERVER),
        ([(b"", b"SSH-2.0-x\r\n")], "connect", Kind.SERVER),
        ([(b"", b"220 x\r\n"), (b"EHLO", None)], "connect", Kind.SERVER),
        ([*HELLO, (b"MAIL", None)], "lost", Kind.LATER),
        ([*HELLO, (b"MAIL", b"421 x\r\n"), (b"QUIT", None)], "later", Kind.SERVER),
        ([*TO_DATA, (b"DATA", None)], "lost", Kind.LATER),
        ([*TO_DATA, (b"DATA", b"250 what\r\n"), (b"QUIT", None)], "lost", Kind.LATER),
        ([*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", None)], "unknown", Kind.UNKNOWN),
        ([*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", b"???\r\n"), (b"QUIT", None)], "unknown", Kind.UNKNOWN),
        ([*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", b"451 x\r\n"), (b"RSET", None)], "later", Kind.LATER),
    ],
)  # fmt: skip
def test_servers_that_hang_up(rude: MakeRude, script: list[object], code: str, kind: Kind) -> None:
    failed = failure(rude(*script).settings())
    assert (failed.code, failed.kind) == (code, kind)


@pytest.mark.parametrize(
    ("script", "code", "kind"),
    [
        ([(b"", ...)], "timeout", Kind.SERVER),
        ([(b"", b"220 x\r\n"), (b"EHLO", ...)], "timeout", Kind.SERVER),
        ([*HELLO, (b"MAIL", ...)], "lost", Kind.LATER),
        ([*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", ...)], "unknown", Kind.UNKNOWN),
    ],
)
def test_servers_that_fall_silent(
    rude: MakeRude, monkeypatch: pytest.MonkeyPatch, script: list[object], code: str, kind: Kind
) -> None:
    monkeypatch.setattr(smtp, "CONNECT", 1.0)
    monkeypatch.setattr(smtp, "READ", 1.0)
    begun = time.monotonic()
    failed = failure(rude(*script).settings())
    assert (failed.code, failed.kind) == (code, kind)
    assert time.monotonic() - begun < 40


def test_a_server_that_drips_is_cut_off(rude: MakeRude, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each octet comes in time, the whole never does."""
    monkeypatch.setattr(smtp, "OPEN", 1.0)
    monkeypatch.setattr(smtp, "SEND", 1.0)
    begun = time.monotonic()
    greeting = rude((b"", b"220 " + b"x" * 300 + b"\r\n"), drip=0.02)
    failed = failure(greeting.settings())
    assert (failed.code, failed.kind) == ("timeout", Kind.SERVER)
    slow = rude(*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", b"25"), drip=0.003)
    failed = failure(slow.settings())
    assert (failed.code, failed.kind) == ("unknown", Kind.UNKNOWN)
    chatty = rude(*TO_DATA, (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", b"250 " + b"x" * 900 + b"\r\n"), drip=0.003)
    with Session(chatty.settings()) as session:
        session.open()
        assert session.send(LETTER) == {}, "it did say 250"
        assert not session.usable
    assert time.monotonic() - begun < 60


def test_dripping_through_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handshake that never ends."""
    monkeypatch.setattr(smtp, "OPEN", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        failed = failure(MailSettings("127.0.0.1", server.getsockname()[1], "ssl", sender="crm@office.example"))
    assert (failed.code, failed.kind) == ("timeout", Kind.SERVER)


def test_a_closed_port_and_a_name_that_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert failure(MailSettings("127.0.0.1", port, "none", sender="a@b.c")).code == "connect"
    assert failure(MailSettings("no-such-host.invalid", 25, "none", sender="a@b.c")).code == "name"


def test_the_password_is_in_no_message(rude: MakeRude) -> None:
    echo = rude(
        (b"", b"220 x\r\n"), (b"EHLO", b"250-x\r\n250 AUTH PLAIN\r\n"), (b"AUTH", b"535 bad hunter2 for crm\r\n"),
        (b"QUIT", None),
    )  # fmt: skip
    failed = failure(echo.settings(user="crm", password="hunter2"))
    assert str(failed) == "sign-in: (535, b'bad *** for crm')"
    assert "hunter2" not in explain(str(failed))
    assert "hunter2" not in repr(echo.settings(password="hunter2"))

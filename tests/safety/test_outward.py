"""What an administrator can make smallcrm connect to: mail servers anywhere (the office's stand in the LAN), bots only at their
providers, webhooks at public addresses and those on the list. Where it may not go it does not knock."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from smallcrm.areas.admin import settings as outward
from tests.areas.people.conftest import text_of
from tests.client import Browser, Web
from tests.jobs.outbox.mailserver import MailServer

HOOK = {"kind": "webhook", "name": "Hook", "enabled": "1", "test": "1"}
ELSEWHERE = (
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://0177.0.0.1:{port}/", "http://0x7f000001:{port}/", "http://2130706433:{port}/",
    "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://0.0.0.0:{port}/", "http://localhost:{port}/", "http://LOCALHOST.:{port}/",
    "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.1.1/", "http://127.0.0.1:{port}@example.com/",
    "http://example.com@127.0.0.1:{port}/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]:{port}/",
)  # fmt: skip
NO_ADDRESS = ("file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "javascript:alert(1)", "//127.0.0.1:{port}/", "http://",
              "dict://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "https:127.0.0.1")  # fmt: skip


class Listener:
    """A port that counts who knocks."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def olga(web: Web) -> Browser:
    return web.browser("owner")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_webhook_reaches_nothing_inside(url: str, olga: Browser, listener: Listener) -> None:
    """No spelling of an inner address is called, and an open port reads as a closed one."""
    pages = []
    for port in (listener.port, closed_port()):
        answer = olga.post("/admin/bots", {**HOOK, "url": url.format(port=port)})
        assert answer.status_code in (200, 422)
        pages.append(text_of(answer).replace(str(port), "#"))
    assert listener.calls == 0
    assert pages[0] == pages[1]


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address(url: str, olga: Browser, listener: Listener) -> None:
    answer = olga.post("/admin/bots", {**HOOK, "url": url.format(port=listener.port)})
    assert answer.status_code == 422
    assert listener.calls == 0
    assert "root:" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_bot_talks_to_its_provider_alone(kind: str, olga: Browser, listener: Listener) -> None:
    for url in (f"https://127.0.0.1:{listener.port}/hook", f"https://localhost:{listener.port}/", "https://qyapi.weixin.qq.com.evil.example/",
                "https://oapi.dingtalk.com@evil.example/", "https://open.feishu.cn:8443/x", "https://evil.example/?open.feishu.cn"):  # fmt: skip
        answer = olga.post("/admin/bots", {**HOOK, "kind": kind, "url": url})
        assert answer.status_code in (200, 422)
        assert (
            "not an address of the provider" in text_of(answer)
            or "no web address" in text_of(answer)
            or "not allowed" in text_of(answer)
        ), url
    assert listener.calls == 0


def test_the_list_opens_one_place_and_only_administrators_write_it(olga: Browser, web: Web, listener: Listener) -> None:
    """What stands on the list is called, its neighbours are not."""
    assert olga.post("/admin/bots/allowed", {"bots_allowed": f"127.0.0.1:{listener.port}"}).status_code == 303
    olga.post("/admin/bots", {**HOOK, "url": f"http://127.0.0.1:{listener.port}/x"})
    assert listener.calls > 0
    calls = listener.calls
    olga.post("/admin/bots", {**HOOK, "url": f"http://127.0.0.1:{closed_port()}/x"})
    olga.post("/admin/bots", {**HOOK, "url": f"http://127.0.0.2:{listener.port}/x"})
    assert listener.calls == calls
    assert web.browser("manager").post("/admin/bots/allowed", {"bots_allowed": "0.0.0.0/0"}).status_code == 403


MAIL = {
    "mail_host": "127.0.0.1",
    "mail_security": "none",
    "mail_sender": "office@example.com",
    "mail_user": "",
    "mail_per_minute": "0",
}


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_mail_server_in_the_office_is_fine(olga: Browser) -> None:
    server = MailServer()
    try:
        form = {**MAIL, "mail_port": str(server.settings().port), "test": "1", "test_to": "olga@example.com"}
        assert "took the test mail" in text_of(olga.post("/admin/mail", form))
        assert len(server.got) == 1
    finally:
        server.close()


@pytest.mark.parametrize(
    "name", ["mail_host", "mail_sender", "mail_user", "mail_sender_name", "mail_reply_to", "test_to"]
)
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_no_setting_becomes_a_second_line(name: str, olga: Browser) -> None:
    """CR, LF and NUL in what is said to a mail server: refused, or one line of one header."""
    server = MailServer()
    try:
        for text in (
            "x@example.com\r\nBcc: evil@example.com",
            "x@example.com\nRCPT TO:<evil@example.com>",
            "x@example.com\x00",
            "\r\nDATA\r\n.",
        ):
            form = {
                **MAIL,
                "mail_port": str(server.settings().port),
                "test": "1",
                "test_to": "olga@example.com",
                name: text,
            }
            assert olga.post("/admin/mail", form).status_code in (200, 400, 422)
        for got in server.got:
            assert got.recipients == ["olga@example.com"] or got.recipients == ["x@example.com"]
            assert got.mail["Bcc"] is None
    finally:
        server.close()


def test_a_kept_password_goes_to_no_other_server(olga: Browser, listener: Listener) -> None:
    """Neither by a test nor by saving: there it has to be typed again."""
    held = {**MAIL, "mail_port": "9", "mail_user": "office", "mail_password": "tell-nobody-7"}
    assert olga.post("/admin/mail", held).status_code == 303
    for other in ({"mail_host": "mail.evil.example"}, {"mail_user": "somebody"}):
        assert olga.post("/admin/mail", {**held, "mail_password": "", **other}).status_code == 422
        assert (outward.mail().host, outward.mail().user, outward.mail().password) == (
            "127.0.0.1",
            "office",
            "tell-nobody-7",
        )
    assert olga.post("/admin/mail", {**held, "mail_password": "another-8", "mail_user": "somebody"}).status_code == 303
    assert outward.mail().password == "another-8"
    assert (
        olga.post("/admin/mail", {**held, "mail_password": "", "mail_user": "somebody", "mail_port": "10"}).status_code
        == 303
    )
    assert outward.mail().password == "another-8"

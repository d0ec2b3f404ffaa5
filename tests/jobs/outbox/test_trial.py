"""The button "Send a test", and what a person is told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from smallcrm.base import i18n
from smallcrm.jobs.outbox import presets, settings, trial
from smallcrm.jobs.outbox.failure import WORDS, explain
from smallcrm.jobs.outbox.settings import Bot, MailSettings
from tests.jobs.outbox.mailserver import MailServer, Rude
from tests.jobs.web import Web


def test_a_test_mail_arrives(mailserver: MailServer) -> None:
    found = trial.mail(mailserver.settings(), "ann@office.example")
    assert found.ok
    assert "ann@office.example" in found.text
    mail = mailserver.got[0].mail
    assert mail["Subject"] == "Test mail from smallcrm"
    assert mail.get_body(("html",))


def test_what_is_said_when_it_does_not(folder: Path, rude: Callable[..., Rude]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    denied = rude(
        (b"", b"220 x\r\n"), (b"EHLO", b"250-x\r\n250 AUTH PLAIN\r\n"), (b"AUTH", b"535 no\r\n"), (b"QUIT", None)
    )
    for server, code, words in (
        (MailSettings(), "address", "e-mail address"),
        (MailSettings(sender="crm@office.example"), "not-set", "No mail server"),
        (MailSettings("127.0.0.1", closed, "none", sender="a@b.c"), "connect", "does not answer"),
        (denied.settings(user="crm", password="x"), "sign-in", "refuses user name or password"),
    ):
        found = trial.mail(server, "ann@office.example")
        assert (found.ok, found.code) == (False, code)
        assert words in found.text
    assert trial.mail(MailSettings("h", sender="a@b.c"), "nobody").code == "address"


def test_hints(folder: Path) -> None:
    def hint(server: MailSettings, code: str) -> str:
        return trial._hint(server, code)

    assert "授权码" in hint(MailSettings("smtp.163.com"), "sign-in")
    assert "app password" in hint(MailSettings("SMTP.GMAIL.COM"), "sign-in")
    assert "465" in hint(MailSettings("x", 465, "starttls"), "timeout")
    assert hint(MailSettings("x", 587, "starttls"), "timeout") == ""
    assert "paste" in hint(MailSettings("x"), "certificate")
    assert hint(MailSettings("x"), "sign-in") == ""


def test_bots(folder: Path, web: Web) -> None:
    settings.provide(allowed=lambda: ["127.0.0.1"])
    web.answer(200, b'{"errcode":0,"code":0}')
    for kind in ("wecom", "dingtalk", "feishu", "webhook"):
        assert trial.bot(Bot("t", kind, "T", web.url("/send?key=KEY12345"))).ok
        assert "smallcrm" in web.seen[-1].body.decode(), "the keyword that a bot may ask for"
    web.answer(200, b'{"errcode":93000,"errmsg":"invalid KEY12345"}')
    found = trial.bot(Bot("t", "wecom", "T", web.url("/send?key=KEY12345")))
    assert (found.ok, found.code) == (False, "bot-key")
    assert "KEY12345" not in found.text
    settings.provide(allowed=tuple)
    assert trial.bot(Bot("t", "wecom", "T", web.url("/send"))).code == "not-allowed"
    assert trial.bot(Bot("t", "webhook", "T", "http://169.254.169.254/latest/meta-data")).code == "not-allowed"


def test_presets() -> None:
    assert {p.key for p in presets.PRESETS} >= {
        "163", "qq", "aliyun", "exmail", "gmail", "outlook", "gmx", "cosmote", "mailplus", "custom",
    }  # fmt: skip
    for each in presets.PRESETS:
        assert each.security in ("ssl", "starttls", "none")
        assert (each.port, each.security) in ((465, "ssl"), (587, "starttls"))
        assert presets.get(each.key) is each
    assert presets.get("x") is None
    assert presets.of("") is None


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_code_has_words(code: str) -> None:
    for error in (code, f"{code}: 550 100% {{odd}} %(x)s"):
        said = explain(error)
        assert said
        assert "%(detail)s" not in said
    assert explain("no-such-code: x") == "no-such-code: x"
    assert explain(None) == ""


def test_it_speaks_the_readers_language() -> None:
    with i18n.speaking("zh"):
        assert explain("http: 404")

"""What is set up here of what the jobs ask for: the mail server, bots, our own address, times of jobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.jobs import registry
from smallcrm.jobs.outbox import settings as outward
from smallcrm.jobs.outbox.settings import Bot, MailSettings
from smallcrm.records import settings
from smallcrm.records.fields import Choice, Email, LongText, Number, Text, Texts

SECURITY = (
    ("starttls", L("STARTTLS (usual with port 587)")),
    ("ssl", L("SSL/TLS (usual with port 465)")),
    ("none", L("none: only inside the office")),
)
BOT_KINDS = (
    ("wecom", "企业微信 (WeCom)"), ("dingtalk", "钉钉 (DingTalk)"), ("feishu", "飞书 (Feishu)"), ("webhook", L("Web address (JSON)")),
)  # fmt: skip

settings.declare(
    "mail",
    {
        "mail.host": (Text(L("Mail server"), most=200), None),
        "mail.port": (Number(L("Port"), least=1, most=65535), 587),
        "mail.security": (Choice(L("Encryption"), SECURITY, required=True), "starttls"),
        "mail.user": (Text(L("User name"), most=200), None),
        "mail.password": (Text(L("Password"), most=500), None),
        "mail.sender": (Email(L("Sent from")), None),
        "mail.sender_name": (Text(L("Sender's name"), most=80), None),
        "mail.reply_to": (Email(L("Answers go to")), None),
        "mail.certificate": (LongText(L("Certificate of the mail server"), most=20_000), None),
        "mail.per_minute": (Number(L("At most so many mails a minute"), least=0, most=10_000), 0),
    },
    secret=("mail.password",),
)
settings.declare(
    "bots",
    {
        "bots.list": (LongText(L("Bots"), most=50_000), None),
        "bots.allowed": (Texts(L("Addresses in the office that webhooks may call")), None),
    },
    secret=("bots.list",),
)
settings.declare("jobs", {"jobs.times": (Texts(L("Times of jobs")), None)})


def mail() -> MailSettings:
    """The mail server as it is set up."""
    got: dict[str, Any] = {name: settings.get(f"mail.{name}") for name in _MAIL}
    return MailSettings(**{name: value for name, value in got.items() if value is not None})


_MAIL = (
    "host",
    "port",
    "security",
    "user",
    "password",
    "sender",
    "sender_name",
    "reply_to",
    "certificate",
    "per_minute",
)


def bots() -> list[Bot]:
    """Every bot, in the order in which they were set up."""
    return [Bot(**each) for each in json.loads(settings.get("bots.list") or "[]")]


def times() -> dict[str, str]:
    """Job → the time of day somebody chose for it."""
    pairs = (each.partition("=") for each in settings.get("jobs.times") or ())
    return {name: time for name, _, time in pairs}


def allowed() -> Sequence[str]:
    """Places in the office network that webhooks may call."""
    return tuple(settings.get("bots.allowed") or ())


outward.provide(
    mail=mail,
    bots=bots,
    base_url=lambda: str(settings.get("company.address") or ""),
    company=lambda: str(settings.get("company.name")),
    allowed=allowed,
)
registry.retimed = lambda name: times().get(name)

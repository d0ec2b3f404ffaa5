"""Mail servers of common providers, offered where the mail server is set up."""

from __future__ import annotations

from dataclasses import dataclass

from smallcrm.base.i18n import L, Label


@dataclass(frozen=True)
class Preset:
    """A provider's mail server. ``hint`` says what people stumble over."""

    key: str
    name: Label
    host: str
    port: int
    security: str
    hint: Label = ""


_CODE = L("Use the authorisation code (授权码) from the mailbox's settings, not the password you sign in with.")
_CLIENT = L("If signing in fails, make a client password (客户端专用密码) in the mailbox's settings and use that.")
_APP = L("Use an app password: two-step sign-in must be on, then the account's security page makes one.")

PRESETS = (
    Preset("163", "163 网易邮箱", "smtp.163.com", 465, "ssl", _CODE),
    Preset("126", "126 网易邮箱", "smtp.126.com", 465, "ssl", _CODE),
    Preset("qq", "QQ 邮箱", "smtp.qq.com", 465, "ssl", _CODE),
    Preset("aliyun", "阿里企业邮箱", "smtp.qiye.aliyun.com", 465, "ssl", _CLIENT),
    Preset("exmail", "腾讯企业邮箱", "smtp.exmail.qq.com", 465, "ssl", _CLIENT),
    Preset("gmail", "Gmail, Google Workspace", "smtp.gmail.com", 587, "starttls", _APP),
    Preset(
        "outlook", "Outlook, Microsoft 365", "smtp.office365.com", 587, "starttls",
        L("An administrator of Microsoft 365 must allow “Authenticated SMTP” for this mailbox."),
    ),
    Preset(
        "gmx", "GMX", "mail.gmx.net", 587, "starttls",
        L("Switch on access by POP3, IMAP and SMTP in the mailbox's settings first."),
    ),
    Preset("cosmote", "Cosmote, OTEnet", "mailgate.otenet.gr", 587, "starttls"),
    Preset(
        "mailplus", "Synology MailPlus", "", 587, "starttls",
        L("The host is your NAS. If its certificate is its own, paste the certificate below."),
    ),
    Preset("custom", L("Another mail server"), "", 587, "starttls"),
)  # fmt: skip


def get(key: str) -> Preset | None:
    """The preset of that key."""
    return next((each for each in PRESETS if each.key == key), None)


def of(host: str) -> Preset | None:
    """The preset that a host belongs to, for its hint."""
    return next((each for each in PRESETS if each.host and each.host == host.lower()), None)

"""From a row of the outbox to the octets an SMTP server takes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.jobs import letter as letters
from smallcrm.jobs.outbox import settings
from smallcrm.jobs.outbox.address import Mailbox, plain
from smallcrm.jobs.outbox.failure import Failure, Kind
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.jobs.outbox.table import Message
from smallcrm.store import blobs

_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
_POLICY_UTF8 = SMTPUTF8.clone(cte_type="8bit", max_line_length=76)
_DOT = re.compile(rb"(?m)^\.")
_NAME = re.compile(rb"(?m)^([^\s:]+):")


@dataclass(frozen=True)
class Envelope:
    """What goes over the wire: ``data`` has CRLF ends and doubled dots, without the closing one."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    utf8: bool  # some address needs the SMTPUTF8 extension


def envelope(message: Message, server: MailSettings, files: Sequence[Mapping[str, str]] = ()) -> Envelope:
    """The mail as it is to be handed over. Raises Failure when it cannot be written."""
    try:
        mail, utf8 = _compose(message, server)
        for each in files:
            _attach(mail, each)
        data = mail.as_bytes(policy=_POLICY_UTF8 if utf8 else _POLICY)
        _need_intact(mail, data)
    except NotFound:
        raise Failure("file", kind=Kind.NEVER) from None
    except (ValueError, TypeError, KeyError, MessageError) as error:
        raise Failure("unsendable", error, kind=Kind.NEVER) from None
    payload = message.payload
    everybody = [address for part in ("to", "cc", "bcc") for _name, address in payload.get(part, ())]
    recipients = tuple(dict.fromkeys(payload.get("only") or everybody))
    return Envelope(server.sender, recipients, _DOT.sub(b"..", data), utf8)


def _compose(message: Message, server: MailSettings) -> tuple[EmailMessage, bool]:
    payload = message.payload
    people = [*payload.get("to", ()), *payload.get("cc", ()), *payload.get("bcc", ()), ("", server.sender)]
    utf8 = not all(address.isascii() for _name, address in people)
    mail = EmailMessage(policy=_POLICY_UTF8 if utf8 else _POLICY)
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(clock.now())
    mail["Subject"] = plain(message.subject)
    mail["From"] = _address((payload.get("from_name") or server.sender_name, server.sender))
    for header, part in (("To", "to"), ("Cc", "cc")):
        if payload.get(part):
            mail[header] = [_address(tuple(each)) for each in payload[part]]
    if reply_to := payload.get("reply_to") or (("", server.reply_to) if server.reply_to else None):
        mail["Reply-To"] = _address(tuple(reply_to))
    if payload.get("automatic", True):
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    if link := payload.get("unsubscribe"):
        mail["List-Unsubscribe"] = f"<{link}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for name, value in payload.get("headers", {}).items():
        mail[name] = plain(value)
    text, html = _bodies(message)
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail, utf8


def _need_intact(mail: EmailMessage, data: bytes) -> None:
    """Raise ValueError where the written mail begins otherwise than it was meant: a second wall against lines put in."""
    head = data.partition(b"\r\n\r\n")[0]
    names = [name.decode("ascii", "replace").lower() for name in _NAME.findall(head)]
    if names != [name.lower() for name in mail]:
        raise ValueError("a header that is not ours")


def _address(who: Mailbox) -> Address:
    name, address = who
    # The standard library forgets to quote a comma or bracket once a name is encoded, so such names go without.
    clean = plain(name) if name.isascii() else re.sub(r'[,;:<>()\[\]@"\\]+', " ", plain(name))
    local, _at, domain = address.rpartition("@")
    return Address(" ".join(clean.split()), local, domain)


def _bodies(message: Message) -> tuple[str, str]:
    if "letter" not in message.payload:
        return message.text, message.html
    written = letters.of_payload(message.payload["letter"])
    return letters.render(written, base_url=settings.base_url(), company=settings.company())


def _attach(mail: EmailMessage, each: Mapping[str, str]) -> None:
    data = _content(each)
    main, _slash, sub = each["type"].partition("/")
    if main not in ("application", "audio", "image", "text", "video") or not re.fullmatch(r"[\w.+-]+", sub):
        main, sub = "application", "octet-stream"
    params = {"charset": "utf-8"} if main == "text" else {}
    mail.add_attachment(data, maintype=main, subtype=sub, filename=plain(each["name"]), params=params)


def _content(each: Mapping[str, str]) -> bytes:
    if "sha" not in each:
        return base64.b64decode(each["data"])
    with blobs.open(each["sha"]) as file:
        return file.read()

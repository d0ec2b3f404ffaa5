"""“Send a test”: straight away, past the queue, with an answer a person understands."""

from __future__ import annotations

import json
from dataclasses import dataclass

from smallcrm.base import clock, formats, i18n, ids
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import _
from smallcrm.jobs.letter import Letter
from smallcrm.jobs.outbox import bots, presets
from smallcrm.jobs.outbox.address import check
from smallcrm.jobs.outbox.compose import envelope
from smallcrm.jobs.outbox.failure import Failure, explain
from smallcrm.jobs.outbox.settings import Bot, MailSettings
from smallcrm.jobs.outbox.smtp import Session
from smallcrm.jobs.outbox.table import NORMAL, Message


@dataclass(frozen=True)
class Result:
    """Whether it worked, what to say, and what often helps."""

    ok: bool
    text: str
    hint: str = ""
    code: str = ""


def mail(server: MailSettings, to: str) -> Result:
    """Send a test mail with these settings, saved or not, in the current language."""
    try:
        address = check(to)
        check(server.sender)
    except SmallcrmError as error:
        return Result(False, str(error), code="address")
    if not server.host:
        return Result(False, explain("not-set"), code="not-set")
    try:
        with Session(server) as session:
            session.open()
            refused = session.send(envelope(_test_mail(address), server))
            for failure in refused.values():
                raise failure
    except Failure as failure:
        return Result(False, explain(str(failure)), _hint(server, failure.code), failure.code)
    return Result(
        True, _("The mail server took the test mail for %(address)s. Look into the mailbox.", address=address)
    )


def bot(tried: Bot) -> Result:
    """Send a test message to the group, in the current language."""
    try:
        bots.send_text(tried, _("smallcrm: this is a test. The connection works. (%(time)s)", time=_time()))
    except Failure as failure:
        return Result(False, explain(str(failure)), code=failure.code)
    return Result(True, _("The test message was taken. Look into the group."))


def _time() -> str:
    return formats.time(clock.now())


def _test_mail(address: str) -> Message:
    letter = Letter(
        heading=_("This is a test"),
        lines=(_("If you can read this, smallcrm can send mail."),),
        language=i18n.language(),
    )
    payload = {"to": [["", address]], "letter": json.loads(json.dumps(letter.as_payload()))}
    now = clock.stamp()
    return Message(
        id=0, channel="mail", recipient=address, subject=_("Test mail from smallcrm"), text="", html="",
        payload=payload, key=None, message_id=f"<{ids.token(18)}@{address.rpartition('@')[2]}>", priority=NORMAL,
        state="sending", attempts=0, created_at=now, send_after=now, claimed_at=None, sent_at=None, last_error=None,
        related="", user=None,
    )  # fmt: skip


def _hint(server: MailSettings, code: str) -> str:
    preset = presets.of(server.host)
    if code in ("sign-in", "sender") and preset and preset.hint:
        return str(preset.hint)
    if code in ("tls", "timeout", "connect", "no-tls") and (server.port, server.security) in (
        (465, "starttls"), (465, "none"), (587, "ssl"), (25, "ssl"),
    ):  # fmt: skip
        return _("Port and encryption do not go together: port 465 usually wants SSL, port 587 STARTTLS.")
    if code == "certificate":
        return _("If this is your own server, paste its certificate, or use the name that stands in the certificate.")
    return ""

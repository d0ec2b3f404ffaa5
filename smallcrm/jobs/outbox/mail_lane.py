"""Mail that is due, over one connection. A server that cannot be used is left alone; no mail is to blame for it."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import stop
from smallcrm.jobs.outbox import rows, settings
from smallcrm.jobs.outbox.compose import envelope
from smallcrm.jobs.outbox.failure import Failure, Kind
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.jobs.outbox.smtp import Session
from smallcrm.jobs.outbox.table import Message

log = logging.getLogger(__name__)

BATCH = 200
BUDGET = 50.0  # seconds after which a run begins no further mail, so that the job comes round
_PAUSE = 30  # seconds after the first trouble, doubled each time
_LONGEST = 900


@dataclass
class _Pause:
    """The server could not be used: when it is tried again, unless its settings change before."""

    server: MailSettings
    until: dt.datetime
    failures: int
    error: str


_pauses: dict[Path, _Pause] = {}


def is_open(now: dt.datetime) -> bool:
    """Whether a mail may be tried now. Only reads."""
    server = settings.mail()
    if not server.ready or not _allowance(server, now):
        return False
    pause = _pauses.get(store.folder())
    # A pause longer than any we make means that the clock was set back meanwhile.
    return not pause or pause.server != server or not now < pause.until <= now + dt.timedelta(seconds=4 * _LONGEST)


def trouble() -> str | None:
    """What keeps all mail waiting at this moment, as ``failure.explain`` reads it."""
    server = settings.mail()
    if not server.ready:
        return "not-set"
    pause = _pauses.get(store.folder())
    return pause.error if pause and pause.server == server else None


def deliver() -> Counter[str]:
    """Send what is due; how many came out how. The lane's lock is in hand."""
    counted: Counter[str] = Counter()
    server = settings.mail()
    if not is_open(clock.now()):
        return counted
    end = time.monotonic() + BUDGET
    with Session(server) as session:
        for key in rows.waiting("channel = 'mail'", min(BATCH, _allowance(server, clock.now()))):
            if stop.asked() or time.monotonic() > end:
                break
            try:
                if not session.usable:
                    session.open()
                for each in rows.queued([key]):
                    counted[_send(session, server, each)] += 1
            except Failure as failure:
                counted["later"] += 1
                counted["failed"] += _pause(server, key, failure)
                return +counted
    _pauses.pop(store.folder(), None)
    return counted


def _send(session: Session, server: MailSettings, each: Message) -> str:
    """Send one; its state afterwards. Raises Failure of kind SERVER, the message waiting as before."""
    if not rows.is_active(each):
        return rows.settle(each, Failure("inactive", kind=Kind.NEVER))
    try:
        letter = envelope(each, server, rows.files(each.id))
    except Failure as failure:
        return rows.settle(each, failure)
    if not rows.claim([each]):
        return "gone"
    try:
        refused = session.send(letter)
    except Failure as failure:
        if failure.kind is not Kind.SERVER:
            return rows.settle(each, failure)
        rows.mark(each.id, "queued", str(failure), blameless=True)
        raise
    except Exception:  # ours: whether it has gone cannot be told
        log.exception("mail %d", each.id)
        session.close()
        return rows.settle(each, Failure("unknown", kind=Kind.UNKNOWN))
    error = "; ".join(f"{address} {failure.detail}" for address, failure in refused.items())
    rows.mark(each.id, "sent", f"recipient: {error}" if error else None)
    if later := [address for address, failure in refused.items() if failure.kind is Kind.LATER]:
        rows.copy_for(each.id, later)
    return "sent"


def _allowance(server: MailSettings, now: dt.datetime) -> int:
    """How many mails may still go in this minute."""
    if not server.per_minute:
        return BATCH
    sent = store.value(
        "SELECT count(*) FROM outbox WHERE sent_at > ? AND sent_at <= ? AND channel = 'mail'",
        (clock.iso(now - dt.timedelta(minutes=1)), clock.iso(now)),
    )
    return max(0, server.per_minute - int(sent))


def _pause(server: MailSettings, head: int, failure: Failure) -> int:
    """Leave the server alone; how many mails were given up because they have waited for days."""
    now = clock.now()
    before = _pauses.get(store.folder())
    failures = before.failures + 1 if before and before.server == server else 1
    # Signing in wrongly again and again locks mailboxes.
    seconds = _LONGEST if failure.code in ("sign-in", "sender") else min(_LONGEST, _PAUSE * 2 ** min(failures - 1, 10))
    wait = dt.timedelta(seconds=max(failure.after, rows.jitter(seconds)))
    _pauses[store.folder()] = _Pause(server, now + wait, failures, str(failure))
    log.warning("mail server: %s; tried again in %d s", failure, wait.total_seconds())
    with store.writing():
        store.run("UPDATE outbox SET last_error = ? WHERE id = ? AND state = 'queued'", (str(failure), head))
    return rows.expire(now, f"old: {failure}") if failures >= 3 and rows.expired(now) else 0

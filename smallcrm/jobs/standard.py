"""The jobs that belong to jobs themselves: sending what is due, and tidying up."""

from __future__ import annotations

import datetime as dt

from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.jobs import notices, outbox, registry, work
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every
from smallcrm.store import blobs, snapshot


def _tidy() -> dict[str, int]:
    now = clock.now()
    done = {
        "notices": notices.prune(now) if notices.prunable(now) else 0,
        "messages": outbox.prune(now) if outbox.prunable(now) else 0,
        "works": work.prune(now) if work.prunable(now) else 0,
        "given_up": outbox.expire(now, "old") if _unsendable(now) else 0,
    }
    return {name: n for name, n in done.items() if n}


def _unsendable(now: dt.datetime) -> bool:
    return outbox.mail_trouble() == "not-set" and outbox.expired(now)


def _after_restore() -> None:
    """What was waiting when the backup was made may have gone long since."""
    outbox.hold_all()


def _untidy(now: dt.datetime) -> bool:
    return notices.prunable(now) or outbox.prunable(now) or work.prunable(now) or _unsendable(now)


OUTBOX = Job("outbox", Every(seconds=5), outbox.deliver_due, outbox.due, L("Send mail and messages"))
TIDY = Job("tidy", Daily("03:40"), _tidy, _untidy, L("Forget old notices and sent messages"))


def register() -> None:
    """Called once, when the app is built."""
    for job in (OUTBOX, TIDY):
        registry.register(job)
    if _after_restore not in snapshot.after_restore:
        snapshot.after_restore.append(_after_restore)
        blobs.uses.append(outbox.in_use)

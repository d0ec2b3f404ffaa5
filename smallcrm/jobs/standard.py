"""The jobs that belong to jobs themselves: sending what is due, and tidying up. And what a restore must not bring back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.identity import sessions
from smallcrm.jobs import notices, outbox, registry, slots, work
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every
from smallcrm.store import blobs, snapshot


@dataclass(frozen=True)
class Chore:
    """Something to forget at night. ``due`` looks without writing; ``do`` says how many it forgot."""

    name: str
    due: Callable[[dt.datetime], bool]
    do: Callable[[dt.datetime], int]


def _unsendable(now: dt.datetime) -> bool:
    return outbox.mail_trouble() == "not-set" and outbox.expired(now)


# Other packages add to these.
chores: list[Chore] = [
    Chore("notices", notices.prunable, notices.prune),
    Chore("messages", outbox.prunable, outbox.prune),
    Chore("works", work.prunable, work.prune),
    Chore("given_up", _unsendable, lambda now: outbox.expire(now, "old")),
    Chore("sessions", lambda _now: sessions.purgeable(), lambda _now: sessions.purge()),
]


def _tidy() -> dict[str, int]:
    now = clock.now()
    done = {chore.name: chore.do(now) for chore in chores if chore.due(now)}
    return {name: n for name, n in done.items() if n}


def _untidy(now: dt.datetime) -> bool:
    return any(chore.due(now) for chore in chores)


def _after_restore() -> None:
    """What was waiting when the backup was made may have gone long since, and today's jobs have run already."""
    outbox.hold_all()
    sessions.end_everybodys()
    slots.pass_over(clock.now())


OUTBOX = Job("outbox", Every(seconds=5), outbox.deliver_due, outbox.due, L("Send mail and messages"))
TIDY = Job("tidy", Daily("03:40"), _tidy, _untidy, L("Forget old notices, sent messages and ended sessions"))


def register() -> None:
    """Called once, when the app is built."""
    for job in (OUTBOX, TIDY):
        registry.register(job)
    if _after_restore not in snapshot.after_restore:
        snapshot.after_restore.append(_after_restore)
        blobs.uses.append(outbox.in_use)

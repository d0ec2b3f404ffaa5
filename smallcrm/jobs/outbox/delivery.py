"""Sending what is due: claim, send outside any transaction, mark. At most once for what cannot be taken back.

Whoever delivers holds the lane's lock. A row that still says "sending" while the lock is free was in the hands of a
process that died: it may have arrived, so it becomes "unknown" and is sent again only by somebody's decision.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import locks
from smallcrm.jobs.outbox import bot_lane, mail_lane, rows


def due(now: dt.datetime) -> bool:
    """Whether anything can be sent now, or was left behind by a dead process. Only reads."""
    found = store.row(
        "SELECT 1 FROM outbox WHERE state = 'queued' AND send_after <= ? AND (channel != 'mail' OR ?) LIMIT 1",
        (clock.iso(now), mail_lane.is_open(now)),
    )
    return found is not None or store.row("SELECT 1 FROM outbox WHERE state = 'sending' LIMIT 1") is not None


def deliver_due(now: dt.datetime | None = None) -> dict[str, int]:
    """Send what is due; how many were ``sent``, put off (``later``), ``failed`` or are ``unknown``."""
    counted: Counter[str] = Counter()
    with clock.at(now):
        for name, which, lane in (
            ("bots", "channel != 'mail'", bot_lane.deliver),
            ("mail", "channel = 'mail'", mail_lane.deliver),
        ):
            with locks.holding(f"outbox/{name}") as mine:
                if mine:
                    counted["unknown"] += rows.recover(which)
                    counted += lane()
    return dict(+counted)


def mail_trouble() -> str | None:
    """What keeps all mail waiting at this moment, for ``explain``."""
    return mail_lane.trouble()

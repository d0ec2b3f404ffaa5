"""What delivering does to rows: claim, mark, put off, recover. Each step is one short transaction.

An outcome that is known but cannot be written (no room on the disk) is kept and written as soon as that works.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
from collections.abc import Iterable
from pathlib import Path

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.jobs import directory
from smallcrm.jobs.outbox.failure import Failure, Kind
from smallcrm.jobs.outbox.table import COLUMNS, Message, message

log = logging.getLogger(__name__)

WAITS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds before each further try; then it has failed

_owed: dict[tuple[Path, int], tuple[str, str | None]] = {}


def waiting(which: str, limit: int) -> list[int]:
    """Ids of messages that are due, those that matter most first. ``which`` is a condition on the channel."""
    sql = (
        f"SELECT id FROM outbox WHERE state = 'queued' AND send_after <= ? AND {which}"
        " ORDER BY priority DESC, id LIMIT ?"
    )
    return [int(key) for (key,) in store.rows(sql, (clock.stamp(), limit))]


def queued(ids: Iterable[int]) -> list[Message]:
    """Those of the messages that still wait."""
    sql = (
        f"SELECT {COLUMNS} FROM outbox WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))"
        " ORDER BY priority DESC, id"
    )
    return [message(found) for found in store.rows(sql, (store.json_list(ids),))]


def files(key: int) -> list[dict[str, str]]:
    """What is attached to a mail."""
    found = store.value("SELECT files FROM outbox WHERE id = ?", (key,))
    return list(json.loads(found)) if found else []


def is_active(each: Message) -> bool:
    """Whether a receiver of ours still works here; others are not asked."""
    return each.user is None or directory.lookup(each.user) is not None


def claim(group: list[Message]) -> bool:
    """Take the messages in hand, all or none."""
    wanted = store.json_list(each.id for each in group)
    with store.writing():
        ready = store.value(
            "SELECT count(*) FROM outbox WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        if ready != len(group):
            return False
        store.run(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, claimed_at = ?"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (clock.stamp(), wanted),
        )
    return True


def settle(each: Message, failure: Failure) -> str:
    """Write what a failure means for one message; its state, ``later`` for another try."""
    if failure.kind is Kind.UNKNOWN:
        mark(each.id, "unknown", str(failure))
        return "unknown"
    if failure.kind is Kind.LATER and each.attempts < len(WAITS):
        mark(each.id, "queued", str(failure), after=max(failure.after, jitter(WAITS[each.attempts])))
        return "later"
    mark(each.id, "failed", str(failure))
    return "failed"


def mark(
    key: int, state: str, error: str | None = None, *, after: float | None = None, blameless: bool = False
) -> None:
    """Write a message's state. ``after``: seconds until the next try; ``blameless``: this try does not count."""
    moment = clock.now()
    later = clock.iso(moment + dt.timedelta(seconds=after)) if after else None
    try:
        with store.writing():
            store.run(
                "UPDATE outbox SET state = ?1, last_error = ?2, sent_at = CASE ?1 WHEN 'sent' THEN ?3 ELSE sent_at END,"
                " send_after = coalesce(?4, send_after), attempts = attempts - ?5 WHERE id = ?6",
                (state, error, clock.iso(moment), later, int(blameless), key),
            )
    except SmallcrmError as trouble:
        log.error("outbox %d is %s, but this could not be written: %s", key, state, trouble)
        _owed[store.folder(), key] = (state, error)


def copy_for(key: int, recipients: list[str]) -> None:
    """Queue a mail once more for those of its receivers who are to be asked later, and for nobody else."""
    payload = store.value("SELECT payload FROM outbox WHERE id = ?", (key,)) or "{}"
    only = json.dumps({**json.loads(payload), "only": recipients}, ensure_ascii=False)
    later = clock.iso(clock.now() + dt.timedelta(seconds=WAITS[1]))
    with store.writing():
        store.run(
            "INSERT INTO outbox (channel, recipient, subject, body_text, body_html, payload, files, message_id,"
            " priority, state, attempts, created_at, send_after, related, user)"
            " SELECT channel, ?, subject, body_text, body_html, ?, files, message_id, priority, 'queued', attempts,"
            " created_at, ?, related, user FROM outbox WHERE id = ?",
            (", ".join(recipients), only, later, key),
        )


def recover(which: str) -> int:
    """Write what is owed; mark as unknown what a dead process left behind, and say how many. Needs the lane's lock."""
    here = store.folder()
    for folder, key in list(_owed):
        if folder == here:
            mark(key, *_owed.pop((folder, key)))
    left = f"state = 'sending' AND {which}"
    if any(folder == here for folder, _key in _owed) or not store.row(f"SELECT 1 FROM outbox WHERE {left} LIMIT 1"):
        return 0
    with store.writing():
        return store.run(f"UPDATE outbox SET state = 'unknown', last_error = 'stopped' WHERE {left}")


def expire(now: dt.datetime, code: str) -> int:
    """Give up mail that has waited too long; how many."""
    with store.writing():
        return store.run(f"UPDATE outbox SET state = 'failed', last_error = ? WHERE {_OLD}", (code, _limit(now)))


def expired(now: dt.datetime) -> bool:
    """Whether ``expire`` would find anything."""
    return store.row(f"SELECT 1 FROM outbox WHERE {_OLD} LIMIT 1", (_limit(now),)) is not None


GIVE_UP = dt.timedelta(days=3)
_OLD = "state = 'queued' AND channel = 'mail' AND send_after < ?"


def _limit(now: dt.datetime) -> str:
    return clock.iso(now - GIVE_UP)


def jitter(seconds: float) -> float:
    """About as long, so that not everything comes back at one moment."""
    return seconds * random.uniform(0.9, 1.3)

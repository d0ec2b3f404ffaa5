"""Group messages and webhooks that are due: a bot at most every three seconds, and what piles up as one message."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import stop
from smallcrm.jobs.outbox import bots, rows, settings
from smallcrm.jobs.outbox.failure import Failure, Kind
from smallcrm.jobs.outbox.settings import Bot
from smallcrm.jobs.outbox.table import Message

log = logging.getLogger(__name__)

BATCH = 200
BUDGET = 50.0  # seconds after which a run begins nothing more
_AT_ONCE = 20  # calls of one webhook in a run


def deliver() -> Counter[str]:
    """Send what is due; how many came out how. The lane's lock is in hand."""
    counted: Counter[str] = Counter()
    groups: dict[tuple[str, str], list[Message]] = {}
    for each in rows.queued(rows.waiting("channel != 'mail'", BATCH)):
        if rows.is_active(each):
            groups.setdefault((each.channel, each.recipient), []).append(each)
        else:
            counted[rows.settle(each, Failure("inactive", kind=Kind.NEVER))] += 1
    end = time.monotonic() + BUDGET
    for (channel, key), messages in groups.items():
        bot = settings.bot(key)
        if bot is None or bot.kind != channel:
            counted += _all(messages, Failure("no-bot", kind=Kind.NEVER))
            continue
        for group in _groups(bot, messages):
            if stop.asked() or time.monotonic() > end:
                return counted
            came = _send(bot, group)
            counted += came
            if came["later"]:
                break
    return counted


def _groups(bot: Bot, messages: list[Message]) -> list[list[Message]]:
    """What of it goes out in this run, and what of that together."""
    if bot.kind == "webhook":
        return [[each] for each in messages[:_AT_ONCE]]
    if not _rested(bot):
        return []
    return [messages[: bots.fitting(bot, messages)]]


def _send(bot: Bot, group: list[Message]) -> Counter[str]:
    if not rows.claim(group):
        return Counter()
    try:
        bots.send(bot, group)
    except Failure as failure:
        return _put_off(bot, group, failure) if failure.kind is Kind.SERVER else _all(group, failure)
    except Exception:
        log.exception("bot %r", bot.key)
        return _all(group, Failure("unsendable", kind=Kind.NEVER))
    for each in group:
        rows.mark(each.id, "sent")
    return Counter(sent=len(group))


def _all(group: list[Message], failure: Failure) -> Counter[str]:
    return Counter(rows.settle(each, failure) for each in group)


def _rested(bot: Bot) -> bool:
    """Whether the bot's last message is long enough ago; a moment in the future is a clock that was set back."""
    now = clock.now()
    recent = store.row(
        "SELECT 1 FROM outbox WHERE sent_at > ? AND sent_at <= ? AND channel = ? AND recipient = ? LIMIT 1",
        (clock.iso(now - dt.timedelta(seconds=bots.PAUSE)), clock.iso(now), bot.kind, bot.key),
    )
    return recent is None


def _put_off(bot: Bot, group: list[Message], failure: Failure) -> Counter[str]:
    """The bot takes nothing for a while: all its messages wait, none of them is to blame."""
    wait = max(failure.after, rows.jitter(60))
    until = clock.iso(clock.now() + dt.timedelta(seconds=wait))
    for each in group:
        rows.mark(each.id, "queued", str(failure), blameless=True)
    with store.writing():
        store.run(
            "UPDATE outbox SET send_after = ?1"
            " WHERE state = 'queued' AND channel = ?2 AND recipient = ?3 AND send_after < ?1",
            (until, bot.kind, bot.key),
        )
    return Counter(later=len(group))

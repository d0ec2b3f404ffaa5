"""Putting messages into the outbox, and what an administrator does with those that lie there.

``put`` takes part in the caller's transaction: the message exists exactly when the change does that it speaks of.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock, i18n, ids
from smallcrm.base.errors import Invalid, TooLarge
from smallcrm.base.i18n import L
from smallcrm.jobs.letter import Letter
from smallcrm.jobs.outbox import settings
from smallcrm.jobs.outbox.address import Mailbox, To, check, mailboxes, plain
from smallcrm.jobs.outbox.table import CHANNELS, COLUMNS, NORMAL, STATES, Message, message
from smallcrm.store import blobs

MOST_ATTACHED = 20 * 1024 * 1024  # octets in one mail
_HEADERS = ("in-reply-to", "references", "list-id", "precedence")  # besides X-…


@dataclass(frozen=True)
class Attachment:
    """A file in a mail: its content, or better the SHA-256 under which ``store.blobs`` keeps it."""

    name: str
    data: bytes = field(default=b"", repr=False)
    sha: str = ""
    type: str = "application/octet-stream"


def put(
    channel: str,
    recipient: str,
    *,
    subject: str = "",
    text: str = "",
    html: str = "",
    payload: Mapping[str, Any] | None = None,
    files: Sequence[Mapping[str, str]] = (),
    key: str | None = None,
    after: dt.datetime | None = None,
    priority: int = NORMAL,
    related: str = "",
    user: int | None = None,
    held: bool = False,
) -> int:
    """Queue a message; its id. A second one with the same ``key`` is not made: the first one's id comes back.

    ``related`` names what it is about (``customers/12``); ``user`` is a receiver of ours, who must still be active
    when it goes out. The language current now is the message's.
    """
    if channel not in CHANNELS:
        raise ValueError(channel)
    content = {"language": i18n.language(), **(payload or {})}
    with store.writing():
        if key is not None and (known := store.value("SELECT id FROM outbox WHERE key = ?", (key,))):
            return int(known)
        store.run(
            "INSERT INTO outbox (channel, recipient, subject, body_text, body_html, payload, files, key, message_id,"
            " priority, state, attempts, created_at, send_after, related, user)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
            (
                channel, recipient, plain(subject), text, html, json.dumps(content, ensure_ascii=False),
                json.dumps(list(files), ensure_ascii=False), key, _message_id(), priority,
                "held" if held else "queued", clock.stamp(), clock.iso(after or clock.now()), related, user,
            ),
        )  # fmt: skip
        return int(store.connection().last_insert_rowid())


def mail(
    to: To,
    *,
    subject: str,
    text: str = "",
    html: str = "",
    letter: Letter | None = None,
    cc: To | None = None,
    bcc: To | None = None,
    reply_to: str | Mailbox = "",
    from_name: str = "",
    attachments: Iterable[Attachment] = (),
    headers: Mapping[str, str] | None = None,
    unsubscribe: str = "",
    automatic: bool = True,
    **row: Any,
) -> int:
    """Queue a mail; its id. ``letter`` stands for text and HTML of our own look. ``row`` goes to ``put``.

    ``unsubscribe`` is the https link of List-Unsubscribe. ``automatic`` mails say so, so that nobody's vacation
    notice answers them. Raises Invalid for an address that is none, TooLarge for too much attached, NotFound for a
    file that is not there.
    """
    addressed = mailboxes(to)
    payload: dict[str, Any] = {"to": addressed, "automatic": automatic}
    for name, others in (("cc", cc), ("bcc", bcc)):
        if others:
            payload[name] = mailboxes(others)
    if reply_to:
        payload["reply_to"] = mailboxes(reply_to)[0]
    if from_name:
        payload["from_name"] = plain(from_name)[:200]
    if headers:
        payload["headers"] = _headers(headers)
    if unsubscribe:
        payload["unsubscribe"] = plain(unsubscribe)
    if letter:
        payload["letter"] = letter.as_payload()
    recipient = ", ".join(address for _name, address in addressed)
    files = _attached(attachments)
    return put("mail", recipient, subject=subject, text=text, html=html, payload=payload, files=files, **row)


def post(bot: settings.Bot, *, title: str, text: str = "", link: str = "", mobile: str = "", **row: Any) -> int:
    """Queue a group message by a bot; its id. ``mobile`` calls on one member. ``row`` goes to ``put``."""
    payload = {"link": link, "mobile": mobile}
    return put(bot.kind, bot.key, subject=title, text=text, payload=payload, **row)


def call(bot: settings.Bot, data: Mapping[str, Any], **row: Any) -> int:
    """Queue ``data`` as JSON for a custom webhook; its id."""
    return put("webhook", bot.key, payload={"data": dict(data)}, **row)


def _message_id() -> str:
    domain = settings.mail().sender.rpartition("@")[2] or "smallcrm.invalid"
    return f"<{ids.token(18)}@{domain}>"


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    for name in given:
        if not name.isascii() or not name.replace("-", "").isalnum() or not name.lower().startswith(("x-", *_HEADERS)):
            raise ValueError(f"not a header one may set: {name!r}")
    return {name: plain(value) for name, value in given.items()}


def _attached(files: Iterable[Attachment]) -> list[dict[str, str]]:
    found, size = [], 0
    for each in files:
        size += blobs.path(each.sha).stat().st_size if each.sha else len(each.data)
        body = {"sha": each.sha} if each.sha else {"data": base64.b64encode(each.data).decode()}
        found.append({"name": plain(each.name)[:200] or "file", "type": each.type, **body})
    if size > MOST_ATTACHED:
        raise TooLarge(L("Attachments of a mail may be %(n)s MB together.", n=MOST_ATTACHED // 1024 // 1024))
    return found


# ---------------------------------------------------------------- for the admin page


def get(message_id: int) -> Message | None:
    """The message of that id."""
    found = store.row(f"SELECT {COLUMNS} FROM outbox WHERE id = ?", (message_id,))
    return message(found) if found else None


def listing(state: str | None = None, *, before: int | None = None, limit: int = 50) -> list[Message]:
    """Newest first; ``before`` is the last id of the page before."""
    where, params = ("id < ? AND state = ?", (before or 2**62, state)) if state else ("id < ?", (before or 2**62,))
    sql = f"SELECT {COLUMNS} FROM outbox WHERE {where} ORDER BY id DESC LIMIT ?"
    return [message(found) for found in store.rows(sql, (*params, limit))]


def about(related: str, limit: int = 50) -> list[Message]:
    """Messages about something, newest first."""
    sql = f"SELECT {COLUMNS} FROM outbox WHERE related = ? AND related != '' ORDER BY id DESC LIMIT ?"
    return [message(found) for found in store.rows(sql, (related, limit))]


def counts() -> dict[str, int]:
    """How many there are in each state."""
    found = dict(store.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
    return {state: int(found.get(state, 0)) for state in STATES}


def retry(ids_: Iterable[int]) -> int:
    """Queue failed, unknown or held messages again, by somebody's decision; how many."""
    return _set(ids_, ("failed", "unknown", "held"), "queued", None)


def cancel(ids_: Iterable[int]) -> int:
    """Give up what has not gone; how many."""
    return _set(ids_, ("queued", "held", "unknown"), "failed", "cancelled")


def accept(ids_: Iterable[int]) -> int:
    """Somebody has looked: these unknown ones did arrive; how many."""
    wanted = store.json_list(ids_)
    with store.writing():
        return store.run(
            "UPDATE outbox SET state = 'sent', sent_at = coalesce(claimed_at, created_at), last_error = NULL"
            " WHERE state = 'unknown' AND id IN (SELECT value FROM json_each(?))",
            (wanted,),
        )


def hold_all() -> int:
    """After a restore: nothing that was waiting then goes out by itself, it may have gone already; how many."""
    with store.writing():
        return store.run(
            "UPDATE outbox SET state = 'held', last_error = 'restored' WHERE state IN ('queued', 'sending')"
        )


def _set(ids_: Iterable[int], states: tuple[str, ...], state: str, error: str | None) -> int:
    with store.writing():
        return store.run(
            "UPDATE outbox SET state = ?, last_error = ?, send_after = ?, attempts = 0"
            " WHERE id IN (SELECT value FROM json_each(?)) AND state IN (SELECT value FROM json_each(?))",
            (state, error, clock.stamp(), store.json_list(ids_), store.json_list(states)),
        )


def prune(now: dt.datetime, *, days: int = 90) -> int:
    """Forget sent and failed messages older than that; how many. Unknown and held ones stay until somebody decides."""
    with store.writing():
        return store.run(
            "DELETE FROM outbox WHERE state IN ('sent', 'failed') AND created_at < ?",
            (clock.iso(now - dt.timedelta(days=days)),),
        )


def prunable(now: dt.datetime, *, days: int = 90) -> bool:
    """Whether ``prune`` would find anything."""
    oldest = store.value("SELECT created_at FROM outbox WHERE state IN ('sent', 'failed') ORDER BY id LIMIT 1")
    return bool(oldest and oldest < clock.iso(now - dt.timedelta(days=days)))


def erase(*, address: str = "", related: str = "") -> int:
    """Take a person's data out of what was sent to an address or speaks of a record; what still waits is cancelled."""
    which, params = ("recipient = ?", (address,)) if address else ("related = ? AND related != ''", (related,))
    with store.writing():
        return store.run(
            "UPDATE outbox SET recipient = '', subject = '', body_text = '', body_html = '', payload = '{}',"
            " files = '[]', last_error = CASE state WHEN 'sent' THEN last_error ELSE 'cancelled' END,"
            f" state = CASE state WHEN 'sent' THEN 'sent' ELSE 'failed' END WHERE {which} AND state != 'sending'",
            params,
        )


def in_use(hashes: Sequence[str]) -> set[str]:
    """Which of the files are attached to messages not yet forgotten; ``store.blobs`` asks before it lays any aside."""
    wanted, found = set(hashes), set()
    for (files,) in store.rows("SELECT files FROM outbox WHERE files != '[]'"):
        found |= wanted & {each.get("sha", "") for each in json.loads(files)}
    return found


def valid(address: str) -> bool:
    """Whether a mail can be addressed to it."""
    try:
        check(address)
    except Invalid:
        return False
    return True

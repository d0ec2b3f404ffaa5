"""Messages that wait, went or could not go."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import peewee

from smallcrm import store

CHANNELS = ("mail", "wecom", "dingtalk", "feishu", "webhook")
STATES = ("queued", "sending", "sent", "failed", "unknown", "held")

URGENT, NORMAL, BULK = 1, 0, -1


class Outbox(store.Table):
    """One message to one receiver (a mail may have several addresses, a bot's ``recipient`` is its key).

    ``queued`` waits for ``send_after``; ``sending`` is in the hands of a process; ``unknown`` may or may not have
    arrived and waits for a person; ``held`` waits for somebody to release it. ``key`` makes putting idempotent.
    """

    channel = peewee.TextField()
    recipient = peewee.TextField()
    subject = peewee.TextField(default="")
    body_text = peewee.TextField(default="")
    body_html = peewee.TextField(default="")
    payload = peewee.TextField(default="{}")
    files = peewee.TextField(default="[]")  # may be large: read when the mail is written, not with lists
    key = peewee.TextField(null=True)
    message_id = peewee.TextField()
    priority = peewee.IntegerField(default=NORMAL)
    state = peewee.TextField(default="queued")
    attempts = peewee.IntegerField(default=0)
    created_at = peewee.TextField()
    send_after = peewee.TextField()
    claimed_at = peewee.TextField(null=True)
    sent_at = peewee.TextField(null=True)
    last_error = peewee.TextField(null=True)
    related = peewee.TextField(default="")
    user = peewee.IntegerField(null=True)

    ddl = (
        "CREATE UNIQUE INDEX outbox_key ON outbox (key) WHERE key IS NOT NULL",
        "CREATE INDEX outbox_waiting ON outbox (send_after) WHERE state = 'queued'",
        "CREATE INDEX outbox_state ON outbox (state, id)",
        "CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL",
        "CREATE INDEX outbox_files ON outbox (id) WHERE files != '[]'",
        "CREATE INDEX outbox_related ON outbox (related, id) WHERE related != ''",
    )

    class Meta:
        table_name = "outbox"


COLUMNS = (
    "id, channel, recipient, subject, body_text, body_html, payload, key, message_id, priority, state, attempts,"
    " created_at, send_after, claimed_at, sent_at, last_error, related, user"
)


@dataclass(frozen=True)
class Message:
    """A row of the outbox."""

    id: int
    channel: str
    recipient: str
    subject: str
    text: str
    html: str
    payload: dict[str, Any] = field(repr=False)
    key: str | None
    message_id: str
    priority: int
    state: str
    attempts: int
    created_at: str
    send_after: str
    claimed_at: str | None
    sent_at: str | None
    last_error: str | None
    related: str
    user: int | None


def message(row: tuple[Any, ...]) -> Message:
    """The row selected with ``COLUMNS``."""
    values = list(row)
    values[6] = json.loads(values[6])
    return Message(*values)

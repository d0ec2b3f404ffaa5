"""Links that work once: an invitation, a new password. 256 random bits, kept as a hash, dead after use or in time.

Looking at such a link changes nothing (mail scanners do); only ``use`` does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import peewee

from smallcrm import store
from smallcrm.base import clock, ids

INVITE, RESET = "invite", "reset"
LASTS = {INVITE: dt.timedelta(days=7), RESET: dt.timedelta(minutes=60)}


class OneTime(store.Table):
    """A link that has not been used. The newest of a purpose is the only one a user has."""

    id = peewee.AutoField()
    token_hash = peewee.TextField(unique=True)
    user = peewee.IntegerField()
    purpose = peewee.TextField()
    created_at = peewee.TextField()
    expires_at = peewee.TextField()

    ddl = ("CREATE UNIQUE INDEX ix_one_time_user ON one_time (user, purpose)",)

    class Meta:
        table_name = "one_time"


@dataclass(frozen=True)
class Found:
    """A link that still works."""

    user: int
    purpose: str
    created_at: str
    expires_at: str


def make(user_id: int, purpose: str) -> str:
    """A new token; the user's earlier one of that purpose is dead."""
    token = ids.token()
    now = clock.now()
    with store.writing():
        drop(user_id, purpose)
        store.run(
            "INSERT INTO one_time (token_hash, user, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            [ids.digest(token), user_id, purpose, clock.iso(now), clock.iso(now + LASTS[purpose])],
        )
    return token


def find(token: str) -> Found | None:
    """What the token is for, if it still works. Changes nothing."""
    row = store.row(
        "SELECT user, purpose, created_at, expires_at FROM one_time WHERE token_hash = ? AND expires_at > ?",
        [ids.digest(token), clock.stamp()],
    )
    return Found(*row) if row else None


def use(token: str) -> Found | None:
    """Take the token: of any number of attempts at the same time one gets it. Inside ``writing`` with what it allows."""
    found = find(token)
    if found is None:
        return None
    with store.writing():
        taken = store.run("DELETE FROM one_time WHERE token_hash = ?", [ids.digest(token)])
    return found if taken else None


def waiting(user_id: int, purpose: str) -> Found | None:
    """The user's link of a purpose that still works."""
    row = store.row(
        "SELECT user, purpose, created_at, expires_at FROM one_time WHERE user = ? AND purpose = ? AND expires_at > ?",
        [user_id, purpose, clock.stamp()],
    )
    return Found(*row) if row else None


def drop(user_id: int, purpose: str | None = None) -> None:
    """A user's links are dead: another address or password, switched off."""
    which, params = ("", []) if purpose is None else (" AND purpose = ?", [purpose])
    if not store.value(f"SELECT 1 FROM one_time WHERE user = ?{which} LIMIT 1", [user_id, *params]):
        return
    with store.writing():
        store.run(f"DELETE FROM one_time WHERE user = ?{which}", [user_id, *params])


def purge() -> int:
    """Forget those whose time is over; how many."""
    if not store.value("SELECT 1 FROM one_time WHERE expires_at <= ? LIMIT 1", [clock.stamp()]):
        return 0
    with store.writing():
        return store.run("DELETE FROM one_time WHERE expires_at <= ?", [clock.stamp()])

"""Who is signed in: a row a session, found by the hash of an opaque cookie, so that any of them can be ended at once.

When the disk is full nobody is locked out: such a session lives in memory until the next restart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import peewee

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.errors import DiskFull, NotFound
from smallcrm.base.i18n import L

IDLE_DAYS = 14
LONGEST_DAYS = 90
TOUCH_MINUTES = 30  # how often "last seen" is written, so that reading pages writes nothing


class Session(store.Table):
    """A signed-in browser."""

    id = peewee.AutoField()
    token_hash = peewee.TextField(unique=True)
    user = peewee.IntegerField()
    created_at = peewee.TextField()
    seen_at = peewee.TextField()
    address = peewee.TextField()
    agent = peewee.TextField()
    confirmed_at = peewee.TextField(null=True)  # when the password was last given, for sensitive acts

    ddl = ("CREATE INDEX ix_session_user ON session (user)",)

    class Meta:
        table_name = "session"


@dataclass(frozen=True)
class Found:
    """A valid session."""

    id: int
    user: int
    token_hash: str
    confirmed_at: str
    must_change: bool = False  # the password was somebody else's choice


_in_memory: dict[str, tuple[int, str]] = {}


def begin(user_id: int, *, address: str, agent: str) -> str:
    """Start a session; the token for the cookie, which is not kept."""
    token = ids.token()
    stamp = clock.stamp()
    try:
        with store.writing():
            store.run(
                "INSERT INTO session (token_hash, user, created_at, seen_at, address, agent, confirmed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [ids.digest(token), user_id, stamp, stamp, address[:64], agent[:200], stamp],
            )
    except DiskFull:
        _in_memory[ids.digest(token)] = (user_id, stamp)
    return token


def find(token: str) -> Found | None:
    """The session of a cookie; None when there is none, it has ended or was idle for too long."""
    hashed = ids.digest(token)
    row = store.row(
        "SELECT s.id, s.user, s.seen_at, s.created_at, coalesce(s.confirmed_at, ''), coalesce(c.must_change, 0)"
        " FROM session s LEFT JOIN credential c ON c.user = s.user WHERE s.token_hash = ?",
        [hashed],
    )
    if row is None:
        held = _in_memory.get(hashed)
        return Found(0, held[0], hashed, held[1]) if held else None
    number, user, seen_at, created_at, confirmed_at, must_change = row
    now = clock.now()
    seen = clock.moment(seen_at)
    if now - seen > dt.timedelta(days=IDLE_DAYS) or now - clock.moment(created_at) > dt.timedelta(days=LONGEST_DAYS):
        return None
    if now - seen > dt.timedelta(minutes=TOUCH_MINUTES):
        _touch(number)
    return Found(number, user, hashed, confirmed_at, bool(must_change))


def _touch(number: int) -> None:
    try:
        with store.writing():
            store.run("UPDATE session SET seen_at = ? WHERE id = ?", [clock.stamp(), number])
    except DiskFull:
        return


def confirm(token_hash: str) -> None:
    """The password was given again just now."""
    held = _in_memory.get(token_hash)
    if held is not None:
        _in_memory[token_hash] = (held[0], clock.stamp())
        return
    with store.writing():
        store.run("UPDATE session SET confirmed_at = ? WHERE token_hash = ?", [clock.stamp(), token_hash])


def renew(token_hash: str) -> str:
    """The same session under another token: the cookie of before is dead. The new token, which is not kept."""
    token = ids.token()
    held = _in_memory.pop(token_hash, None)
    if held is not None:
        _in_memory[ids.digest(token)] = held
        return token
    with store.writing():
        store.run("UPDATE session SET token_hash = ? WHERE token_hash = ?", [ids.digest(token), token_hash])
    return token


def end(token_hash: str) -> None:
    """Sign out."""
    if _in_memory.pop(token_hash, None) is not None:
        return
    with store.writing():
        store.run("DELETE FROM session WHERE token_hash = ?", [token_hash])


def end_one(user_id: int, number: int) -> None:
    """End one session of a user's. Raises NotFound when it is not that user's."""
    with store.writing():
        if not store.run("DELETE FROM session WHERE id = ? AND user = ?", [number, user_id]):
            raise NotFound(L("There is no such session; it may have ended already."))


def end_all(user_id: int, *, but: str = "") -> None:
    """End every session of a user, except the one whose hash is ``but``. Inside or outside ``writing``."""
    for hashed, (user, _) in list(_in_memory.items()):
        if user == user_id and hashed != but:
            _in_memory.pop(hashed, None)
    with store.writing():
        store.run("DELETE FROM session WHERE user = ? AND token_hash <> ?", [user_id, but])


def last_seen(user_id: int) -> str | None:
    """When the user was last here, as far as the sessions that stand know."""
    found = store.value("SELECT max(seen_at) FROM session WHERE user = ?", [user_id])
    return str(found) if found else None


def end_everybodys() -> None:
    """End every session there is: after a restore nobody is signed in by what was valid back then."""
    _in_memory.clear()
    with store.writing():
        store.run("DELETE FROM session")


def of_user(user_id: int) -> list[tuple[int, str, str, str, str, str]]:
    """A user's sessions, the latest first: (id, token_hash, created_at, seen_at, address, agent)."""
    return store.rows(
        "SELECT id, token_hash, created_at, seen_at, address, agent FROM session WHERE user = ? ORDER BY seen_at DESC",
        [user_id],
    )


def purgeable() -> bool:
    """Whether ``purge`` would find anything."""
    return store.row("SELECT 1 FROM session WHERE seen_at < ? LIMIT 1", [_idle_since()]) is not None


def purge() -> int:
    """Drop sessions that have ended by themselves; how many."""
    if not purgeable():
        return 0
    with store.writing():
        return store.run("DELETE FROM session WHERE seen_at < ?", [_idle_since()])


def _idle_since() -> str:
    return clock.iso(clock.now() - dt.timedelta(days=IDLE_DAYS))

"""API tokens: act as a user, with that user's rights and no more; kept as a hash, shown once."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L

PREFIX = "scrm_"


class ApiToken(store.Table):
    """A token for programs."""

    id = peewee.AutoField()
    token_hash = peewee.TextField(unique=True)
    user = peewee.IntegerField()
    name = peewee.TextField()
    read_only = peewee.BooleanField(default=False)
    created_at = peewee.TextField()
    used_on = peewee.TextField(null=True)  # a day: a busy program writes once a day

    ddl = ("CREATE INDEX ix_api_token_user ON api_token (user)",)

    class Meta:
        table_name = "api_token"


@dataclass(frozen=True)
class Found:
    """A valid token."""

    id: int
    user: int
    read_only: bool


def make(user_id: int, *, name: str, read_only: bool = False) -> str:
    """A new token; it can be read only now."""
    token = PREFIX + ids.token()
    with store.writing():
        store.run(
            "INSERT INTO api_token (token_hash, user, name, read_only, created_at) VALUES (?, ?, ?, ?, ?)",
            [ids.digest(token), user_id, name[:80], int(read_only), clock.stamp()],
        )
    return token


def find(token: str) -> Found | None:
    """The token, if it is one of ours."""
    row = store.row("SELECT id, user, read_only, used_on FROM api_token WHERE token_hash = ?", [ids.digest(token)])
    if row is None:
        return None
    today = clock.today().isoformat()
    if row[3] != today:
        with store.writing():
            store.run("UPDATE api_token SET used_on = ? WHERE id = ?", [today, row[0]])
    return Found(row[0], row[1], bool(row[2]))


def of_user(user_id: int) -> list[tuple[int, str, bool, str, str | None]]:
    """A user's tokens: (id, name, read_only, created_at, used_on)."""
    return store.rows(
        "SELECT id, name, read_only, created_at, used_on FROM api_token WHERE user = ? ORDER BY id", [user_id]
    )


def revoke(user_id: int, token_id: int) -> None:
    """End one. Raises NotFound when it is not that user's."""
    with store.writing():
        if not store.run("DELETE FROM api_token WHERE id = ? AND user = ?", [token_id, user_id]):
            raise NotFound(L("There is no such token."))


def revoke_all(user_id: int) -> None:
    """End every token of a user."""
    with store.writing():
        store.run("DELETE FROM api_token WHERE user = ?", [user_id])

"""``Idempotency-Key``: the same key and body within 24 hours gets the first answer, and nothing happens twice.

A form for something new carries such a key as ``once``: sent again as it was, it leads to what the first one made. The answer is
kept in the transaction that does the work, so twenty at once make one record, and a crash leaves neither or both.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable

import peewee
from flask import make_response, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor


class IdempotentAnswer(store.Table):
    """An answer that was given."""

    user = peewee.IntegerField()
    key = peewee.TextField()
    request_hash = peewee.TextField()
    status = peewee.IntegerField()
    location = peewee.TextField(null=True)
    etag = peewee.TextField(null=True)
    body = peewee.BlobField()
    at = peewee.TextField()

    ddl = ("CREATE INDEX ix_idempotent_at ON idempotent_answer (at)",)

    class Meta:
        table_name = "idempotent_answer"
        primary_key = peewee.CompositeKey("user", "key")


def once(actor: Actor, work: Callable[[], Response], body: bytes | None = None) -> Response:
    """Do ``work`` unless the request's key was answered already. Raises Invalid for the same key with another body.

    ``body`` stands for the request's own where that is a file nobody wants in memory.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise BadRequest(L("An idempotency key has 1 to 200 printable characters."))
    sent = request.get_data(cache=True) if body is None else body
    mark = hashlib.sha256(f"{request.method} {request.path}\n".encode() + sent).hexdigest()
    with store.writing():
        held = _held(actor, key)
        if held is not None:
            if held[0] != mark:
                raise Invalid({"": [str(L("This idempotency key was used for another request."))]})
            return _again(held)
        response = work()
        if response.status_code < 300:
            store.run(
                "INSERT OR REPLACE INTO idempotent_answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [actor.id, key, mark, response.status_code, response.headers.get("Location"),
                 response.headers.get("ETag"), response.get_data(), clock.stamp()],
            )  # fmt: skip
    return response


def form_once(actor: Actor, make: Callable[[], str]) -> str:
    """The address that ``make`` leads to, kept in its transaction; where the same form came before, what it led to then.

    Whoever goes back in the browser and types something else sends another form.
    """
    once_ = request.form.get("once", "")
    if not re.fullmatch(r"[\w-]{16,60}", once_):
        return make()
    said = sorted((name, value) for name, value in request.form.items(multi=True) if name not in ("once", "csrf_token"))
    mark = hashlib.sha256(json.dumps([request.path, said]).encode("utf-8", "surrogatepass")).hexdigest()
    key = f"form {once_} {mark[:20]}"
    with store.writing():
        held = _held(actor, key)
        if held is not None:
            return str(held[2])
        url = make()
        sql = "INSERT OR REPLACE INTO idempotent_answer VALUES (?, ?, ?, 303, ?, NULL, x'', ?)"
        store.run(sql, [actor.id, key, mark, url, clock.stamp()])
    return url


def _held(actor: Actor, key: str) -> tuple[str, int, str | None, str | None, bytes] | None:
    return store.row(
        "SELECT request_hash, status, location, etag, body FROM idempotent_answer"
        " WHERE user = ? AND key = ? AND at > ?",
        [actor.id, key, _border()],
    )


def _again(held: tuple[str, int, str | None, str | None, bytes]) -> Response:
    response = make_response(held[4], held[1])
    response.headers["Content-Type"] = "application/json"
    if held[2]:
        response.headers["Location"] = held[2]
    if held[3]:
        response.headers["ETag"] = held[3]
    response.headers["Idempotent-Replayed"] = "true"
    return response


def purgeable() -> bool:
    """Whether ``purge`` would find anything."""
    return store.row("SELECT 1 FROM idempotent_answer WHERE at < ? LIMIT 1", [_border()]) is not None


def purge() -> int:
    """Drop answers older than a day; how many."""
    if not purgeable():
        return 0
    with store.writing():
        return store.run("DELETE FROM idempotent_answer WHERE at < ?", [_border()])


def _border() -> str:
    return clock.iso(clock.now() - dt.timedelta(hours=24))

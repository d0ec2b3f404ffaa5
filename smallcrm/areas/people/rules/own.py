"""What everybody keeps about themselves, whatever their role: profile, look, channels, password, second step, tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import peewee

from smallcrm import store
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import letters, users
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity import sessions, tokens, totp
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, audit, cache, change
from smallcrm.records.record import Record, values

PROFILE = ("name", "phone", "title", "language", "away_until")
NOTICES = ("notify", "digest_at", "chat_name")
_ALLOWED = {*PROFILE, *NOTICES, "theme"}


class NoticeChoice(store.Table):
    """Where somebody wants one kind of notice to go, where that differs from all others. ``channels`` is a JSON list."""

    user = peewee.IntegerField()
    kind = peewee.TextField()
    channels = peewee.TextField()

    class Meta:
        table_name = "notice_choice"
        primary_key = peewee.CompositeKey("user", "kind")
        without_rowid = True


def record_of(actor: Actor) -> Record:
    """The actor's own user record."""
    return access.find(SYSTEM, User, actor.id)


def change_own(actor: Actor, given: Mapping[str, Any], *, version: int | None = None) -> Record:
    """Change one's own profile; role, team, address and being active are others' to change. Raises Invalid, Forbidden."""
    _need_own(actor)
    stray = set(given) - _ALLOWED
    if stray:
        raise Invalid({name: [str(L("This field cannot be written."))] for name in stray})
    if "digest_at" in given:
        given = {**given, "digest_at": _time_of_day(str(given["digest_at"] or ""))}
    if "name" in given and not str(given["name"] or "").strip():
        raise Invalid({"name": [str(L("This is needed."))]})
    return change.update(actor, record_of(actor), given, version=version, trusted=True)


def _need_own(actor: Actor) -> None:
    if actor.read_only or actor.id <= 0:
        raise Forbidden(L("This token may only read."))


def _time_of_day(text: str) -> str | None:
    digits = text.strip().replace(".", ":")
    if not digits:
        return None
    hour, _sep, minute = digits.partition(":")
    if len(digits) > 5 or not (
        hour.isdecimal() and (minute or "0").isdecimal() and int(hour) < 24 and int(minute or 0) < 60
    ):
        raise Invalid({"digest_at": [str(L("A time of day looks like 08:00."))]})
    return f"{int(hour):02d}:{int(minute or 0):02d}"


# ---------------------------------------------------------------- where notices go


@cache.kept
def channels_by_kind(user_id: int) -> dict[str, tuple[str, ...]]:
    """Kind of notice → channels, for the kinds a user has chosen something for."""
    found = store.rows("SELECT kind, channels FROM notice_choice WHERE user = ?", [user_id])
    return {kind: tuple(json.loads(channels)) for kind, channels in found}


def choose_channels(actor: Actor, by_kind: Mapping[str, Sequence[str] | None]) -> None:
    """Where each kind of notice goes; None lets it go where all others do."""
    _need_own(actor)
    with store.writing():
        for kind, channels in by_kind.items():
            store.run("DELETE FROM notice_choice WHERE user = ? AND kind = ?", [actor.id, kind])
            if channels is not None:
                store.run(
                    "INSERT INTO notice_choice (user, kind, channels) VALUES (?, ?, ?)",
                    [actor.id, kind, json.dumps(sorted(set(channels)))],
                )
        cache.bump()


# ---------------------------------------------------------------- password and second step


def change_password(actor: Actor, password: str, *, session: str) -> str:
    """Another password of one's own; all other sessions end, this one goes on under the token returned."""
    _need_own(actor)
    users.set_password(actor, record_of(actor), password, keep_session=session)
    return sessions.renew(session)


def enable_totp(actor: Actor, secret: str, code: str, *, session: str) -> tuple[list[str], str]:
    """Switch the second step on; recovery codes, and the token under which this session goes on. Raises Invalid."""
    _need_own(actor)
    codes = totp.enable(actor.id, secret, code)
    with store.writing():
        sessions.end_all(actor.id, but=session)
        audit.log(actor, "second factor on", record_type="user", record=actor.id)
        letters.tell_second_factor(actor.id, on=True)
    return codes, sessions.renew(session)


def disable_totp(actor: Actor, *, session: str) -> str:
    """Switch it off again; the token under which this session goes on."""
    _need_own(actor)
    with store.writing():
        totp.disable(actor.id)
        sessions.end_all(actor.id, but=session)
        audit.log(actor, "second factor off", record_type="user", record=actor.id)
        letters.tell_second_factor(actor.id, on=False)
    return sessions.renew(session)


def renew_recovery(actor: Actor) -> list[str]:
    """New recovery codes; the old ones no longer work."""
    _need_own(actor)
    with store.writing():
        audit.log(actor, "recovery codes", record_type="user", record=actor.id)
        return totp.renew_recovery(actor.id)


def end_session(actor: Actor, number: int) -> None:
    """Sign another browser of one's own out. Raises NotFound."""
    with store.writing():
        sessions.end_one(actor.id, number)
        audit.log(actor, "session ended", record_type="user", record=actor.id)


# ---------------------------------------------------------------- tokens for programs


def make_token(actor: Actor, *, name: str, read_only: bool) -> str:
    """A token for a program that acts as oneself; readable only now. Raises Invalid, Forbidden."""
    _need_own(actor)
    called = tidy(name)[:80]
    if not called:
        raise Invalid({"name": [str(L("Say what the token is for, so that you can tell it from others."))]})
    with store.writing():
        token = tokens.make(actor.id, name=called, read_only=read_only)
        detail = {"name": called, "read_only": read_only}
        audit.log(actor, "token made", record_type="user", record=actor.id, detail=detail)
    return token


def revoke_token(actor: Actor, user_id: int, number: int) -> None:
    """End a token: one's own, or one of a user one looks after. Raises NotFound, Forbidden."""
    if user_id != actor.id:
        users.need_run(actor, access.find(SYSTEM, User, user_id))
    with store.writing():
        tokens.revoke(user_id, number)
        audit.log(actor, "token revoked", record_type="user", record=user_id)


def theme(actor: Actor) -> str:
    """``light``, ``dark``, or empty for as the system has it."""
    return _theme(actor.id)


@cache.kept
def _theme(user_id: int) -> str:
    found = store.value('SELECT theme FROM "user" WHERE id = ?', [user_id])
    return found if found in ("light", "dark") else ""


def set_theme(actor: Actor, wanted: str) -> None:
    """Keep one's look."""
    chosen = wanted if wanted in ("light", "dark") else "system"
    if (values(record_of(actor)).get("theme") or "system") != chosen:
        change_own(actor, {"theme": chosen})

"""Users: made, given a password, switched off and on. Whoever does it has the right "people" and no less than the user."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import checks, letters
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity import passwords, sessions, totp
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, change, settings
from smallcrm.records.record import Record, values


def may_run(actor: Actor, user: Record) -> bool:
    """Whether the actor looks after this user's account."""
    theirs = roles.rights(values(user).get("role") or 0)
    return actor.may("people") and (theirs is None or roles.at_most(actor.role, theirs))


def need_run(actor: Actor, user: Record) -> None:
    """Raise Forbidden unless the actor looks after this user's account."""
    if not actor.may("people"):
        raise Forbidden(checks.NOT_YOURS)
    if not may_run(actor, user):
        raise Forbidden(checks.MIGHTIER)


def add_user(
    actor: Actor, *, name: str, email: str | None, role: int | str, team: int | None = None, password: str | None = None,
    must_change: bool = False, **more: Any,
) -> Record:  # fmt: skip
    """A new user, with a password at once where one is given. Raises Invalid, Forbidden."""
    role_id = role if isinstance(role, int) else roles.role_id(role)
    if role_id is None:
        raise Invalid({"role": [str(L("There is no role “%(role)s”.", role=str(role)))]})
    hashed = hash_of(password, name, email) if password is not None else None
    with store.writing():
        user = change.create(actor, User, {"name": name, "email": email, "role": role_id, "team": team, **more})
        if hashed:
            passwords.keep(int(user.id), hashed, must_change=must_change)
    return user


def hash_of(password: str, name: str | None, email: str | None) -> str:
    """The hash of a password that is good enough for this user. Slow on purpose. Raises Invalid."""
    passwords.refuse_weak(password, about=(name or "", email or "", str(settings.get("company.name"))))
    return passwords.hashed(password)


def set_password(
    actor: Actor, user: Record, password: str, *, keep_session: str = "", must_change: bool = False
) -> None:
    """Give a user another password; every other session of theirs ends. Raises Invalid, Forbidden."""
    if actor.id != user.id:
        need_run(actor, user)
    held = values(user)
    hashed = hash_of(password, held.get("name"), held.get("email"))
    with store.writing():
        keep_password(actor, int(user.id), hashed, keep_session=keep_session, must_change=must_change)


def keep_password(
    actor: Actor, user_id: int, hashed: str, *, keep_session: str = "", must_change: bool = False, how: str = ""
) -> None:
    """Keep a hash as the user's password, end sessions, write it down and tell the user. Inside ``writing``."""
    had_one = passwords.has_one(user_id)
    passwords.keep(user_id, hashed, must_change=must_change)
    sessions.end_all(user_id, but=keep_session)
    detail = {key: value for key, value in (("how", how), ("must_change", must_change)) if value}
    audit.log(actor, "password changed", record_type="user", record=user_id, detail=detail)
    if had_one:
        letters.tell_password_changed(user_id, by=actor)


def end_sessions(actor: Actor, user: Record, *, but: str = "") -> int:
    """Sign a user out everywhere, except where the session's hash is ``but``; how many sessions that were."""
    if actor.id != user.id:
        need_run(actor, user)
    count = sum(held[1] != but for held in sessions.of_user(int(user.id)))
    with store.writing():
        sessions.end_all(int(user.id), but=but)
        audit.log(actor, "sessions ended", record_type="user", record=int(user.id), detail={"count": count})
    return count


def remove_second_factor(actor: Actor, user: Record) -> None:
    """For somebody who lost phone and recovery codes: the password alone is enough until they set it up anew."""
    need_run(actor, user)
    with store.writing():
        totp.disable(int(user.id))
        sessions.end_all(int(user.id))
        audit.log(actor, "second factor off", record_type="user", record=int(user.id))
        letters.tell_second_factor(int(user.id), on=False)


def switch_off(actor: Actor, user: Record, *, version: int | None = None) -> Record:
    """Nobody signs in as this user any more: sessions, tokens and links end at once. What they own stays theirs."""
    need_run(actor, user)
    return change.update(actor, user, {"active": False}, version=version)


def switch_on(actor: Actor, user: Record, *, version: int | None = None) -> Record:
    """The user may sign in again, with the password of before."""
    need_run(actor, user)
    return change.update(actor, user, {"active": True}, version=version)


def away(user_id: int, on: dt.date | None = None) -> bool:
    """Whether the user gets no new work on that day (today)."""
    until = store.value('SELECT away_until FROM "user" WHERE id = ?', [user_id])
    return bool(until) and str(until) >= (on or clock.today()).isoformat()

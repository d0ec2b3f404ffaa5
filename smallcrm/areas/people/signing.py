"""Proving who one is: password, second step, the browsers an account knows. Slow for guessers, the same for all names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from smallcrm import store
from smallcrm.areas.people.roles import actor_for
from smallcrm.base import clock, ids
from smallcrm.base.errors import DiskFull, TooMany
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key
from smallcrm.identity import key, passwords, sessions, throttle, totp
from smallcrm.identity.actor import NOBODY, Actor
from smallcrm.records import audit

audit.declare(
    {
        "sign-in": L("Signed in"),
        "sign-in failed": L("Wrong password or address"),
        "sign-in code failed": L("Wrong code at sign-in"),
        "sign-in throttled": L("Too many attempts: made to wait"),
        "sign-out": L("Signed out"),
        "password confirmed wrongly": L("Wrong password when asked again"),
        "password changed": L("Password changed"),
        "second factor on": L("Second step of signing in on"),
        "second factor off": L("Second step of signing in off"),
        "recovery codes": L("New recovery codes"),
        "sessions ended": L("Signed out everywhere"),
        "session ended": L("One session ended"),
        "token made": L("API token made"),
        "token revoked": L("API token revoked"),
        "invitation": L("Invitation made"),
        "reset link": L("Link for a new password sent"),
        "owner recovered": L("Owner's password reset by a file"),
        "set up": L("smallcrm set up"),
        "audit exported": L("Audit log exported"),
    }
)

STEP_SECONDS = 300  # between password and code
_KNOWN = 5  # accounts one browser remembers


def by_email(email: str) -> int | None:
    """The active user with that address, however it is written."""
    folded = sort_key(email[:254])
    found = store.value(
        'SELECT id FROM "user" WHERE email_key = ? AND active = 1 AND deleted_at IS NULL', [folded or "-"]
    )
    return int(found) if found else None


def as_user(user_id: int) -> Actor:
    """The user as an actor, or nobody."""
    return actor_for(user_id) or NOBODY


def note(act: str, user_id: int | None, *, actor: Actor = NOBODY, detail: Mapping[str, Any] | None = None) -> None:
    """A line in the audit log. A full disk keeps nobody from signing in."""
    with suppress(DiskFull):
        audit.log(actor, act, record_type="user" if user_id else None, record=user_id, detail=detail)


# ---------------------------------------------------------------- the steps


def check_password(email: str, password: str, *, address: str, known: str = "") -> int | None:
    """The user whose password this is. Takes as long for an address nobody has. Raises TooMany."""
    user = by_email(email)
    try:
        with throttle.attempt(
            "password", account=email or "-", address=address, device=_device(user, known)
        ) as attempt:
            if not passwords.check(user, password) or user is None or actor_for(user) is None:
                note("sign-in failed", user)
                return None
            attempt.good()
            return user
    except TooMany as error:
        _note_throttled(error, user)
        raise


def check_code(user: int, typed: str, *, address: str, known: str = "") -> bool:
    """Whether this is a code of the user's. Raises TooMany."""
    try:
        with throttle.attempt("code", account=str(user), address=address, device=_device(user, known)) as attempt:
            found = totp.verify(user, typed)
            if found is None:
                note("sign-in code failed", user)
                return False
            attempt.good()
            return True
    except TooMany as error:
        _note_throttled(error, user)
        raise


def _note_throttled(error: TooMany, user: int | None) -> None:
    if error.detail.get("first"):
        note("sign-in throttled", user, detail={"at": error.detail.get("what", "")})


def begin(user: int, *, address: str, agent: str, how: str = "password") -> str:
    """A session for somebody who has proved who they are; the cookie's token."""
    token = sessions.begin(user, address=address, agent=agent)
    note("sign-in", user, actor=as_user(user), detail={"how": how})
    return token


# ---------------------------------------------------------------- between the steps


def half_way(user: int) -> str:
    """A mark that the password was right, good for a few minutes and while the password stays."""
    until = int(clock.now().timestamp()) + STEP_SECONDS
    return f"{user}.{until}.{_half_sign(user, until)}"


def from_half_way(mark: str) -> int | None:
    """Whose password was right."""
    found = re.fullmatch(r"(\d{1,12})\.(\d{1,12})\.([0-9a-f]{64})", mark)
    if found is None or int(found[2]) < clock.now().timestamp():
        return None
    user = int(found[1])
    if not ids.same(found[3], _half_sign(user, int(found[2]))) or actor_for(user) is None:
        return None
    return user


def _half_sign(user: int, until: int) -> str:
    return ids.sign(key.secret(), "half-way", f"{user} {until} {passwords.changed_at(user)}")


# ---------------------------------------------------------------- browsers that an account knows


def remember(user: int, known: str) -> str:
    """The cookie by which this browser is known to the account from now on."""
    others = [each for each in known.split("~") if each and not each.startswith(f"{user}.")]
    nonce = ids.token(16)
    mine = f"{user}.{nonce}.{ids.sign(key.secret(), 'device', f'{user} {nonce}')}"
    return "~".join([mine, *others][:_KNOWN])


def _device(user: int | None, known: str) -> str:
    """This browser's own name with the account; empty where it has never signed in."""
    for each in known.split("~")[:_KNOWN]:
        found = re.fullmatch(r"(\d{1,12})\.([\w-]{16,64})\.([0-9a-f]{64})", each)
        if found is None or user != int(found[1]):
            continue
        if ids.same(found[3], ids.sign(key.secret(), "device", f"{user} {found[2]}")):
            return found[2]
    return ""

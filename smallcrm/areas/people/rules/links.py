"""Invitations and new passwords by a link that works once."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from smallcrm import store
from smallcrm.areas.people import signing
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import addresses, letters, users
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity import onetime, throttle
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.identity.onetime import INVITE, RESET
from smallcrm.records import access, audit
from smallcrm.records.record import Record, values

GONE = L("This link no longer works: it was used, is too old, or a newer one was sent.")


class ResetRequest(store.Table):
    """Somebody asked for a new password. Whether there is such a user is looked up later, by a job: asking tells nothing."""

    id = peewee.AutoField()
    email = peewee.TextField()
    at = peewee.TextField()

    class Meta:
        table_name = "reset_request"


@dataclass(frozen=True)
class Invited:
    """The link, to be handed over by oneself where no mail could be sent."""

    link: str
    mailed: bool


def invite(actor: Actor, user: Record, *, asked_by: str = "") -> Invited:
    """Let a user choose a first (or new) password: a link by mail, else one to hand over. Raises Invalid, Forbidden."""
    users.need_run(actor, user)
    held = values(user)
    if not held.get("email"):
        raise Invalid({"email": [str(L("This user has no e-mail address yet. Set one first."))]})
    if not held.get("active"):
        raise WrongState(L("This user is switched off. Switch it on first."))
    mailed = letters.ready()
    with store.writing():
        link = f"{addresses.base_url(asked_by)}/link/{onetime.make(int(user.id), INVITE)}"
        if mailed:
            letters.send_invitation(user, link, by=actor)
        audit.log(actor, "invitation", record_type="user", record=int(user.id), detail={"mailed": mailed})
    return Invited(link, mailed)


def can_reset() -> bool:
    """Whether a forgotten password can be renewed by mail here."""
    return letters.ready() and bool(addresses.base_url())


def ask_reset(email: str, *, address: str) -> None:
    """Somebody has forgotten their password. Says nothing about whether there is such a user. Raises TooMany."""
    with throttle.attempt("forgot", account=email or "-", address=address), store.writing():
        store.run("INSERT INTO reset_request (email, at) VALUES (?, ?)", [email.strip()[:254], clock.stamp()])


def resets_asked(_now: object = None) -> bool:
    """Whether anybody waits for a link."""
    return bool(store.value("SELECT 1 FROM reset_request LIMIT 1"))


def send_resets() -> dict[str, int]:
    """Mail their links to those who asked and exist; how many."""
    waiting = store.rows("SELECT id, email FROM reset_request ORDER BY id LIMIT 100")
    sent = 0
    for number, email in waiting:
        with store.writing():
            if not store.run("DELETE FROM reset_request WHERE id = ?", [number]):
                continue
            user = signing.by_email(email)
            record = access.fetch(SYSTEM, User, user) if user else None
            if record is None or not can_reset():
                continue
            letters.send_reset(record, f"{addresses.base_url()}/link/{onetime.make(int(record.id), RESET)}")
            audit.log(SYSTEM, "reset link", record_type="user", record=int(record.id))
            sent += 1
    return {"sent": sent}


def look(token: str, *, address: str) -> tuple[onetime.Found, Record]:
    """What a link is for, and whose. Changes nothing. Raises NotFound, TooMany."""
    with throttle.attempt("link", address=address) as attempt:
        found = onetime.find(token)
        record = access.fetch(SYSTEM, User, found.user) if found else None
        if found is None or record is None or not values(record).get("active"):
            raise NotFound(GONE)
        attempt.good()
    return found, record


def accept(token: str, password: str, *, address: str) -> int:
    """Use the link up and set the password it was for; the user's id. Raises Invalid, NotFound, TooMany."""
    found, record = look(token, address=address)
    held = values(record)
    hashed = users.hash_of(password, held.get("name"), held.get("email"))
    with store.writing():
        if onetime.use(token) is None:
            raise NotFound(GONE)
        who = signing.as_user(int(record.id))
        users.keep_password(who, int(record.id), hashed, how=found.purpose)
    return int(record.id)

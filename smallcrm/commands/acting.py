"""For whom a command acts: the user named by ``--as``, else the first owner."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from smallcrm.base.errors import BadUsage, Forbidden
from smallcrm.base.i18n import L

if TYPE_CHECKING:
    from smallcrm.identity.actor import Actor
    from smallcrm.records.record import Record


def actor(args: argparse.Namespace) -> Actor:
    """Whoever the command acts as. Raises BadUsage where there is nobody."""
    from smallcrm.areas.people import roles

    email = getattr(args, "acting", None)
    if email is None:
        found = roles.first_owner()
        if found is None:
            raise BadUsage(L("smallcrm is not set up here yet. Begin with smallcrm init, or smallcrm serve."))
    else:
        found = roles.actor_for(int(user(email).id))
        if found is None:
            raise BadUsage(L("The user %(email)s is switched off.", email=email))
    return replace(found, via="command")


def need(who: Actor, right: str) -> None:
    """Raise Forbidden unless the user may do that at all."""
    if not who.may(right):
        raise Forbidden(L("%(name)s may not do this. Name somebody who may with --as.", name=who.name))


def user(email: str) -> Record:
    """The user of that address, also one who is switched off. Raises BadUsage, naming where to look."""
    from smallcrm import store
    from smallcrm.areas.people.records import User
    from smallcrm.base.text import sort_key
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import access

    number = store.value('SELECT id FROM "user" WHERE email_key = ? AND deleted_at IS NULL', [sort_key(email)])
    if number is None:
        raise BadUsage(L("There is no user %(email)s. See smallcrm user list.", email=email))
    return access.find(SYSTEM, User, int(number))

"""Who may open an admin page."""

from __future__ import annotations

from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.web.context import actor


def need(*rights: str) -> Actor:
    """Whoever is signed in, with one of the rights. Raises Forbidden."""
    who = actor()
    if not any(who.may(right) for right in rights):
        raise Forbidden(L("Your role “%(role)s” does not allow that here.", role=who.role.name))
    return who

"""What the people area adds to a user's page."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from smallcrm.areas.people.pages.accounts import state_of
from smallcrm.identity import passwords, sessions, totp
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record


def account_panel(actor: Actor, user: Record) -> Markup:
    """Whether and how the user signs in; for those who look after users."""
    if not actor.may("people") or user.deleted_at:
        return Markup("")
    number = int(user.id)
    return Markup(  # noqa: S704  drawn by autoescape
        render_template(
            "people/_account_panel.html",
            user=user,
            state=state_of(user),
            totp_on=totp.on(number),
            changed_at=passwords.changed_at(number),
            seen=sessions.last_seen(number),
        )
    )

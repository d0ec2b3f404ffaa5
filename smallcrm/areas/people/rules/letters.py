"""Mails about signing in: an invitation, a new password, a word that something was changed. In the receiver's language."""

from __future__ import annotations

from smallcrm.base import i18n
from smallcrm.base.i18n import L, _
from smallcrm.identity import onetime
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices, outbox
from smallcrm.jobs.letter import Letter
from smallcrm.jobs.outbox import settings as mail_settings
from smallcrm.records import settings
from smallcrm.records.record import Record, values

SECURITY = "security"  # always by mail too: nobody chooses that away


def ready() -> bool:
    """Whether mail can be sent at all."""
    return mail_settings.mail().ready


def send_invitation(user: Record, link: str, *, by: Actor) -> None:
    """How to sign in for the first time."""
    held = values(user)
    company = str(settings.get("company.name"))
    with i18n.speaking(held.get("language") or str(settings.get("company.language"))):
        letter = Letter(
            heading=_("Welcome to smallcrm at %(company)s", company=company),
            lines=(
                _("%(name)s has made an account for you.", name=by.name),
                _("You sign in with this address: %(email)s", email=str(held["email"])),
                _("Choose a password now. The link works once, for %(n)s days.", n=onetime.LASTS[onetime.INVITE].days),
            ),
            button=_("Choose a password"),
            link=link,
            why=_("If you did not expect this, do nothing: without the link nobody can use the account."),
            language=i18n.language(),
            private=True,
        )
        _send(user, letter)


def send_reset(user: Record, link: str) -> None:
    """A link to choose a new password."""
    held = values(user)
    minutes = int(onetime.LASTS[onetime.RESET].total_seconds() // 60)
    with i18n.speaking(held.get("language") or str(settings.get("company.language"))):
        letter = Letter(
            heading=_("A new password for smallcrm"),
            lines=(
                _("Somebody, probably you, asked for a new password for %(email)s.", email=str(held["email"])),
                _("Choose it now. The link works once, for %(n)s minutes.", n=minutes),
            ),
            button=_("Choose a new password"),
            link=link,
            why=_("If it was not you, do nothing: your password stays as it is."),
            language=i18n.language(),
            private=True,
        )
        _send(user, letter)


def _send(user: Record, letter: Letter) -> None:
    held = values(user)
    outbox.mail(
        (str(held["name"]), str(held["email"])), subject=letter.heading, letter=letter, user=int(user.id),
        priority=outbox.URGENT,
    )  # fmt: skip


def tell_password_changed(user_id: int, *, by: Actor) -> None:
    """A word that the password is another one now. Inside ``writing``."""
    own = by.id == user_id
    notices.notify(
        user_id,
        SECURITY,
        title=L("Your password was changed"),
        body=L("If this was not you, tell whoever runs smallcrm at once.")
        if own
        else L("%(name)s changed it. If you do not know why, ask.", name=by.name or "smallcrm"),
        link="/settings/sign-in",
        channels=("mail",),
    )


def tell_second_factor(user_id: int, *, on: bool) -> None:
    """A word that the second step of signing in was switched on or off. Inside ``writing``."""
    notices.notify(
        user_id,
        SECURITY,
        title=L("Signing in asks for a code now") if on else L("Signing in no longer asks for a code"),
        body=L("If this was not you, tell whoever runs smallcrm at once."),
        link="/settings/sign-in",
        channels=("mail",),
    )

"""My password, the second step of signing in, and the browsers I am signed in with."""

from __future__ import annotations

from typing import Any

from flask import g, make_response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.people import devices
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.pages.sign_in import renewed
from smallcrm.areas.people.rules import own, users
from smallcrm.base.errors import BadRequest, Damaged, Forbidden, Invalid, TooMany
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity import passwords, seal, sessions, totp
from smallcrm.records import settings
from smallcrm.web import reauth, settings_shell, toasts
from smallcrm.web.context import actor
from smallcrm.web.reauth import needs_password

HERE = "/settings/sign-in"


def _need_session() -> str:
    """The session's hash; programs have none. Raises Forbidden."""
    if g.session is None:
        raise Forbidden(L("This takes a person at a browser, who can be asked for the password."))
    return str(g.session.token_hash)


@people.get("/settings/sign-in")
def signing_in() -> str:
    """How I sign in, and where I am signed in."""
    return _page({})


def _page(errors: dict[str, Any]) -> str:
    who = actor()
    mine = g.session.token_hash if g.session else ""
    return settings_shell.page(
        "settings/sign_in.html",
        HERE,
        errors=errors,
        email=who.email,
        changed_at=passwords.changed_at(who.id),
        totp_on=totp.on(who.id),
        recovery_left=totp.recovery_left(who.id),
        sessions=[
            {
                "id": number, "current": token_hash == mine, "since": created, "seen": seen, "address": address,
                "device": devices.words(agent),
            }
            for number, token_hash, created, seen, address, agent in sessions.of_user(who.id)
        ],
    )  # fmt: skip


def _checked(field: str) -> dict[str, list[str]]:
    """What is wrong with the password typed once more. The same limits hold as everywhere."""
    try:
        right = reauth.check(request.form.get(field, ""))
    except TooMany as error:
        return {field: [str(error)]}
    return {} if right else {field: [_("This is not your password.")]}


@people.post("/settings/password")
def change_password() -> Response | tuple[str, int]:
    """Another password: the present one is asked for, every other session ends."""
    who, session = actor(), _need_session()
    errors = _checked("password_now")
    if errors:
        return _page(errors), 422
    try:
        token = own.change_password(who, request.form.get("new_password", ""), session=session)
    except Invalid as error:
        return _page({"new_password": error.errors.get("password", [str(error)])}), 422
    toasts.say(_("Your new password is kept. You were signed out everywhere else."))
    return renewed(redirect(HERE, 303), token)


# ---------------------------------------------------------------- the second step


@people.get("/settings/totp")
@needs_password
def start_totp() -> Response | str:
    """A new seed as a QR code; nothing changes before a code from the phone has come back."""
    if totp.on(actor().id):
        return redirect(HERE)
    return _enrolling(totp.new_secret(), {})


def _enrolling(secret: str, errors: dict[str, Any]) -> str:
    who = actor()
    said = totp.address(secret, name=who.email or who.name, issuer=str(settings.get("company.name")))
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return settings_shell.page(
        "settings/totp.html",
        HERE,
        picture=Markup(totp.picture(said)),  # noqa: S704  drawn by segno from our own text
        secret=spaced,
        sealed=seal.seal(secret, f"enrol {who.id}"),
        errors=errors,
    )


@people.post("/settings/totp")
@needs_password
def enable_totp() -> Response | tuple[str, int] | str:
    """Switch it on; the recovery codes are shown this once."""
    who, session = actor(), _need_session()
    if totp.on(who.id):
        return redirect(HERE, 303)
    try:
        secret = seal.unseal(request.form.get("seed", ""), f"enrol {who.id}")
    except Damaged:
        raise BadRequest(L("This form is too old. Load the page again.")) from None
    try:
        codes, token = own.enable_totp(who, secret, request.form.get("code", ""), session=session)
    except Invalid as error:
        return _enrolling(secret, error.errors), 422
    return renewed(make_response(_codes(codes)), token)


def _codes(codes: list[str]) -> str:
    return settings_shell.page("settings/recovery.html", HERE, codes=codes)


@people.post("/settings/totp/off")
def disable_totp() -> Response | tuple[str, int]:
    """Switch it off: the password is asked for whenever it was given last."""
    who, session = actor(), _need_session()
    errors = _checked("password_totp")
    if errors:
        return _page(errors), 422
    token = own.disable_totp(who, session=session)
    toasts.say(_("Signing in no longer asks for a code."))
    return renewed(redirect(HERE, 303), token)


@people.post("/settings/totp/recovery")
@needs_password
def renew_recovery() -> Response | str:
    """New recovery codes, shown this once."""
    who = actor()
    return _codes(own.renew_recovery(who)) if totp.on(who.id) else redirect(HERE, 303)


# ---------------------------------------------------------------- sessions


@people.post("/settings/sessions/<int:number>/end")
def end_session(number: int) -> Response:
    """Sign one browser out."""
    own.end_session(actor(), number)
    toasts.say(_("Signed out there."))
    return redirect(HERE, 303)


@people.post("/settings/sessions/end")
def end_other_sessions() -> Response:
    """Sign every other browser out."""
    count = users.end_sessions(actor(), own.record_of(actor()), but=_need_session())
    toasts.say(ngettext("%(n)s session ended.", "%(n)s sessions ended.", count))
    return redirect(HERE, 303)

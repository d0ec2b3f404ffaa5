"""Signing in (password, then the code where a second step is on), signing out, and a first password of one's own."""

from __future__ import annotations

from typing import Any

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from smallcrm.areas.people import setup, signing
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.rules import addresses, own
from smallcrm.base.errors import Invalid, TooMany
from smallcrm.base.i18n import _
from smallcrm.identity import sessions, totp
from smallcrm.web import security, toasts
from smallcrm.web.context import COOKIE, actor, before_password, open_to_all
from smallcrm.web.security import local_path

HALF, KNOWN = "signin", "known"
SESSION_SECONDS = sessions.LONGEST_DAYS * 86400
KNOWN_SECONDS = 400 * 86400  # as long as browsers keep anything


def client_address() -> str:
    """Where the request comes from, as the connection (or the trusted proxy) has it."""
    return request.remote_addr or ""


@people.get("/login")
@open_to_all
def login() -> Response | str:
    """The form; whoever is signed in goes on."""
    if not setup.is_set_up():
        return redirect(url_for("people.setup"))
    target = local_path(request.args.get("next"))
    if getattr(g, "actor", None) is not None:
        return redirect(target)
    return _form(target=target)


def _form(*, target: str, email: str = "", error: str = "") -> str:
    return render_template("people/login.html", error=error, email=email, next=target)


def too_many(error: TooMany, page: str) -> Response:
    """The form again, saying how long to wait."""
    return make_response(page, 429, {"Retry-After": str(error.detail.get("after", 60))})


@people.post("/login")
@open_to_all
def sign_in() -> Response | tuple[str, int]:
    """The password. Whatever is wrong, the answer is the same."""
    email, password = request.form.get("email", "")[:254], request.form.get("password", "")
    target = local_path(request.form.get("next"))
    try:
        known = security.read_cookie(KNOWN)
        user = signing.check_password(email, password, address=client_address(), known=known)
    except TooMany as error:
        return too_many(error, _form(target=target, email=email, error=str(error)))
    if user is None:
        wrong = _("The address or the password is not right. Both were read as you typed them: look at Caps Lock.")
        return _form(target=target, email=email, error=wrong), 401
    return proceed(user, target)


def proceed(user: int, target: str, *, how: str = "password") -> Response:
    """Somebody gave the right password (or a link): ask for the code where there is a second step, else let them in."""
    if totp.on(user):
        response = redirect(url_for("people.code", next=None if target == "/" else target), 303)
        security.secure_cookie(response, HALF, signing.half_way(user), max_age=signing.STEP_SECONDS)
        return response
    return let_in(user, target, how=how)


def let_in(user: int, target: str, *, how: str) -> Response:
    """A session under a new token; the one this browser had before is dead."""
    if g.session is not None:
        sessions.end(g.session.token_hash)
    token = signing.begin(user, address=client_address(), agent=request.user_agent.string, how=how)
    addresses.seen(signing.as_user(user), request.host_url.rstrip("/"))
    response = redirect(target, 303)
    security.secure_cookie(response, COOKIE, token, max_age=SESSION_SECONDS)
    known = signing.remember(user, security.read_cookie(KNOWN))
    security.secure_cookie(response, KNOWN, known, max_age=KNOWN_SECONDS)
    security.drop_cookie(response, HALF)
    return response


@people.get("/login/code")
@open_to_all
def code() -> Response | str:
    """The second step."""
    if signing.from_half_way(security.read_cookie(HALF)) is None:
        return redirect(url_for("people.login", next=request.args.get("next")))
    return _code_form(local_path(request.args.get("next")))


def _code_form(target: str, error: str = "") -> str:
    return render_template("people/code.html", error=error, next=target)


@people.post("/login/code")
@open_to_all
def check_code() -> Response | tuple[str, int]:
    """The code from the phone, or one of the recovery codes."""
    target = local_path(request.form.get("next"))
    user = signing.from_half_way(security.read_cookie(HALF))
    if user is None:
        toasts.say(_("That took too long. Sign in once more."), tone="warn")
        return redirect(url_for("people.login", next=target), 303)
    try:
        known = security.read_cookie(KNOWN)
        fits = signing.check_code(user, request.form.get("code", ""), address=client_address(), known=known)
    except TooMany as error:
        return too_many(error, _code_form(target, str(error)))
    if not fits:
        return _code_form(target, _("This code is not right, or it was used already. Wait for the next one.")), 401
    left = totp.recovery_left(user)
    if left <= 2:
        toasts.say(_("You have %(n)s recovery codes left. Make new ones in your settings.", n=left), tone="warn")
    return let_in(user, target, how="code")


@people.post("/logout")
@before_password
def logout() -> Response:
    """The session is over, here and on the server."""
    if g.session is not None:
        sessions.end(g.session.token_hash)
        signing.note("sign-out", g.session.user, actor=actor())
    response = redirect(url_for("people.login"), 303)
    security.drop_cookie(response, COOKIE)
    return response


def renewed(response: Response, token: str) -> Response:
    """Go on under another session token."""
    security.secure_cookie(response, COOKIE, token, max_age=SESSION_SECONDS)
    return response


@people.route("/first-password", methods=["GET", "POST"])
@before_password
def first_password() -> Any:
    """Whoever was given a password by somebody else chooses one of their own before anything else."""
    who = actor()
    if g.session is None or not g.session.must_change:
        return redirect("/")
    if request.method == "GET":
        return render_template("people/first_password.html", errors={})
    try:
        token = own.change_password(who, request.form.get("new_password", ""), session=g.session.token_hash)
    except Invalid as error:
        return render_template("people/first_password.html", errors=error.errors), 422
    toasts.say(_("Your password is kept."))
    return renewed(redirect("/", 303), token)

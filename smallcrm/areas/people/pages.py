"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.identity import passwords, sessions
from smallcrm.web import security
from smallcrm.web.context import COOKIE, open_to_all

people = Blueprint("people", __name__)


def user_by_email(email: str) -> int | None:
    from smallcrm.base.text import sort_key

    found = store.value(
        'SELECT id FROM "user" WHERE email_key = ? AND active = 1 AND deleted_at IS NULL', [sort_key(email)]
    )
    return int(found) if found else None


@people.get("/login")
@open_to_all
def login() -> str:
    return render_template("people/login.html", error="", email="", next=request.args.get("next", ""))


@people.post("/login")
@open_to_all
def sign_in() -> Response | tuple[str, int]:
    email, password = request.form.get("email", ""), request.form.get("password", "")
    user = user_by_email(email)
    if not passwords.check(user, password):
        return render_template("people/login.html", error="x", email=email, next=request.form.get("next", "")), 401
    token = sessions.begin(int(user or 0), address=request.remote_addr or "", agent=request.user_agent.string)
    target = request.form.get("next", "")
    response = redirect(target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/", 303)
    security.secure_cookie(response, COOKIE, token, max_age=90 * 86400)
    return response


@people.post("/logout")
def logout() -> Response:
    if g.session:
        sessions.end(g.session.token_hash)
    response = redirect("/login", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


@people.get("/setup")
@open_to_all
def setup() -> str:
    return "setup"

"""A user's account: made, invited, given a password, signed out, switched off; and what they would see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.people import devices, roles
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.records import SCOPES, VERB_LABELS, User
from smallcrm.areas.people.rules import leaving, letters, links, own, users
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity import onetime, passwords, sessions, tokens, totp
from smallcrm.identity.actor import VERBS, Actor, Scope
from smallcrm.records import access, change, changesets, labels, query
from smallcrm.records.clean import clean, defaults
from smallcrm.records.record import Record, RecordType, all_types, find_type, is_present, title, values
from smallcrm.web import settings_shell, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor
from smallcrm.web.pages import forms
from smallcrm.web.reauth import needs_password

HERE = "/users"


def _managed(number: int) -> tuple[Actor, Record]:
    """The actor and the user whose account they look after. Raises NotFound, Forbidden."""
    who = actor()
    if not who.may("people"):
        raise Forbidden(access.refusal(who, "edit"))
    return who, access.find(who, User, number)


def _address_in_use() -> str:
    """The address by which the signed-in person reaches us just now."""
    return request.host_url.rstrip("/")


# ---------------------------------------------------------------- a new user


@people.get("/users/new")
def new_user() -> str:
    """The form, with how the user is to sign in."""
    who = actor()
    forms.need_create(who, User)
    held, _errors = clean(who, User, defaults(who, User), trusted=True)
    typed = {k: v for k, v in request.args.items() if k in access.writable(who, User)}
    return _form(who, held, typed or None, {})


def _form(who: Actor, held: Mapping[str, Any], typed: Mapping[str, Any] | None, errors: Mapping[str, Any]) -> str:
    return render_template(
        "people/user_new.html",
        kind=User,
        sections=forms.sections(who, User, held, typed, dict(errors), None),
        errors=errors,
        labels_by_name={
            **{name: labels.field(User, name) for name in access.readable(who, User)},
            "password": _("First password"),
        },
        way=request.form.get("way") or ("mail" if letters.ready() else "password"),
        mail_ready=letters.ready(),
    )


@people.post("/users/new")
@needs_password
def make_user() -> Response | tuple[str, int] | str:
    """Keep the user, and let them in the way that was chosen."""
    who = actor()
    forms.need_create(who, User)
    typed = typing.collect(who, User, request.form)
    given, errors = typing.values(who, User, typed)
    way = request.form.get("way", "")
    try:
        hashed = _first_password(way, given, errors)
        if errors:
            _columns, more = clean(who, User, given)
            raise Invalid({**more, **errors})
        with changesets.opened(who, "form"):
            user = change.create(who, User, given)
            if hashed:
                passwords.keep(int(user.id), hashed, must_change=True)
    except Invalid as error:
        held, _errors = clean(who, User, defaults(who, User), trusted=True)
        return _form(who, held, typed, error.errors), 422
    toasts.say(_("%(name)s is kept.", name=title(user)))
    if way == "mail":
        invited = links.invite(who, user, asked_by=_address_in_use())
        return _after_invitation(user, invited)
    return redirect(f"/users/{user.id}/account" if way else forms.url_of(user), 303)


def _first_password(way: str, given: Mapping[str, Any], errors: dict[str, list[str]]) -> str | None:
    """The hash of a first password; what is missing goes into ``errors``."""
    if way in ("mail", "password") and not str(given.get("email") or "").strip():
        errors["email"] = [_("Nobody signs in without an e-mail address. Type one, or choose “later”.")]
    if way != "password" or errors:
        return None
    try:
        return users.hash_of(request.form.get("password", ""), given.get("name"), given.get("email"))
    except Invalid as error:
        errors |= error.errors
        return None


def _after_invitation(user: Record, invited: links.Invited) -> Response | str:
    if invited.mailed:
        toasts.say(_("The invitation is on its way to %(email)s.", email=str(values(user)["email"])))
        return redirect(f"/users/{user.id}/account", 303)
    return _page(actor(), user, link=invited.link)


@people.get("/users/<int:number>/edit")
@needs_password
def edit_user(number: int) -> str:
    """The generic form; who somebody is and what they may do takes the password."""
    return forms.edit(User, number)


@people.post("/users/<int:number>/edit")
@needs_password
def save_user(number: int) -> Response | tuple[str, int]:
    """Keep the changes."""
    return forms.save(User, number)


# ---------------------------------------------------------------- the account


@people.get("/users/<int:number>/account")
def account(number: int) -> str:
    """Everything about how a user signs in."""
    who, user = _managed(number)
    return _page(who, user)


def _page(who: Actor, user: Record, *, link: str = "", errors: Mapping[str, Any] | None = None) -> str:
    held, number = values(user), int(user.id)
    return settings_shell.page(
        "people/account.html",
        HERE,
        user=user,
        name=title(user),
        held=held,
        state=state_of(user),
        may=users.may_run(who, user),
        own=number == who.id,
        invited=onetime.waiting(number, onetime.INVITE),
        sessions=[
            {"since": created, "seen": seen, "address": address, "device": devices.words(agent)}
            for _id, _hash, created, seen, address, agent in sessions.of_user(number)
        ],
        tokens=tokens.of_user(number),
        totp_on=totp.on(number),
        mail_ready=letters.ready(),
        link=link,
        errors=errors or {},
    )


def state_of(user: Record) -> tuple[str, str]:
    """(tone, words) of whether and how somebody can sign in."""
    held, number = values(user), int(user.id)
    if not held.get("active"):
        return "bad", _("Switched off")
    if not held.get("email"):
        return "warn", _("Cannot sign in: no e-mail address")
    if passwords.must_change(number):
        return "", _("Has a first password, will choose another")
    if passwords.has_one(number):
        return "good", _("Can sign in")
    if onetime.waiting(number, onetime.INVITE):
        return "", _("Invited, has not chosen a password yet")
    return "warn", _("Cannot sign in yet: not invited")


@people.post("/users/<int:number>/invite")
@needs_password
def invite(number: int) -> Response | tuple[str, int] | str:
    """Send the invitation, or send it anew."""
    who, user = _managed(number)
    try:
        return _after_invitation(user, links.invite(who, user, asked_by=_address_in_use()))
    except (Invalid, WrongState) as error:
        return _page(who, user, errors={"": [str(error)]}), error.status


@people.post("/users/<int:number>/password")
@needs_password
def give_password(number: int) -> Response | tuple[str, int]:
    """A password to hand over; the user chooses another at the first sign-in."""
    who, user = _managed(number)
    try:
        users.set_password(who, user, request.form.get("password", ""), must_change=number != who.id)
    except Invalid as error:
        return _page(who, user, errors=error.errors), 422
    toasts.say(
        _("The password is kept. Tell %(name)s in person; it has to be changed at the first sign-in.", name=title(user))
    )
    return redirect(f"/users/{number}/account", 303)


@people.post("/users/<int:number>/sessions/end")
@needs_password
def end_users_sessions(number: int) -> Response:
    """Sign the user out everywhere."""
    who, user = _managed(number)
    keep = g.session.token_hash if number == who.id else ""
    count = users.end_sessions(who, user, but=keep)
    toasts.say(ngettext("%(n)s session ended.", "%(n)s sessions ended.", count))
    return redirect(f"/users/{number}/account", 303)


@people.post("/users/<int:number>/totp/off")
@needs_password
def remove_second_factor(number: int) -> Response:
    """For a lost phone."""
    who, user = _managed(number)
    users.remove_second_factor(who, user)
    toasts.say(_("Signing in takes the password alone until a phone is set up anew."))
    return redirect(f"/users/{number}/account", 303)


@people.post("/users/<int:number>/tokens/<int:token>/revoke")
def revoke_users_token(number: int, token: int) -> Response:
    """End one of the user's API tokens."""
    who, _user = _managed(number)
    own.revoke_token(who, number, token)
    toasts.say(_("The token no longer works."))
    return redirect(f"/users/{number}/account", 303)


# ---------------------------------------------------------------- off and on


@people.get("/users/<int:number>/switch-off")
def ask_switch_off(number: int) -> str:
    """What becomes of the work of somebody who leaves."""
    who, user = _managed(number)
    users.need_run(who, user)
    return _leaving(who, user, "keep", {})


def _leaving(who: Actor, user: Record, way: str, errors: Mapping[str, Any]) -> str:
    ways = [
        {"key": option.key, "label": option.label, "help": option.help, "more": Markup(option.draw(who, user))}  # noqa: S704
        for option in leaving.options()
    ]
    return settings_shell.page(
        "people/switch_off.html",
        HERE,
        user=user,
        name=title(user),
        owned=[(labels.many(kind), count, f"/{kind.card.name}") for kind, count in leaving.owned(int(user.id))],
        ways=ways,
        way=way,
        errors=errors,
        version=user.version,
    )


@people.post("/users/<int:number>/switch-off")
@needs_password
def switch_off(number: int) -> Response | tuple[str, int]:
    """Sessions, tokens and links end at once; the work goes where was chosen."""
    who, user = _managed(number)
    way = request.form.get("way", "keep")
    try:
        done = leaving.leave(who, user, way=way, form=request.form)
    except Invalid as error:
        return _leaving(who, user, way, error.errors), 422
    said = _("%(name)s is switched off and signed out everywhere.", name=title(user))
    if done.work is None:
        toasts.say(said, undo=done.set or None)
    else:
        under_way = _("“%(title)s” is under way. You may leave this page.", title=_("Handover"))
        toasts.say(f"{said} {under_way}", url=f"/works/{done.work}", act=_("Look"))
    return redirect(f"/users/{number}/account", 303)


@people.post("/users/<int:number>/switch-on")
@needs_password
def switch_on(number: int) -> Response:
    """Let the user in again."""
    who, user = _managed(number)
    users.switch_on(who, user)
    toasts.say(_("%(name)s may sign in again.", name=title(user)))
    return redirect(f"/users/{number}/account", 303)


# ---------------------------------------------------------------- what they would see


@people.get("/users/<int:number>/sees")
def sees(number: int) -> str:
    """Type by type how much a user reaches, and of one record why."""
    who, user = _managed(number)
    theirs = roles.actor_for(number)
    record_type, record = find_type(request.args.get("type", "")), request.args.get("id", 0, type=int)
    return settings_shell.page(
        "people/sees.html",
        HERE,
        user=user,
        name=title(user),
        role=theirs.role.name if theirs else "",
        rows=[_row(theirs, kind) for kind in all_types() if kind.card.pages and is_present(kind)] if theirs else [],
        verbs=[(verb, str(VERB_LABELS[verb])) for verb in VERBS],
        types=[(kind.card.name, labels.one(kind)) for kind in all_types() if kind.card.pages and is_present(kind)],
        chosen=record_type,
        chosen_id=record or "",
        verdict=_verdict(who, theirs, record_type, record) if theirs and record_type is not None and record else None,
    )


def _row(theirs: Actor, kind: RecordType) -> dict[str, Any]:
    words = dict(SCOPES)
    scope = {Scope.NONE: "none", Scope.OWN: "own", Scope.TEAM: "team", Scope.BELOW: "below", Scope.ALL: "all"}
    visible = theirs.scope(kind.card.key, "view") is not Scope.NONE
    return {
        "label": labels.many(kind),
        "url": f"/{kind.card.name}",
        "count": query.count(query.Ask(theirs, kind)) if visible else 0,
        "scopes": [str(words[scope[theirs.scope(kind.card.key, verb)]]) for verb in VERBS],
    }


def _verdict(who: Actor, theirs: Actor, kind: RecordType, number: int) -> dict[str, Any]:
    """Whether the user sees one record and why, for a record that the asker sees."""
    record = access.fetch(who, kind, number)
    if record is None:
        return {"name": "", "sees": False, "reasons": [str(L("There is nothing here, or you may not see it."))]}
    seen = access.fetch(theirs, kind, number) is not None
    reasons = access.reasons(theirs, record) if seen else [_("Nothing in the role or team of this user reaches it.")]
    verbs = [
        str(VERB_LABELS[verb]) for verb in ("edit", "delete", "assign") if seen and access.may(theirs, record, verb)
    ]
    return {"name": title(record), "sees": seen, "reasons": reasons, "verbs": verbs}

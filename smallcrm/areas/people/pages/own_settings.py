"""My settings: who I am, how it looks, where I am told of things. ``/settings`` is the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.people.pages import people
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import own
from smallcrm.base.errors import Invalid, Stale
from smallcrm.base.i18n import _, set_language
from smallcrm.identity.actor import Actor, actor_of
from smallcrm.jobs import notices
from smallcrm.jobs.outbox import settings as outside
from smallcrm.records import access
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Record, values
from smallcrm.web import inputs, settings_shell, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor

CHANNELS = ("mail", "bot")  # besides the bell in the page, which rings in any case


def controls(
    who: Actor, record: Record, names: Sequence[str], typed: Mapping[str, Any] | None, errors: Mapping[str, Any]
) -> list[inputs.Input]:
    """The inputs of some fields of one's own record."""
    fields, held = fields_of(User), values(record)
    return [
        inputs.of(who, User, name, fields[name], held, typed=typed, errors=errors, reading=access.reading(who))
        for name in names
    ]


@people.get("/settings")
def settings_page() -> str:
    """The first page; on a phone the menu."""
    return _profile(actor(), None, {}, menu_page=True)


@people.get("/settings/profile")
def profile() -> str:
    """Who I am."""
    return _profile(actor(), None, {})


def _profile(who: Actor, typed: Mapping[str, Any] | None, errors: Mapping[str, Any], *, menu_page: bool = False) -> str:
    record = own.record_of(who)
    held = values(record)
    reading = access.reading(who)
    return settings_shell.page(
        "settings/profile.html",
        "/settings/profile",
        controls=controls(who, record, own.PROFILE, typed, errors),
        errors=errors,
        version=record.version,
        email=held.get("email"),
        role=reading.name_of("role", held.get("role") or 0),
        team=reading.name_of("team", held.get("team") or 0),
        theme=own.theme(who),
        menu_page=menu_page,
    )


def _save(who: Actor, names: Sequence[str]) -> None:
    """Keep what the form brought of the named fields. Raises Invalid, Stale."""
    record = own.record_of(who)
    typed = {name: raw for name, raw in typing.collect(who, User, request.form).items() if name in names}
    given, errors = typing.values(who, User, typed, values(record))
    if errors:
        raise Invalid(errors)
    own.change_own(who, given, version=request.form.get("version", type=int))


@people.post("/settings/profile")
def save_profile() -> Response | tuple[str, int]:
    """Keep it; the page that follows speaks the language just chosen."""
    who = actor()
    try:
        _save(who, own.PROFILE)
    except Invalid as error:
        return _profile(who, typing.collect(who, User, request.form), error.errors), 422
    except Stale as stale:
        return _profile(who, typing.collect(who, User, request.form), {"": [str(stale)]}), 412
    now = actor_of(who.id)
    set_language(now.language if now else who.language)
    toasts.say(_("Saved."))
    return redirect("/settings/profile", 303)


@people.post("/settings/theme")
def set_theme() -> Response:
    """Light, dark or as the system has it: from the user's menu and from the profile."""
    own.set_theme(actor(), request.form.get("theme", ""))
    if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("HX-Request"):
        return make_response("", 204)
    return redirect("/settings/profile", 303)


# ---------------------------------------------------------------- notices


@people.get("/settings/notifications")
def notifications() -> str:
    """Where I am told of things."""
    return _notifications(actor(), None, {})


def _notifications(who: Actor, typed: Mapping[str, Any] | None, errors: Mapping[str, Any]) -> str:
    record = own.record_of(who)
    shown = controls(who, record, own.NOTICES, typed, errors)
    shown[0].options["choices"] = [each for each in shown[0].options["choices"] if each[0] in CHANNELS]
    chosen = own.channels_by_kind(who.id)
    kinds = [
        (key, str(label), None if key not in chosen else list(chosen[key])) for key, label in notices.KINDS.items()
    ]
    return settings_shell.page(
        "settings/notifications.html",
        "/settings/notifications",
        controls=shown,
        errors=errors,
        version=record.version,
        kinds=sorted(kinds, key=lambda kind: kind[1]),
        mail_ready=outside.mail().ready,
        has_bot=any(bot.enabled and bot.kind != "webhook" for bot in outside.bots()),
        email=values(record).get("email"),
    )


@people.post("/settings/notifications")
def save_notifications() -> Response | tuple[str, int]:
    """Keep the channels for each kind."""
    who = actor()
    try:
        _save(who, own.NOTICES)
    except Invalid as error:
        return _notifications(who, typing.collect(who, User, request.form), error.errors), 422
    except Stale as stale:
        return _notifications(who, typing.collect(who, User, request.form), {"": [str(stale)]}), 412
    own.choose_channels(who, {kind: _chosen(kind) for kind in notices.KINDS if f"kind-{kind}" in request.form})
    toasts.say(_("Saved."))
    return redirect("/settings/notifications", 303)


def _chosen(kind: str) -> list[str] | None:
    """``as``: where all others go; else the channels ticked, none of them for the page alone."""
    how = request.form.get(f"kind-{kind}", "as")
    return {"as": None, "page": [], "mail": ["mail"], "bot": ["bot"], "both": ["mail", "bot"]}.get(how)

"""The quick form, for the phone in the hand: a business card becomes a lead, with its photo beside it."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.files import rules as files
from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import Lead
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid, SmallcrmError
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets
from smallcrm.records.clean import clean
from smallcrm.records.record import title
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

FIELDS = ("name", "company", "title", "mobile", "phone", "email", "wechat", "source", "notes")


def _need(who: Actor) -> None:
    if who.scope("lead", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


@leads.get("/leads/card")
def card() -> str:
    """An empty one; the source of the last is kept."""
    who = actor()
    _need(who)
    return _page(who, {"source": request.args.get("source", "")[:80]}, {})


def _page(who: Actor, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    mine = access.writable(who, Lead)
    controls = [
        inputs.of(who, Lead, name, mine[name], {}, typed=typed, errors=errors) for name in FIELDS if name in mine
    ]
    photo = who.scope("file", "create") is not Scope.NONE
    return render_template("leads/card.html", controls=controls, errors=errors, once=ids.token(), photo=photo)


@leads.post("/leads/card")
def keep_card() -> Response | tuple[str, int]:
    """Keep it, and the photo with it; the next card at once where that was asked for."""
    who = actor()
    _need(who)
    typed = {n: v for n, v in typing.collect(who, Lead, request.form).items() if n in FIELDS}
    given, errors = typing.values(who, Lead, typed)
    try:
        if errors:
            _, more = clean(who, Lead, given)
            raise Invalid({**more, **errors})
        kept = _kept(who)
        with files.released_on_failure(kept):
            return redirect(idempotency.form_once(who, lambda: _make(who, given, kept)), 303)
    except Invalid as error:
        return _page(who, typed, error.errors), 422


def _kept(who: Actor) -> list[files.Kept]:
    """The photo's content on the disk, before anything is locked; the lead is kept also where the photo cannot be."""
    photo = next((each for each in request.files.getlist("photo") if each.filename), None)
    if photo is None:
        return []
    try:
        files.need_create(who)
        limit = int(current_app.config["UPLOAD_LIMIT"])
        return [files.keep(cast(BinaryIO, photo.stream), name=photo.filename or "card.jpg", limit=limit)]
    except SmallcrmError as error:
        toasts.say(str(L("The photo was not kept: %(why)s", why=str(error))), tone="bad")
        return []


def _make(who: Actor, given: dict[str, Any], kept: list[files.Kept]) -> str:
    with changesets.opened(who, "form") as mine:
        record = change.create(who, Lead, given)
        if kept and access.may(who, record, "edit"):
            files.attach(who, record, kept[0])
    toasts.say(str(L("%(name)s is kept.", name=title(record))), undo=mine.id)
    if request.form.get("again"):
        return f"/leads/card?source={given.get('source') or ''}"
    return f"/leads/{record.id}" if access.fetch(who, Lead, int(record.id)) else "/leads"

"""What people asked of their data: the list, writing it down, answering it, taking more time."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.privacy.pages import privacy
from smallcrm.areas.privacy.pages.people import PERSON, address, found
from smallcrm.areas.privacy.records import KINDS
from smallcrm.areas.privacy.rules import requests
from smallcrm.areas.privacy.rules.requests import Request
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import title
from smallcrm.web import settings_shell, toasts
from smallcrm.web.area import Section
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back
from smallcrm.web.templating import fragment

SHOWN = 5  # on the today page


@privacy.get("")
def list_page() -> str:
    """Everything asked."""
    who = actor()
    waiting, done = requests.open_ones(who), requests.done_ones(who)
    return settings_shell.page(
        "privacy/list.html",
        "/privacy",
        waiting=waiting,
        done=done,
        names=requests.names(who, [*waiting, *done]),
        handlers=requests.handlers(who, [*waiting, *done]),
    )


def _form(record: Any, typed: Any, errors: Any) -> str:
    return render_template(
        "privacy/_request_form.html",
        name=title(record), base=address(record), typed=typed, errors=errors,
        kinds=[(key, str(words)) for key, words in KINDS.items()], today=clock.today().isoformat(),
    )  # fmt: skip


@privacy.get(f"{PERSON}/requests/new")
def request_form(name: str, number: int) -> str:
    """What was asked, when, how it was made sure who asked."""
    return _form(found(name, number), {"kind": request.args.get("kind", ""), "asked_on": clock.today().isoformat()}, {})


@privacy.post(f"{PERSON}/requests/new")
def add_request(name: str, number: int) -> Response | tuple[str, int]:
    """Write it down."""
    record = found(name, number)
    typed = {key: request.form.get(key, "") for key in ("kind", "asked_on", "identity", "note")}
    try:
        requests.make(actor(), record, **typed)
    except Invalid as error:
        return _form(record, typed, error.errors), 422
    toasts.say(str(L("Written down.")))
    return back(address(record))


def _answer(one: Request, typed: Any, errors: Any) -> str:
    return render_template("privacy/_answer_form.html", one=one, typed=typed, errors=errors)


@privacy.get("/requests/<int:number>")
def answer_form(number: int) -> str:
    """How it was answered, or until when it takes."""
    one = requests.get(actor(), number)
    return _answer(one, {"outcome": one.outcome, "due_on": one.due_on}, {})


@privacy.post("/requests/<int:number>")
def answer(number: int) -> Response | tuple[str, int]:
    """Keep the answer; with ``extend`` the later day."""
    who = actor()
    one = requests.get(who, number)
    typed = {key: request.form.get(key, "") for key in ("outcome", "due_on")}
    try:
        if request.form.get("extend"):
            requests.extend(who, number, due_on=typed["due_on"])
        else:
            requests.answer(who, number, outcome=typed["outcome"])
    except Invalid as error:
        return _answer(one, typed, error.errors), 422
    toasts.say(str(L("Saved.")))
    return back(one.url)


def draw_today(who: Actor, _team: bool) -> Markup | str:
    """On the today page: what is due soon."""
    if not who.may("privacy") or not requests.pressing(who):
        return ""
    soon = [each for each in requests.open_ones(who) if each.days_left <= requests.SOON]
    return fragment("privacy/_today.html", rows=soon[:SHOWN], n=len(soon), names=requests.names(who, soon[:SHOWN]))


TODAY = (Section("privacy", draw_today, "side", 80),)

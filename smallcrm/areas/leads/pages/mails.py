"""The mailbox: how it is reached, with "try it"; what came in and became no lead; rules tried out on a pasted mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import imap, mailbox, reading
from smallcrm.areas.leads.rules.imap import Box, Unread
from smallcrm.base.errors import Forbidden, Invalid, SmallcrmError
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, labels, settings
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.record import title
from smallcrm.web import setting_inputs, settings_shell, toasts
from smallcrm.web.area import Act
from smallcrm.web.context import actor

URL = "/settings/lead-mail"
STATES = {"unread": L("To be looked at"), "dropped": L("Set aside")}


def _need() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


# ---------------------------------------------------------------- settings


@leads.get(URL)
def mail_settings() -> str:
    """The form."""
    return _page(_need(), {}, None)


def _page(
    who: Actor, errors: dict[str, list[str]], typed: dict[str, Any] | None, result: tuple[bool, str] | None = None
) -> str:
    declared = settings.declared("lead-mail")
    controls = {
        each.key.partition(".")[2]: setting_inputs.of(who, each, typed=typed, errors=errors) for each in declared
    }
    here = mailbox.box()
    at, trouble = mailbox.state(here)
    return settings_shell.page(
        "leads/mail_settings.html",
        URL,
        c=controls,
        errors=errors,
        labels_by_name={each.field.key: str(each.field.label) for each in declared},
        has_password=bool(settings.get("lead_mail.password")),
        ready=here.ready,
        at=at,
        trouble=imap.explain(trouble) if trouble else "",
        waiting=mailbox.count(),
        result=result,
    )


@leads.post(URL)
def save_mail_settings() -> Response | tuple[str, int]:
    """Keep it, or try it: the button says which. Trying keeps nothing."""
    who = _need()
    given, errors = setting_inputs.read(who, settings.declared("lead-mail"), request.form)
    try:
        if errors:
            raise Invalid(errors)
        _same_place(given)
        if request.form.get("try"):
            return _page(who, {}, dict(request.form), _tried(who, given)), 200
        settings.put(who, given)
    except Invalid as error:
        return _page(who, error.errors, dict(request.form)), 422
    toasts.say(str(L("Saved. Try it to be sure.")))
    return redirect(URL, 303)


def _same_place(given: dict[str, Any]) -> None:
    """A kept password goes to no other server or user than those it was given for: there it is typed again."""
    kept = mailbox.box()
    host, user = (
        given.get(f"lead_mail.{name}", held) or "" for name, held in (("host", kept.host), ("user", kept.user))
    )
    if kept.password and host and "lead_mail.password" not in given and (host, user) != (kept.host, kept.user):
        raise Invalid(
            {"lead_mail_password": [str(L("Type the password again: it was given for another server or user."))]}
        )


def _tried(who: Actor, given: dict[str, Any]) -> tuple[bool, str]:
    kept = mailbox.box()
    cleaned: dict[str, Any] = {}
    for setting in settings.declared("lead-mail"):
        name = setting.key.partition(".")[2]
        if setting.key not in given or not hasattr(kept, name):
            continue
        value = given[setting.key]
        try:
            cleaned[name] = (
                setting.field.clean(value, Cleaning(actor=who)) if value is not None else getattr(Box(), name)
            )
        except FieldError as error:
            raise Invalid({setting.field.key: [str(error)]}) from None
    try:
        return True, mailbox.try_out(replace(kept, **cleaned))
    except Unread as unread:
        return False, imap.explain(str(unread))


# ---------------------------------------------------------------- what came in


@leads.get("/leads/mails")
def mail_list() -> str:
    """What became no lead by itself."""
    _need()
    state = request.args.get("state", "unread")
    state = state if state in STATES else "unread"
    found = mailbox.waiting(state, before=request.args.get("before", 2**62, type=int), limit=51)
    tabs = [
        {"label": str(words), "url": f"/leads/mails?state={key}", "current": key == state, "n": mailbox.count(key)}
        for key, words in STATES.items()
    ]
    why = {key: str(words) for key, words in mailbox.WHY.items()}
    return render_template(
        "leads/mails.html",
        mails=found[:50],
        more=found[49].id if len(found) > 50 else None,
        state=state,
        tabs=tabs,
        why=why,
    )


@leads.post("/leads/mails/<int:number>/lead")
def mail_to_lead(number: int) -> Response:
    """It is a lead after all."""
    who = _need()
    try:
        with changesets.opened(who, "mail") as mine:
            record = mailbox.make_lead(who, number)
    except SmallcrmError as error:
        toasts.say(str(error), tone="bad")
        return redirect("/leads/mails", 303)
    toasts.say(str(L("%(name)s is kept.", name=title(record))), undo=mine.id)
    return redirect(f"/leads/{record.id}" if access.fetch(who, Lead, int(record.id)) else "/leads/mails", 303)


@leads.post("/leads/mails/<int:number>/dismiss")
def mail_dismiss(number: int) -> Response:
    """It is nothing."""
    who = _need()
    try:
        mailbox.dismiss(who, number)
        toasts.say(str(L("Put away.")), tone="")
    except SmallcrmError as error:
        toasts.say(str(error), tone="bad")
    return redirect("/leads/mails", 303)


@leads.post("/leads/mails/read-again")
def mail_read_again() -> Response:
    """Try the rules, as they are now, on what nothing fitted."""
    n = mailbox.read_again(_need())
    toasts.say(ngettext("%(n)s mail became a lead.", "%(n)s mails became leads.", n), tone="good" if n else "")
    return redirect("/leads/mails", 303)


# ---------------------------------------------------------------- trying rules out


@leads.route("/mail-rules/try", methods=["GET", "POST"])
def try_mail() -> str:
    """What the rules make of a pasted mail. Nothing is kept."""
    who = _need()
    text, sender = request.form.get("text", "")[:60_000], request.form.get("sender", "").strip()[:254]
    subject = request.form.get("subject", "").strip()[:300]
    result = None
    if text.strip():
        mail = reading.pasted(text)
        mail = replace(mail, sender=sender.casefold() or mail.sender, subject=subject or mail.subject)
        result = _read(who, mail)
    return render_template("leads/try_mail.html", text=text, sender=sender, subject=subject, result=result)


def _read(who: Actor, mail: reading.Mail) -> dict[str, Any]:
    if mail.automatic:
        return {"aside": str(mailbox.WHY[mail.automatic])}
    found = reading.read(mail)
    if found is None:
        return {"aside": str(mailbox.WHY["no rule"])}
    known, shown = fields_of(Lead), reading.lead_values(found, mail)
    rows = [
        (labels.field(Lead, name), known[name].show(value, shown, access.reading(who)))
        for name, value in shown.items()
        if name in known and value not in (None, "", [])
    ]
    wrong = [(labels.field(Lead, name), text) for name, text in found.wrong.items()]
    told = {"rows": [(*row, None) for row in rows], "wrong": [(*row, None) for row in wrong]}
    return {"by": found.by, **told, "usable": reading.usable(found)}


ACTS = (
    Act("mail_rule", "try", L("Try it on a mail"), "help-circle", lambda _who, _record: "/mail-rules/try", verb="view", page=True,
        order=10, place="head", shown=lambda who, _record: who.may("settings")),
)  # fmt: skip

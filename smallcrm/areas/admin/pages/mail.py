"""The mail server: presets, a form that never shows the password back, and "send a test" with an answer one understands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin import settings as outward
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import outbox
from smallcrm.jobs.outbox import presets, trial
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.records import settings
from smallcrm.records.settings import Setting
from smallcrm.web import setting_inputs, toasts
from smallcrm.web.setting_inputs import Errors
from smallcrm.web.settings_shell import page

HERE = "/admin/mail"


def _declared() -> list[Setting]:
    return settings.declared("mail")


@admin.get("/admin/mail")
def mail() -> str:
    """The form; ``?preset=`` fills it for a provider."""
    who = need("settings")
    preset = presets.get(request.args.get("preset", ""))
    typed = None
    if preset is not None:
        typed = {"mail_host": preset.host, "mail_port": str(preset.port), "mail_security": preset.security}
    return _form(who, {}, typed, preset)


@admin.post("/admin/mail")
def save_mail() -> Response | tuple[str, int]:
    """Keep it, or try it: the button says which. A test never keeps anything."""
    who = need("settings")
    given, errors = setting_inputs.read(who, _declared(), request.form)
    try:
        if errors:
            raise Invalid(errors)
        _complete(given)
        if request.form.get("test"):
            return _try(who, given), 200
        _same_place(given)
        settings.put(who, given)
    except Invalid as error:
        return _form(who, error.errors, dict(request.form), None), 422
    toasts.say(str(L("Saved. Send a test to be sure.")))
    return redirect(HERE, 303)


def _complete(given: dict[str, Any]) -> None:
    """Host and sender go together; a user name without the encryption to send it by is refused."""
    errors: Errors = {}
    if given.get("mail.host") and not given.get("mail.sender"):
        errors["mail_sender"] = [str(L("Say which address mails come from."))]
    if given.get("mail.sender") and not given.get("mail.host"):
        errors["mail_host"] = [str(L("Say which server sends the mail."))]
    if errors:
        raise Invalid(errors)


def _same_place(given: dict[str, Any]) -> None:
    """A kept password goes to no other server or user than those it was given for: there it is typed again."""
    kept = outward.mail()
    host, user = (given.get(f"mail.{name}", held) or "" for name, held in (("host", kept.host), ("user", kept.user)))
    if kept.password and host and "mail.password" not in given and (host, user) != (kept.host, kept.user):
        raise Invalid({"mail_password": [str(L("Type the password again: it was given for another server or user."))]})


def _try(who: Actor, given: dict[str, Any]) -> str:
    """Send a test with what stands in the form, saved or not; a password not typed again is the kept one."""
    errors: Errors = {}
    cleaned: dict[str, Any] = {}
    from smallcrm.records.fields import Cleaning, FieldError

    for setting in _declared():
        if setting.key in given and given[setting.key] is not None:
            try:
                cleaned[setting.key.partition(".")[2]] = setting.field.clean(given[setting.key], Cleaning(actor=who))
            except FieldError as error:
                errors[setting.field.key] = [str(error)]
    if errors:
        raise Invalid(errors)
    kept = outward.mail()
    same_place = (kept.host, kept.user) == (cleaned.get("host", ""), cleaned.get("user", ""))
    if same_place and "password" not in cleaned and "mail.password" not in given:
        cleaned["password"] = kept.password  # never to another server than the one it was given for
    to = request.form.get("test_to", "").strip() or who.email
    result = trial.mail(replace(MailSettings(), **cleaned), to)
    return _form(who, {}, dict(request.form), None, result=result, to=to)


def _form(
    who: Actor,
    errors: Errors,
    typed: dict[str, Any] | None,
    preset: presets.Preset | None,
    *,
    result: trial.Result | None = None,
    to: str = "",
) -> str:
    controls = {each.key: setting_inputs.of(who, each, typed=typed, errors=errors) for each in _declared()}
    host = str((typed or {}).get("mail_host") or settings.get("mail.host") or "")
    hint = preset or presets.of(host)
    trouble = outbox.mail_trouble()
    return page(
        "admin/mail.html",
        HERE,
        c={key.partition(".")[2]: control for key, control in controls.items()},
        errors=errors,
        presets=presets.PRESETS,
        chosen=hint,
        has_password=bool(settings.get("mail.password")),
        result=result,
        to=to or who.email,
        ready=outward.mail().ready,
        trouble=outbox.explain(trouble) if trouble and trouble != "not-set" else "",
    )

"""The company: what it is called, its language, money, country, zone, and the address staff type."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records import rates, settings
from smallcrm.records.settings import Setting
from smallcrm.web import setting_inputs, toasts
from smallcrm.web.setting_inputs import Errors
from smallcrm.web.settings_shell import page

HERE = "/admin/company"


def _shown() -> list[Setting]:
    return [each for each in settings.declared("company") if not each.field.hidden_always]


@admin.get("/admin/company")
def company() -> str:
    """The form."""
    return _form(need("settings"), {})


@admin.post("/admin/company")
def save_company() -> Response | tuple[str, int]:
    """Keep it."""
    who = need("settings")
    given, errors = setting_inputs.read(who, _shown(), request.form)
    try:
        if errors:
            raise Invalid(errors)
        _check_rates(given.get("company.rates"))
        before = settings.get("company.currency")
        with store.writing():
            settings.put(who, given)
            if settings.get("company.currency") != before:
                rates.begin_anew(before)
        if rates.waiting():
            work.start("rates", L("Amounts worked out by the new rates"), None, _fill, quick=True)
    except Invalid as error:
        return _form(who, error.errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(HERE, 303)


def _fill(progress: work.Progress) -> dict[str, int]:
    """Lists' totals take in what they left out for want of a rate."""
    return {"amounts": rates.fill(lambda done: progress.step(done))}


def _check_rates(lines: object) -> None:
    """Each line must be a currency and a rate, or sums would silently leave it out."""
    from decimal import Decimal, InvalidOperation

    from smallcrm.base import money

    for line in lines if isinstance(lines, list) else []:
        code, _, rate = str(line).partition("=")
        try:
            good = code.strip().upper() in money.currencies() and Decimal(rate.strip().replace(",", ".")) > 0
        except InvalidOperation:
            good = False
        if not good:
            raise Invalid({"company_rates": [str(L("“%(line)s” is no rate. Write it as USD = 0.92", line=line))]})


def _form(who: Actor, errors: Errors) -> str:
    typed = dict(request.form) if errors else None
    controls = [setting_inputs.of(who, each, typed=typed, errors=errors) for each in _shown()]
    return page("admin/company.html", HERE, controls=controls, errors=errors, guess=request.host_url.rstrip("/"))

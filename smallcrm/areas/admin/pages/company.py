"""The company: what it is called, its language, money, country, zone, and the address staff type."""

from __future__ import annotations

from typing import Any

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
        anew = "company.currency" in given and given["company.currency"] != before
        if anew:
            given["company.rates"] = _rates_anew(given, before)
        with store.writing():
            settings.put(who, given)
            if anew:
                rates.begin_anew(before)
        if rates.waiting():
            work.start("rates", L("Amounts worked out by the new rates"), None, _fill, quick=True)
    except Invalid as error:
        return _form(who, error.errors), 422
    if anew:
        toasts.say(
            str(
                L(
                    "Saved. Targets, expectations and thresholds are converted. Look through the amounts in your own filters and rules."
                )
            )
        )
    else:
        toasts.say(str(L("Saved.")))
    return redirect(HERE, 303)


def _rates_anew(given: dict[str, Any], before: str) -> list[str]:
    """The rates for another currency: those that are given with it, else the old ones turned round. The old currency's must be there."""
    new = str(given["company.currency"])
    lines = [str(line) for line in given.get("company.rates") or ()]
    if lines == list(settings.get("company.rates") or ()):
        lines = rates.turned(lines, new, before)
    if not any(line.partition("=")[0].strip().upper() == before for line in lines) and not rates.empty():
        said = L(
            "What there is so far is in %(old)s. Write what one of it is in %(new)s: %(old)s = …", old=before, new=new
        )
        raise Invalid({"company_rates": [str(said)]})
    return lines


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

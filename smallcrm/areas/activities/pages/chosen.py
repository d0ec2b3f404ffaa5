"""Settings: one's own reminders and calendar address; the company's working days and when a manager hears of delays."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.activities import settings as ours
from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.rules import ics, reminding, working_days
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs.outbox import settings as outgoing
from smallcrm.records import access, settings
from smallcrm.web import setting_inputs, settings_shell, toasts
from smallcrm.web.context import actor

MINE = "/settings/calendar"
COMPANY = "/settings/follow-ups"


@activities.get("/settings/calendar")
def my_page() -> str:
    """When one is reminded, and the address for other calendars."""
    who = actor()
    lead = reminding.lead_of(who.id)
    return settings_shell.page(
        "activities/mine.html",
        MINE,
        lead="" if lead is None else str(lead),
        leads=[("" if n is None else str(n), str(words)) for n, words in reminding.LEADS.items()],
        address=_address(who),
    )


def _address(who: Actor) -> str:
    nonce = ics.nonce_of(who.id)
    if nonce is None:
        return ""
    base = outgoing.base_url() or request.host_url.rstrip("/")
    return f"{base}/calendar/feed/{ics.token_of(who.id, nonce)}.ics"


def _need_own(who: Actor) -> None:
    if who.read_only:
        raise Forbidden(access.refusal(who, "edit"))


@activities.post("/settings/calendar")
def choose() -> Response:
    """Keep the usual reminder."""
    who = actor()
    _need_own(who)
    lead = request.form.get("lead", "")
    reminding.choose(who, int(lead) if lead.isascii() and lead.isdigit() and len(lead) < 6 else None)
    toasts.say(str(L("Saved.")))
    return redirect(MINE, 303)


@activities.post("/settings/calendar/feed")
def new_address() -> Response:
    """A new address for other calendars, or none."""
    who = actor()
    _need_own(who)
    if request.form.get("off") == "1":
        ics.switch_off(who)
        toasts.say(str(L("The address is switched off.")))
    else:
        ics.renew(who)
        toasts.say(str(L("Here is a new address. Calendars with the one before get nothing any more.")))
    return redirect(MINE, 303)


@activities.get("/settings/follow-ups")
def company_page() -> str:
    """The company's own."""
    return _company(_manager(), {}, {})


def _manager() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


def _company(who: Actor, typed: dict[str, object], errors: dict[str, list[str]]) -> str:
    wanted = settings.declared(ours.PAGE)
    controls = [setting_inputs.of(who, each, typed=typed, errors=errors) for each in wanted]
    return settings_shell.page("activities/company.html", COMPANY, controls=controls, errors=errors)


@activities.post("/settings/follow-ups")
def save_company() -> Response | tuple[str, int]:
    """Keep them."""
    who = _manager()
    wanted = settings.declared(ours.PAGE)
    given, errors = setting_inputs.read(who, wanted, request.form)
    for key in ("follow_ups.holidays", "follow_ups.worked_days"):
        name = next(each.field.key for each in wanted if each.key == key)
        try:
            working_days.check(name, given.get(key) or ())
        except Invalid as error:
            errors |= error.errors
    if not errors:
        try:
            settings.put(who, given)
        except Invalid as error:
            errors = error.errors
    if errors:
        return _company(who, dict(request.form), errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(COMPANY, 303)

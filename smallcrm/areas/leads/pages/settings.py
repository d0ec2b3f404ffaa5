"""The leads' settings: numbers, the first touch, reasons; the ways to everything else; how good the learned chance is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.rules import capture, learning
from smallcrm.base import clock, formats
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.records.record import Record, values
from smallcrm.web import setting_inputs, settings_shell, toasts
from smallcrm.web.area import Panel
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment

URL = "/settings/leads"


def _need() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


@leads.get(URL)
def lead_settings() -> str:
    """The page."""
    return _page(_need(), {}, None)


def _page(who: Actor, errors: dict[str, list[str]], typed: dict[str, Any] | None) -> str:
    declared = settings.declared("leads")
    controls = [setting_inputs.of(who, each, typed=typed, errors=errors) for each in declared]
    model = learning.latest()
    return settings_shell.page(
        "leads/settings.html",
        URL,
        controls=controls,
        errors=errors,
        labels_by_name={each.field.key: str(each.field.label) for each in declared},
        model=model,
        learned_at=learning.learned_at(),
        least=learning.LEAST,
        quality=[(*row, None) for row in _quality(model)],
    )


def _quality(model: learning.Model | None) -> list[tuple[str, str]]:
    if model is None:
        return []
    rows = [(str(L("Closed leads")), formats.number(model.n)), (str(L("Converted")), formats.number(model.converted))]
    if model.auc is not None and model.loss is not None and model.base_loss is not None:
        rows += [
            (str(L("Judged without having been seen")), formats.number(model.tested)),
            (str(L("Area under the curve (0.5 is chance, 1 is perfect)")), f"{model.auc:.2f}"),
            (str(L("Log-loss")), f"{model.loss:.3f}"),
            (str(L("Log-loss of the plain share")), f"{model.base_loss:.3f}"),
        ]
    return rows


@leads.post(URL)
def save_lead_settings() -> Response | tuple[str, int]:
    """Keep them. Deadlines that run stay as they are."""
    who = _need()
    given, errors = setting_inputs.read(who, settings.declared("leads"), request.form)
    try:
        if errors:
            raise Invalid(errors)
        _check_hours(given)
        settings.put(who, given)
    except Invalid as error:
        return _page(who, error.errors, dict(request.form)), 422
    toasts.say(str(L("Saved.")))
    return redirect(URL, 303)


def _check_hours(given: dict[str, Any]) -> None:
    times: dict[str, dt.time] = {}
    for name in ("day_from", "day_to"):
        text = str(given.get(f"leads.{name}") or settings.get(f"leads.{name}"))
        try:
            times[name] = dt.time.fromisoformat(text)
        except ValueError:
            raise Invalid({f"leads_{name}": [str(L("There is no such time."))]}) from None
    if times["day_from"] >= times["day_to"]:
        raise Invalid({"leads_day_to": [str(L("The day must end after it begins."))]})


def _source(who: Actor, record: Record) -> Markup | str:
    """What a source brought and cost in the last year."""
    held = values(record)
    until = clock.today()
    found = capture.brought(who, held, until - dt.timedelta(days=364), until)
    currency = str(held.get("currency") or "")

    def shown(cents: int | None) -> str:
        return "–" if cents is None else f"{formats.number(round(cents / 100, 2), 2)} {currency}"

    rows = [
        (str(L("Leads")), formats.number(found.leads)), (str(L("Converted")), formats.number(found.converted)),
        (str(L("What it cost")), shown(found.cost)), (str(L("Cost per lead")), shown(found.per_lead)),
        (str(L("Cost per converted lead")), shown(found.per_converted)),
    ]  # fmt: skip
    return fragment("leads/_source.html", rows=[(*row, None) for row in rows])


PANELS = (Panel("lead_source", "middle", _source, 1),)

"""What a manager expects instead of a sum: the dialog to say it, everything that was ever said, and taking it back."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.forecast.pages import forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.rules import overrides, periods
from smallcrm.areas.forecast.rules import which as choosing
from smallcrm.areas.forecast.rules.figures import CATEGORIES
from smallcrm.areas.forecast.rules.overrides import COMPANY, Override, Subject
from smallcrm.base import formats
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.records.fields import Cleaning, FieldError, Money
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.security import local_path


def _subject() -> Subject:
    """Whom the request is about. Raises NotFound."""
    kind, number = request.values.get("subject", ""), states.number(request.values.get("of"))
    if kind == "company":
        return COMPANY
    if kind not in ("user", "team") or number is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return Subject(kind, number)


def _period() -> periods.Period:
    found = periods.read(request.values.get("period"))
    if found is None:
        raise NotFound(L("There is no such period."))
    return found


def named(who: Actor, subject: Subject) -> str:
    """What the subject is called."""
    if subject == COMPANY:
        return str(settings.get("company.name"))
    return access.names(who, subject.kind, [subject.id]).get(subject.id, f"#{subject.id}")


def _dialog(typed: dict[str, str] | None = None, errors: dict[str, list[str]] | None = None) -> str:
    who, subject, period = actor(), _subject(), _period()
    choosing.need(who)
    said = overrides.log(who, subject, period.key)
    held = {each.category: each for each in reversed(said)}
    code = naming.currency()
    values = {name: formats.amount(each.amount, code) for name, each in held.items() if each.amount is not None}
    people = access.names(who, "user", [each.by for each in said])
    return render_template(
        "forecast/_override.html", subject=subject, period=period, name=named(who, subject), categories=CATEGORIES, log=said, people=people,
        values=typed or values, note=(typed or {}).get("note", ""), errors=errors or {}, may=overrides.may_set(who, subject), currency=code,
        sums={name: overrides.computed(who, subject, period.key, name) for name in CATEGORIES},
        column_names={key: str(label) for key, label in naming.COLUMNS.items()}, back=_back(),
    )  # fmt: skip


def _back() -> str:
    return local_path(request.values.get("back"), "/forecast")


@forecast_pages.get("/forecast/override")
def override_form() -> str:
    """The dialog: what is expected, and everything that was said before."""
    return _dialog()


@forecast_pages.post("/forecast/override")
def override() -> Response | tuple[str, int]:
    """Keep what is said of each category; an emptied one is taken back. The same sent twice is kept once."""
    who, subject, period = actor(), _subject(), _period()
    choosing.need(who)
    overrides.need_set(who, subject)
    typed = {name: request.form.get(name, "")[:60] for name in CATEGORIES} | {"note": request.form.get("note", "")}
    errors: dict[str, list[str]] = {}
    amounts: dict[str, int | None] = {}
    for name in CATEGORIES:
        try:
            amounts[name] = _amount(who, typed[name])
        except FieldError as error:
            errors[name] = [str(error)]
    if len(typed["note"].strip()) > overrides.NOTE:
        errors["note"] = [
            str(
                L(
                    "At most %(most)s characters; these are %(found)s.",
                    most=overrides.NOTE,
                    found=len(typed["note"].strip()),
                )
            )
        ]
    if errors:
        return _dialog(typed, errors), 422
    try:
        said = _put(who, subject, period.key, amounts, typed["note"])
    except Invalid as error:
        return _dialog(typed, error.errors), 422
    toasts.say(
        str(L("Kept what is expected of %(name)s.", name=named(who, subject)))
        if said
        else str(L("Nothing has changed."))
    )
    if request.headers.get("HX-Request"):
        return make_response("", 204, {"HX-Redirect": _back()})
    return redirect(_back(), 303)


def _put(who: Actor, subject: Subject, period: str, amounts: dict[str, int | None], note: str) -> list[Override]:
    """Only what differs from what holds is said anew."""
    held = overrides.latest(subject.kind, [subject.id], [period])
    changed = []
    for name, amount in amounts.items():
        each = held.get((subject.id, period, name))
        if (each.amount if each else None) != amount:
            changed.append(overrides.put(who, subject, period=period, category=name, amount=amount, note=note))
    return changed


def _amount(who: Actor, text: str) -> int | None:
    if not text.strip():
        return None
    field = Money(L("Amount")).unbound("amount")
    context = Cleaning(actor=who, values={"currency": naming.currency()})
    return field.clean(field.read(text, context), context)

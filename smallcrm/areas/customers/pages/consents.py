"""May we write to her? The answer per purpose and channel, with its reason; writing down what somebody consented to."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.records.choices import CHANNELS, PURPOSES
from smallcrm.areas.customers.rules import consent
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, settings
from smallcrm.records.record import Record, RecordType, title, values
from smallcrm.web import toasts
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.pages.record import to
from smallcrm.web.templating import fragment


def concerns(actor: Actor, record: Record) -> bool:
    """Whether consent is a matter here: people, and companies where they are asked too."""
    if "consents" not in access.readable(actor, type(record)):
        return False
    held = values(record)
    person = record.card.key == "contact" or held.get("kind") == "person"
    return person or bool(held["consents"]) or settings.get("customers.ask_consent") == "all"


def draw(who: Actor, record: Record) -> Markup | str:
    """The panel."""
    if not concerns(who, record) or access.masked_fields(who, record):
        return ""
    return fragment("customers/_consents.html", record=record, table=consent.table(record), may=_may(who, record))


def _may(who: Actor, record: Record) -> bool:
    kind = type(record)
    return not record.deleted_at and "consents" in access.writable(who, kind) and access.may(who, record, "edit")


def _kind(name: str) -> RecordType:
    from smallcrm.records.record import by_name

    found = by_name(name) if name in ("customers", "contacts") else None
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


@customers.get("/<any(customers, contacts):name>/<int:number>/consents")
def reasons(name: str, number: int) -> str:
    """Every answer with its reason."""
    who = actor()
    record = access.find(who, _kind(name), number)
    if not concerns(who, record) or access.masked_fields(who, record):
        raise NotFound(L("There is nothing here, or you may not see it."))
    return render_template("customers/_consent_reasons.html", table=consent.table(record))


@customers.get("/<any(customers, contacts):name>/<int:number>/consent")
def consent_form(name: str, number: int) -> str:
    """What was consented to."""
    who = actor()
    record = access.find(who, _kind(name), number, "edit")
    return _form(record, {"purpose": request.args.get("purpose", "marketing"), "state": "given"}, {})


def _form(record: Record, typed: Any, errors: Any) -> str:
    return render_template(
        "customers/_consent_form.html",
        record=record, name=title(record), typed=typed, errors=errors, purposes=PURPOSES, channels=CHANNELS,
    )  # fmt: skip


@customers.post("/<any(customers, contacts):name>/<int:number>/consent")
def keep_consent(name: str, number: int) -> Response | tuple[str, int]:
    """Write it down."""
    who = actor()
    record = access.find(who, _kind(name), number, "edit")
    typed: dict[str, Any] = {key: request.form.get(key, "") for key in ("purpose", "state", "on", "how")}
    typed["channels"] = [each for each in request.form.getlist("channels") if each]
    try:
        with changesets.opened(who, "form") as mine:
            consent.note(who, record, **{**typed, "on": typed["on"] or None})
    except Invalid as error:
        return _form(record, typed, error.errors), 422
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return to(f"/{name}/{number}")


PANELS = (Panel("customer", "facts", draw, 50), Panel("contact", "facts", draw, 50))
ACTS = tuple(
    Act(key, "consent", L("Consent given or withdrawn"), "checkbox", f"/{key}s/{{id}}/consent", order=50,
        shown=lambda who, record: concerns(who, record) and _may(who, record))
    for key in ("customer", "contact")
)  # fmt: skip

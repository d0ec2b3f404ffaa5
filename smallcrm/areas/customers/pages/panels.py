"""The parts of the 360° page that need no pages of their own: head line, figures, contacts, likely duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from smallcrm.areas.customers.pages import acts
from smallcrm.areas.customers.pages.acts import count_contacts, first_contacts
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.customers.rules import touch
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, duplicates, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Record, values
from smallcrm.web.area import Panel, Part
from smallcrm.web.drawn import filled
from smallcrm.web.templating import fragment, macros

# ---------------------------------------------------------------- head


def _owner(actor: Actor, record: Record) -> str:
    held = values(record)
    if held["owner"]:
        name = access.names(actor, "user", [held["owner"]]).get(held["owner"], "–")
        return str(L("%(name)s is in charge", name=name))
    return "" if held.get("pool") else str(L("Without owner"))


def _team(actor: Actor, record: Record) -> str:
    return access.names(actor, "team", [record.team]).get(record.team, "") if record.team else ""


def _roles(actor: Actor, record: Record) -> str:
    if "roles" not in access.readable(actor, Customer):
        return ""
    return str(fields_of(Customer)["roles"].show(values(record)["roles"], {}, access.reading(actor))).replace(";", ",")


def _number(actor: Actor, record: Record) -> str:
    number = values(record)["number"] if "number" in access.readable(actor, Customer) else None
    return str(L("No. %(number)s", number=number)) if number else ""


def _at(actor: Actor, record: Record) -> Markup | str:
    """A contact's customer and what they do there."""
    held = values(record)
    name = access.names(actor, "customer", [held["customer"]]).get(held["customer"]) if held["customer"] else None
    return filled('<a class="lnk" href="/customers/{}">{}</a>', held["customer"], name) if name else ""


def _does(actor: Actor, record: Record) -> str:
    held, readable = values(record), access.readable(actor, Contact)
    return ", ".join(str(held[name]) for name in ("title", "role") if name in readable and held[name])


# ---------------------------------------------------------------- figures


def _figure(*given: Any, **more: Any) -> Markup:
    return Markup(macros("parts/section.html").figure(*given, **more))  # noqa: S704  a macro escapes for itself


def _next(actor: Actor, record: Record) -> Markup | str:
    step = touch.next_step_of(actor, record)
    on = step.on if step else values(record)["next_follow_up_on"]
    if "next_follow_up_on" not in access.readable(actor, Customer):
        return ""
    late = bool(on) and on < clock.today().isoformat()
    when, tone = formats.near_date(on), "bad" if late else ""
    if step:
        note = f"{when} · {step.who}" if step.who else when
        return _figure(_("Next step"), step.what, note, tone=tone, wide=True, url=step.url or None)
    return _figure(_("Next step"), when or "–", _("late") if late else "", tone=tone, wide=True)


def _contacts_figure(actor: Actor, record: Record) -> Markup | str:
    if actor.scope("contact", "view") is Scope.NONE:
        return ""
    n = count_contacts(actor, record)
    if not n and values(record)["kind"] == "person":
        return ""
    return _figure(labels.many(Contact), formats.number(n) if n else "–")


def _last(actor: Actor, record: Record) -> Markup | str:
    if "last_follow_up_at" not in access.readable(actor, Customer):
        return ""
    at = values(record)["last_follow_up_at"]
    return _figure(labels.field(Customer, "last_follow_up_at"), formats.ago(at) or _("never"))


def _last_of_contact(actor: Actor, record: Record) -> Markup | str:
    at = touch.last_touches(actor, [int(record.id)]).get(int(record.id))
    return _figure(labels.field(Customer, "last_follow_up_at"), formats.ago(at)) if at else ""


# ---------------------------------------------------------------- related


def contacts(actor: Actor, record: Record) -> Part | str:
    """Who one talks to there: their part, when last, one tap to call."""
    may = actor.scope("contact", "create") is not Scope.NONE and not record.deleted_at
    if actor.scope("contact", "view") is Scope.NONE:
        return ""
    found = first_contacts(actor, record)
    if not found and values(record)["kind"] == "person":
        return ""
    n = count_contacts(actor, record)
    touches = touch.last_touches(actor, [each["id"] for each in found])
    html = fragment(
        "customers/_contacts.html",
        record=record,
        rows=[_contact(actor, each, touches) for each in found],
        n=n,
        all_url=all_contacts(int(record.id)) if n > len(found) else "",
        may=may,
    )
    return Part(html, labels.many(Contact), n)


def all_contacts(customer: int) -> str:
    """The list of a customer's contacts."""
    return f'/contacts?view=all&filter={{"all":[{{"field":"customer","op":"eq","value":{customer}}}]}}'


def _contact(actor: Actor, held: dict[str, Any], touches: Mapping[int, str]) -> dict[str, Any]:
    def shown(name: str) -> Any:
        return acts.visible(actor, Contact, held, name)

    return {
        "id": held["id"],
        "name": held["name"],
        "title": shown("title"),
        "role": shown("role"),
        "main": bool(shown("is_main")),
        "number": acts.number_of(actor, Contact, held),
        "at": formats.ago(touches.get(held["id"])),
    }


def same(actor: Actor, record: Record) -> Markup | str:
    """Others that are likely the same, with the way to merge them."""
    if record.deleted_at:
        return ""
    kind = type(record)
    held = values(record)
    masked = access.masked_fields(actor, record)
    known = {name: value for name, value in held.items() if name not in masked}
    found = duplicates.find(actor, kind, known, except_id=int(record.id), types=[kind.card.key])
    found = [each for each in found if set(each.by) - {"site"}]
    if not found:
        return ""
    return fragment(
        "customers/_same.html",
        kind=kind,
        record=record,
        matches=found[:3],
        more=ngettext("and %(n)s more", "and %(n)s more", len(found) - 3) if len(found) > 3 else "",
        may=access.may(actor, record, "edit"),
        reading=access.reading(actor),
    )


PANELS = (
    Panel("customer", "head", _owner, 10),
    Panel("customer", "head", _team, 20),
    Panel("customer", "head", _roles, 30),
    Panel("customer", "head", _number, 40),
    Panel("contact", "head", _at, 10),
    Panel("contact", "head", _does, 20),
    Panel("customer", "figures", _next, 10),  # pipeline 20, sales 30, receivable 40, overdue 50 come from later areas
    Panel("customer", "figures", _contacts_figure, 60),
    Panel("customer", "figures", _last, 70),  # days left in hand: 80
    Panel("contact", "figures", _last_of_contact, 10),
    Panel("customer", "related", contacts, 10),
    Panel("customer", "related", same, 90),
    Panel("contact", "related", same, 90),
)

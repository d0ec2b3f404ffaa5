"""Converting on one page: who it is, who one talks to, and perhaps an opportunity. Sent twice, it is done once."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import convert
from smallcrm.areas.leads.rules.convert import Wish
from smallcrm.base import ids
from smallcrm.base.errors import Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title, values
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor


@leads.get("/leads/<int:number>/convert")
def convert_page(number: int) -> Response | str:
    """The page; of a converted one its customer."""
    who = actor()
    record = access.find(who, Lead, number)
    if values(record)["status"] == "converted":
        return redirect(_after(who, record), 303)
    access.need(who, record, "edit")
    proposed = convert.wish_for(_seen(who, record))
    customers, _ = convert.likely(who, record)
    sure = next((m for m in customers if set(m.by) & {"phone", "email", "wechat", "tax"}), None)
    typed = {
        "customer": f"{sure.id}" if sure else "new", "name": proposed.name, "kind": proposed.kind, "contact": "new",
        "deal": "", "deal_name": proposed.name,
    }  # fmt: skip
    return _page(who, record, typed, {})


def _seen(who: Actor, record: Record) -> dict[str, Any]:
    """What the actor may read of it."""
    held = values(record)
    return {name: held.get(name) for name in access.shown_of(who, Lead, held)}


def _page(who: Actor, record: Record, typed: dict[str, str], errors: dict[str, list[str]]) -> str:
    customers, contacts = convert.likely(who, record)
    offered = {match.id: match for match in customers}
    homes = [int(match.values["customer"]) for match in contacts if match.values.get("customer")]
    names = access.names(who, "customer", homes)
    return render_template(
        "leads/convert.html",
        record=record,
        name=title(record),
        held=_seen(who, record),
        matches=list(offered.values())[:5],
        contacts=[(m, names.get(m.values.get("customer") or 0, "")) for m in contacts[:5]],
        typed=typed,
        errors=errors,
        once=ids.token(),
        deals=convert.offers_opportunity(who),
        refused=convert.refuse_pooled(record),
        chosen=access.names(who, "customer", [int(typed.get("other") or 0)]).get(int(typed.get("other") or 0), ""),
        reading=access.reading(who),
    )


def _after(who: Actor, record: Record) -> str:
    held = values(record)
    customer = held.get("converted_customer")
    return f"/customers/{customer}" if customer and access.names(who, "customer", [customer]) else f"/leads/{record.id}"


@leads.post("/leads/<int:number>/convert")
def do_convert(number: int) -> Response | tuple[str, int]:
    """Do it, once."""
    who = actor()
    record = access.find(who, Lead, number)
    if values(record)["status"] == "converted":
        return redirect(_after(who, record), 303)
    access.need(who, record, "edit")
    typed = {
        name: request.form.get(name, "")[:300]
        for name in ("customer", "other", "name", "kind", "contact", "deal", "deal_name")
    }
    typed["other"] = str(ids.number(typed["other"]) or "")
    try:
        return redirect(idempotency.form_once(who, lambda: _do(who, record, _wish(typed))), 303)
    except Invalid as error:
        return _page(who, record, typed, error.errors), 422
    except NotFound as error:
        return _page(who, record, typed, {"customer": [str(error)]}), 422
    except WrongState as error:
        now = access.fetch(who, Lead, number)
        if now is not None and values(now)["status"] == "converted":  # somebody was quicker
            toasts.say(str(L("This lead was converted meanwhile. Here is what it became.")), tone="")
            return redirect(_after(who, now), 303)
        return _page(who, record, typed, {"": [str(error)]}), 409


def _wish(typed: dict[str, Any]) -> Wish:
    chosen = typed["other"] if typed["customer"] == "other" else typed["customer"]
    customer = ids.number(chosen)
    if typed["customer"] not in ("new", "") and customer is None:
        raise Invalid({"customer": [str(L("Choose a customer."))]})
    contact = {"new": None, "none": 0, "": None}.get(typed["contact"], -1)
    if contact == -1:
        contact = ids.number(typed["contact"])
    if customer is None and not typed["name"].strip():
        raise Invalid({"name": [str(L("This is needed."))]})
    return Wish(customer, contact, typed["kind"], typed["name"], typed["deal_name"] if typed["deal"] else "")


def _do(who: Actor, record: Record, wish: Wish) -> str:
    with changesets.opened(who, "convert") as mine:
        done = convert.convert(who, record, wish)
    toasts.say(str(L("%(name)s is a customer now.", name=title(done.customer))), undo=mine.id)
    return _after(who, done.lead)

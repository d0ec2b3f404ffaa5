"""Relations on a customer's and a contact's page: a list both ways, a small picture, a form."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers, picture
from smallcrm.areas.customers.pages.consents import _kind
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.customers.records.relation import BOTH_WAYS, WORDS
from smallcrm.areas.customers.rules import graph, relations
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets, labels, search
from smallcrm.records.record import Record, title, values
from smallcrm.web import toasts
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back
from smallcrm.web.templating import fragment
from smallcrm.web.typed import ticked

SHOWN = 10
PICTURED = 3  # relations from which a picture says more than the list

KIND = "<any(customers, contacts):name>"


def draw(who: Actor, record: Record) -> Markup | str:
    """The panel: nothing but the way to add one while there are none."""
    found = relations.around(who, record)
    may = _may_add(who, record)
    if not found and not may:
        return ""
    drawn = graph.around(who, record, steps=1) if len(found) >= PICTURED else None
    return fragment(
        "customers/_relations.html",
        record=record,
        rows=found[:SHOWN],
        n=len(found),
        may=may,
        picture=picture.draw(drawn) if drawn else None,
        name=title(record),
    )


def guardians(who: Actor, record: Record) -> Markup | str:
    """Who cares for a person: on the facts' side, because they are called instead."""
    found = relations.guardians(who, record) if values(record).get("kind") == "person" else []
    if not found:
        return ""
    held = {each.other: _reach(who, each.other) for each in found}
    return fragment("customers/_guardians.html", record=record, rows=found, numbers=held)


def _reach(who: Actor, end: relations.End) -> str:
    from smallcrm.areas.customers.pages.acts import number_of

    kind = relations.ENDS[end[0]]
    found = access.fetch(who, kind, end[1])
    return number_of(who, kind, values(found)) if found is not None else ""


def _may_add(who: Actor, record: Record) -> bool:
    return (
        not record.deleted_at and who.scope("relation", "create") is not Scope.NONE and access.may(who, record, "edit")
    )


@customers.get(f"/{KIND}/<int:number>/relations")
def relations_page(name: str, number: int) -> str:
    """The large picture with the list beside it."""
    who = actor()
    record = access.find(who, _kind(name), number)
    drawn = graph.around(who, record)
    return render_template(
        "customers/relations.html",
        record=record,
        kind=type(record),
        name=title(record),
        rows=relations.around(who, record),
        picture=picture.draw(drawn) if drawn.edges else None,
        left_out=drawn.left_out,
        may=_may_add(who, record),
    )


# ---------------------------------------------------------------- the form


def _choices() -> list[tuple[str, str]]:
    """(value, words): each kind from this side, and from the other where that says something else."""
    found = []
    for key, (out, turned) in WORDS.items():
        found.append((key, str(out)))
        if key not in BOTH_WAYS:
            found.append((f"{key}-in", str(turned)))
    return found


GUARDS = ",".join((*relations.GUARDIANS, *(f"{key}-in" for key in relations.GUARDIANS)))


def _form(record: Record, typed: Any, errors: Any, relation: relations.Related | None = None) -> str:
    return render_template(
        "customers/_relation_form.html",
        record=record, name=title(record), typed=typed, errors=errors, choices=_choices(), guards=GUARDS,
        relation=relation,
    )  # fmt: skip


@customers.get(f"/{KIND}/<int:number>/relations/new")
def relation_form(name: str, number: int) -> str:
    """How, to whom."""
    return _form(access.find(actor(), _kind(name), number, "edit"), {"kind": request.args.get("kind", "")}, {})


@customers.post(f"/{KIND}/<int:number>/relations/new")
def add_relation(name: str, number: int) -> Response | tuple[str, int]:
    """Keep it."""
    who = actor()
    record = access.find(who, _kind(name), number, "edit")
    typed = _typed()
    key, _, turned = typed["kind"].partition("-")
    try:
        if key not in WORDS:
            raise Invalid({"kind": [str(L("Say how they are related."))]})
        with changesets.opened(who, "form") as mine:
            relations.add(
                who, record, kind=key, other=relations.end_of(typed["other"]), outgoing=not turned, note=typed["note"],
                pays=bool(typed["pays"]), may_contact=bool(typed["may_contact"]),
            )  # fmt: skip
    except Invalid as error:
        return _form(record, _named(who, typed), _shown(error)), 422
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return back(f"/{name}/{number}")


def _typed() -> dict[str, str]:
    found = {key: request.form.get(key, "") for key in ("kind", "other", "note")}
    return found | {key: "1" if ticked(key) else "" for key in ("pays", "may_contact")}


def _named(who: Actor, typed: dict[str, str]) -> dict[str, Any]:
    """What was typed, with the name of who was chosen."""
    try:
        end = relations.end_of(typed["other"])
    except Invalid:
        return {**typed, "other": ""}
    return {**typed, "other_text": relations.names_of(who, [end]).get(end, "")}


def _shown(error: Invalid) -> dict[str, list[str]]:
    """The errors under the form's own names."""
    return {{"target": "other", "source": "other"}.get(field, field): said for field, said in error.errors.items()}


@customers.get(f"/{KIND}/<int:number>/relations/<int:relation>")
def edit_relation(name: str, number: int, relation: int) -> str:
    """Its note, or its end."""
    who = actor()
    record = access.find(who, _kind(name), number)
    relations.find(who, record, relation)
    mine = next(each for each in relations.around(who, record) if each.id == relation)
    typed = {"note": mine.note, "pays": mine.pays, "may_contact": mine.may_contact}
    return _form(record, typed, {}, mine)


@customers.post(f"/{KIND}/<int:number>/relations/<int:relation>")
def save_relation(name: str, number: int, relation: int) -> Response | tuple[str, int]:
    """Keep the note, or take the relation away."""
    who = actor()
    record = access.find(who, _kind(name), number)
    typed = _typed()
    mine = next((each for each in relations.around(who, record) if each.id == relation), None)
    try:
        with changesets.opened(who, "delete" if request.form.get("remove") else "form") as opened:
            if request.form.get("remove"):
                relations.remove(who, record, relation)
            else:
                flags = {key: bool(typed[key]) for key in ("pays", "may_contact") if key in request.form}
                relations.amend(who, record, relation, note=typed["note"] or None, **flags)
    except Invalid as error:
        return _form(record, typed, _shown(error), mine), 422
    toasts.say(str(L("Saved.")), undo=opened.id or None)
    return back(f"/{name}/{number}")


@customers.get("/relations/ends")
def ends() -> Response:
    """Customers and contacts that what is typed finds: ``contact-12``."""
    who = actor()
    typed = request.args.get("q", "").strip()
    items = []
    for hit in search.find(who, typed, kinds=[Contact, Customer], each=8) if typed else []:
        customer = hit.values.get("customer")
        where = access.names(who, "customer", [customer]).get(customer, "") if customer else hit.values.get("city")
        sub = ", ".join(text for text in (labels.one(hit.kind), where) if text)
        items.append({"id": f"{hit.kind.card.key}-{hit.id}", "text": hit.title, "sub": sub})
    return jsonify({"items": items})


PANELS = (
    Panel("customer", "related", draw, 40),
    Panel("contact", "related", draw, 40),
    Panel("customer", "facts", guardians, 10),
)
ACTS = tuple(
    Act(key, "relate", L("Add a relation"), "affiliate", f"/{key}s/{{id}}/relations/new", order=45, shown=_may_add)
    for key in ("customer", "contact")
)

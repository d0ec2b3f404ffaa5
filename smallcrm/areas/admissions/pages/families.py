"""A student's family: guardians and siblings on the page, and the dialogs that add one of them."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.pages.guard import here
from smallcrm.areas.admissions.rules import family, intakes, same
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import formats, ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title, values
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.api import idempotency
from smallcrm.web.area import Part
from smallcrm.web.pages.record import to
from smallcrm.web.templating import fragment

OF_GUARDIAN = ("name", "mobile", "email", "language")
OF_SIBLING = ("name", "birthday", "intake")


def panel(who: Actor, record: Record) -> Part | str:
    """Who cares for the student, and the brothers and sisters found through them."""
    if not settings.on() or values(record).get("kind") != "person":
        return ""
    guardians, siblings = family.guardians(who, record), family.siblings(who, record)
    may = _may(who, record)
    if not (guardians or siblings or may):
        return ""
    others = [
        (each, " · ".join(part for part in (formats.date(each.birthday, year=True) if each.birthday else "", intakes.name_of(each.intake)) if part))
        for each in siblings
    ]  # fmt: skip
    html = fragment("admissions/_family.html", record=record, guardians=guardians, siblings=others, may=may)
    return Part(html, str(L("Family")), len(guardians) + len(siblings))


def _may(who: Actor, record: Record) -> bool:
    return (
        not record.deleted_at and who.scope("relation", "create") is not Scope.NONE and access.may(who, record, "edit")
    )


def _controls(
    who: Actor, kind: Any, names: tuple[str, ...], typed: Any, errors: Any, held: dict[str, Any]
) -> list[Any]:
    writable = access.writable(who, kind)
    return [
        inputs.of(who, kind, name, writable[name], held, typed=typed, errors=errors)
        for name in names
        if name in writable
    ]


@admissions.get("/customers/<int:number>/guardians/new")
def guardian_form(number: int) -> str:
    """Somebody known, or somebody new."""
    who = here()
    record = access.find(who, Customer, number, "edit")
    return _guardian(who, record, {"may_contact": "1"}, {})


def _guardian(who: Actor, record: Record, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    known = ids.number(str(typed.get("contact") or ""))
    return render_template(
        "admissions/_guardian_form.html", record=record, name=title(record), typed=typed, errors=errors,
        controls=_controls(who, Contact, OF_GUARDIAN, typed, errors, {}), once=typed.get("once") or ids.token(),
        known=access.names(who, "contact", [known]).get(known, "") if known else "",
        same=same.guardians(who, typed.get("mobile")) if errors.get("mobile") else [],
    )  # fmt: skip


@admissions.post("/customers/<int:number>/guardians/new")
def add_guardian(number: int) -> Response | tuple[str, int]:
    """Keep it."""
    who = here()
    record = access.find(who, Customer, number, "edit")
    names = ("contact", "pays", "may_contact", "note", "once", *OF_GUARDIAN)
    typed = {name: request.form.getlist(name)[-1].strip() if name in request.form else "" for name in names}
    try:
        contact = ids.number(typed["contact"])
        given = None if contact else _given(who, Contact, OF_GUARDIAN)

        def make() -> str:
            with changesets.opened(who, "form") as mine:
                family.add_guardian(
                    who, record, contact=contact, given=given, pays=bool(typed["pays"]), may_contact=bool(typed["may_contact"]),
                    note=typed["note"],
                )  # fmt: skip
            toasts.say(str(L("Saved.")), undo=mine.id or None)
            return f"/customers/{number}"

        url = idempotency.form_once(who, make)
    except Invalid as error:
        errors = {
            {"source": "contact", "target": "contact"}.get(name, name): said for name, said in error.errors.items()
        }
        return _guardian(who, record, typed, errors), 422
    return to(url)


def _given(who: Actor, kind: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What the form says of these fields. Raises Invalid."""
    typed = {n: v for n, v in typing.collect(who, kind, request.form).items() if n in names}
    given, errors = typing.values(who, kind, typed, {})
    if errors:
        raise Invalid(errors)
    return {name: value for name, value in given.items() if value not in (None, "")}


@admissions.get("/customers/<int:number>/siblings/new")
def sibling_form(number: int) -> str:
    """The name is enough: guardians and address are taken over."""
    who = here()
    record = access.find(who, Customer, number, "edit")
    return _sibling(who, record, {}, {})


def _sibling(who: Actor, record: Record, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    return render_template(
        "admissions/_sibling_form.html", record=record, name=title(record), typed=typed, errors=errors,
        controls=_controls(who, Customer, OF_SIBLING, typed or None, errors, {}), once=typed.get("once") or ids.token(),
        guardians=family.guardians(who, record),
    )  # fmt: skip


@admissions.post("/customers/<int:number>/siblings/new")
def add_sibling(number: int) -> Response | tuple[str, int]:
    """Make it, and open its page."""
    who = here()
    record = access.find(who, Customer, number, "edit")
    typed = {name: request.form.get(name, "").strip() for name in ("once", *OF_SIBLING)}
    try:
        given = _given(who, Customer, OF_SIBLING)

        def make() -> str:
            with changesets.opened(who, "form") as mine:
                made = family.add_sibling(who, record, given=given)
            toasts.say(str(L("%(name)s is kept.", name=title(made))), undo=mine.id or None)
            return f"/customers/{made.id}"

        url = idempotency.form_once(who, make)
    except Invalid as error:
        return _sibling(who, record, typed, error.errors), 422
    return to(url)

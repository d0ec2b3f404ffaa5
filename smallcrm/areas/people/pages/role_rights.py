"""Roles: a real matrix of types, verbs and scopes, fields kept from them, and what goes beyond records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.records import RIGHTS, SCOPES, VERB_LABELS, Role
from smallcrm.areas.people.rules import rights
from smallcrm.base.errors import Forbidden, Invalid, NotFound, Stale
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import VERBS, Actor, Scope
from smallcrm.records import access, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Record, RecordType, all_types, by_name, is_present, title, values
from smallcrm.web import settings_shell, toasts
from smallcrm.web.context import actor
from smallcrm.web.reauth import needs_password

HERE = "/roles/all"
_SHORT = {**dict(SCOPES), "below": L("team +", "scope")}  # as a narrow column holds them
_WORDS = {Scope.NONE: "none", Scope.OWN: "own", Scope.TEAM: "team", Scope.BELOW: "below", Scope.ALL: "all"}


def _may_edit(who: Actor, role: Record) -> bool:
    held = values(role)
    return who.may("people") and held.get("key") != "owner" and roles.at_most(who.role, roles.rights_of(held))


def _need_people(who: Actor) -> None:
    if not who.may("people"):
        raise Forbidden(access.refusal(who, "edit"))


@people.get("/roles/all")
def all_roles() -> str:
    """Every role with what it is like and who has it."""
    who = actor()
    found = store.rows(
        'SELECT r.id, r.name, r.key, (SELECT count(*) FROM "user" u WHERE u.role = r.id AND u.deleted_at IS NULL)'
        " FROM role r WHERE r.deleted_at IS NULL ORDER BY r.key IS NULL, r.id"
    )
    missing = [key for key in roles.READY if key not in {row[2] for row in found}]
    return settings_shell.page(
        "people/roles.html",
        HERE,
        roles=[
            {"id": number, "name": name, "ready": key in roles.READY, "users": count, "words": _in_words(number)}
            for number, name, key, count in found
        ],
        missing=[(key, str(roles.READY[key][0])) for key in missing],
        may_edit=who.may("people"),
    )


def _in_words(number: int) -> str:
    """A role in a line: how far it sees and changes by default."""
    held = roles.rights(number)
    if held is None:
        return ""
    if "everything" in held.rights:
        return _("Everything, now and later")
    words = {key: str(label) for key, label in SCOPES}
    sees, changes = (words[_WORDS[held.default.get(verb, Scope.NONE)]] for verb in ("view", "edit"))
    return _("sees: %(sees)s, changes: %(changes)s", sees=sees, changes=changes)


def _matrix(role: Record) -> list[dict[str, Any]]:
    """A row for every other type, then one a type: per verb its own scope ("" follows) and what that comes to."""
    held = values(role)
    lines = {line["type"]: line for line in held.get("grants") or ()}
    made = roles.rights_of(held)
    hidden: dict[str, int] = {}
    for line in held.get("field_rights") or ():
        hidden[line["type"]] = hidden.get(line["type"], 0) + 1
    every = {verb: lines.get("*", {}).get(verb) or "none" for verb in VERBS}
    rows: list[dict[str, Any]] = [
        {"type": "*", "label": _("Every other type"), "own": every, "comes_to": every, "fields": None, "open": False}
    ]
    for kind in all_types():
        key = kind.card.key
        if roles.is_fixed(key) or not is_present(kind):
            continue
        comes_to = {verb: _WORDS[made.scope(key, verb)] for verb in VERBS}
        own = {verb: lines.get(key, {}).get(verb) or "" for verb in VERBS}
        rows.append(
            {
                "type": key, "label": labels.many(kind), "own": own, "comes_to": comes_to, "name": kind.card.name,
                "fields": hidden.get(key, 0), "open": kind.card.reach == "open",
                "without": _without(kind),
            }
        )  # fmt: skip
    return rows


def _without(kind: RecordType) -> set[str]:
    """Verbs that mean nothing for a type."""
    found = set() if kind.card.importable else {"import"}
    return found | ({"assign"} if kind.card.reach == "open" else set())


@people.get("/roles/<int:number>")
@people.get("/roles/<int:number>/edit")
def role_page(number: int) -> str:
    """The matrix: the page is its own form."""
    who = actor()
    return _page(who, access.find(who, Role, number, bin=True), {})


def _page(who: Actor, role: Record, errors: Mapping[str, Any]) -> str:
    held = values(role)
    people_with = store.rows(
        'SELECT id, name, active FROM "user" WHERE role = ? AND deleted_at IS NULL ORDER BY active DESC, name_key LIMIT 50',
        [role.id],
    )
    mine = who.role.rights
    return settings_shell.page(
        "people/role.html",
        HERE,
        role=role,
        name=title(role),
        key=held.get("key"),
        rows=_matrix(role),
        verbs=[(verb, str(VERB_LABELS[verb])) for verb in VERBS],
        scopes=[(key, str(label)) for key, label in _SHORT.items()],
        open_scopes=[(key, str(label)) for key, label in _SHORT.items() if key in ("none", "all")],
        rights=[(key, str(label), "everything" in mine or key in mine) for key, label in RIGHTS],
        chosen=held.get("rights") or [],
        may_edit=_may_edit(who, role) and not role.deleted_at,
        may_run=who.may("people"),
        users=people_with,
        users_count=int(store.value('SELECT count(*) FROM "user" WHERE role = ? AND deleted_at IS NULL', [role.id])),
        errors=errors,
    )


@people.post("/roles/<int:number>")
@people.post("/roles/<int:number>/edit")
@needs_password
def save_role(number: int) -> Response | tuple[str, int]:
    """Keep the matrix. Whoever has the role has the rights at their next click."""
    who = actor()
    role = access.find(who, Role, number, "edit")
    form = request.form
    kinds = ["*", *(kind.card.key for kind in all_types() if not roles.is_fixed(kind.card.key))]
    grants = {kind: {verb: form.get(f"{kind}-{verb}", "") for verb in VERBS} for kind in kinds}
    try:
        rights.save_rights(
            who, role, name=form.get("name", ""), grants=grants, rights=form.getlist("rights"),
            version=form.get("version", type=int),
        )  # fmt: skip
    except Invalid as error:
        return _page(who, role, error.errors), 422
    except Stale as stale:
        return _page(who, access.find(who, Role, number), {"": [str(stale)]}), 412
    toasts.say(_("Saved."))
    return redirect(f"/roles/{number}", 303)


# ---------------------------------------------------------------- new, copied, as delivered, gone


@people.get("/roles/new")
def new_role() -> str:
    """A name, and which role it begins as."""
    return _new_page({}, request.args.get("from", 0, type=int), "")


def _new_page(errors: Mapping[str, Any], start: int, name: str) -> str:
    who = actor()
    _need_people(who)
    choices = [
        (number, called)
        for number, called in store.rows("SELECT id, name FROM role WHERE deleted_at IS NULL ORDER BY key IS NULL, id")
        if (held := roles.rights(number)) and roles.at_most(who.role, held)
    ]
    return settings_shell.page("people/role_new.html", HERE, choices=choices, start=start, name=name, errors=errors)


@people.post("/roles/new")
@needs_password
def make_role() -> Response | tuple[str, int]:
    """A copy under another name; its matrix opens."""
    who = actor()
    _need_people(who)
    start, name = request.form.get("from", 0, type=int), request.form.get("name", "")
    try:
        made = rights.copy_role(who, access.find(who, Role, start), name=name) if start else None
        if made is None:
            made = rights.new_role(who, name=name)
    except Invalid as error:
        return _new_page(error.errors, start, name), 422
    toasts.say(_("%(name)s is kept.", name=title(made)))
    return redirect(f"/roles/{made.id}", 303)


@people.post("/roles/ready/<key>")
@needs_password
def restore_ready(key: str) -> Response:
    """A ready-made role as it came."""
    who = actor()
    _need_people(who)
    role = rights.restore_ready(who, key)
    toasts.say(_("%(name)s is as it came.", name=title(role)))
    return redirect(f"/roles/{role.id}", 303)


# ---------------------------------------------------------------- fields


def _field_page(who: Actor, role: Record, kind: RecordType, errors: Mapping[str, Any]) -> str:
    chosen = {
        line["field"]: line["right"] for line in values(role).get("field_rights") or () if line["type"] == kind.card.key
    }
    return settings_shell.page(
        "people/role_fields.html",
        HERE,
        role=role,
        name=title(role),
        kind=kind,
        fields=[
            (name, labels.field(kind, name), chosen.get(name, ""), name == kind.card.title)
            for name, each in fields_of(kind).items()
            if not each.hidden_always
        ],
        may_edit=_may_edit(who, role),
        errors=errors,
    )


def _kind(name: str) -> RecordType:
    kind = by_name(name)
    if kind is None or roles.is_fixed(kind.card.key):
        raise NotFound(L("There is no type “%(type)s”.", type=name[:60]))
    return kind


@people.get("/roles/<int:number>/fields/<name>")
def role_fields(number: int, name: str) -> str:
    """One type's fields: written, only read, not seen."""
    who = actor()
    return _field_page(who, access.find(who, Role, number), _kind(name), {})


@people.post("/roles/<int:number>/fields/<name>")
@needs_password
def save_role_fields(number: int, name: str) -> Response | tuple[str, int]:
    """Keep them."""
    who, kind = actor(), _kind(name)
    role = access.find(who, Role, number, "edit")
    fields = {each: request.form.get(f"field-{each}", "") for each in fields_of(kind) if each != kind.card.title}
    try:
        rights.save_field_rights(who, role, kind.card.key, fields, version=request.form.get("version", type=int))
    except Invalid as error:
        return _field_page(who, role, kind, error.errors), 422
    except Stale as stale:
        return _field_page(who, access.find(who, Role, number), kind, {"": [str(stale)]}), 412
    toasts.say(_("Saved."))
    return redirect(f"/roles/{number}", 303)

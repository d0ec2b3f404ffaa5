"""Making and changing a record in a form. Whatever happens, what was typed is still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, duplicates, labels, warnings
from smallcrm.records.clean import Errors, clean, defaults
from smallcrm.records.fields import Field
from smallcrm.records.record import Record, RecordType, find_type, title, values
from smallcrm.web import inputs, reauth, toasts
from smallcrm.web import typed as typing
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.security import local_path

PHONE_FIRST = 8  # fields a quick form shows before "more"


def sections(
    who: Actor,
    kind: RecordType,
    held: Mapping[str, Any],
    typed: Mapping[str, Any] | None,
    errors: Errors,
    record: Record | None,
) -> list[tuple[str, str, list[inputs.Input]]]:
    """(key, heading, controls) of the form, in the order of the type's sections."""
    reading = access.reading(who, record)
    writable = access.writable(who, kind)
    shown = {
        n: f
        for n, f in access.readable(who, kind).items()
        if (n in writable or (who.field_right(kind.card.key, n) == "read" and not f.read_only))
        and (n != "owner" or kind.card.reach != "open")
    }
    found = []
    for key, heading in kind.card.sections or (("main", ""),):
        controls = [
            inputs.of(who, kind, name, each, held, typed=typed, errors=errors, reading=reading)
            for name, each in shown.items()
            if _section(kind, each) == key
        ]
        if controls:
            found.append((key, str(heading), controls))
    return found


@dataclass(frozen=True)
class OnlyFor:
    """A section of the form that is meant for records whose ``field`` holds ``value``."""

    field: str
    value: str


def depending(kind: RecordType, held: Mapping[str, Any]) -> dict[str, tuple[str, str, bool]]:
    """Section → (field, value, whether it holds): the page shows and hides these as that field changes."""
    found = {key: rule for (type_, key), rule in _only_for.items() if type_ == kind.card.key}
    return {key: (rule.field, rule.value, held.get(rule.field) == rule.value) for key, rule in found.items()}


def fits(kind: RecordType, held: Mapping[str, Any], each: Field) -> bool:
    """Whether a field's section is meant for a record with these values."""
    rule = _only_for.get((kind.card.key, each.section))
    return rule is None or held.get(rule.field) == rule.value


def _section(kind: RecordType, each: Field) -> str:
    known = {key for key, _ in kind.card.sections or (("main", ""),)}
    return each.section if each.section in known else next(iter(kind.card.sections or (("main", ""),)))[0]


_only_for: dict[tuple[str, str], OnlyFor] = {}


def only_for(record_type: str, section: str, *, field: str, value: str) -> None:
    """An area says for which records a section of the form is meant: those whose ``field`` holds ``value``."""
    _only_for[record_type, section] = OnlyFor(field, value)


@pages.get("/<type:kind>/new")
def new(kind: RecordType) -> str:
    """An empty form, filled from the address where it names fields."""
    who = actor()
    need_create(who, kind)
    held, _ = clean(who, kind, defaults(who, kind), trusted=True)
    typed = {k: v for k, v in request.args.items() if k in access.writable(who, kind)}
    return _form(who, kind, held, typed or None, {}, None)


def need_create(who: Actor, kind: RecordType) -> None:
    if who.scope(kind.card.key, "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


@pages.post("/<type:kind>/new")
def create(kind: RecordType) -> Response | tuple[str, int]:
    """Keep a new record; the form again with its errors where that fails."""
    who = actor()
    need_create(who, kind)
    typed = typing.collect(who, kind, request.form)
    given, errors = typing.values(who, kind, typed)
    try:
        if errors:
            _, more = clean(who, kind, given)
            raise Invalid({**more, **errors})
        return _lead(idempotency.form_once(who, lambda: _make(who, kind, given)))
    except Invalid as error:
        held, _ = clean(who, kind, defaults(who, kind), trusted=True)
        return _form(who, kind, held, typed, error.errors, None), 422


def _make(who: Actor, kind: RecordType, given: Mapping[str, Any]) -> str:
    """Make it; the address that follows."""
    with changesets.opened(who, "form") as mine:
        record = change.create(who, kind, given)
    toasts.say(str(L("%(name)s is kept.", name=title(record))), undo=mine.id)
    return _next(record)


def done(record: Record) -> Response:
    """After saving: to where the form says, else to the record."""
    return _lead(_next(record))


def _next(record: Record) -> str:
    if request.form.get("again"):
        return f"/{record.card.name}/new"
    return local_path(request.form.get("next"), url_of(record))


def _lead(url: str) -> Response:
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def url_of(record: Record) -> str:
    return f"/{record.card.name}/{record.id}" if record.card.pages else "/"


@pages.get("/<type:kind>/<int:number>/edit")
def edit(kind: RecordType, number: int) -> str:
    """The form of a record."""
    who = actor()
    record = access.find(who, kind, number, "edit")
    return _form(who, kind, values(record), None, {}, record)


@pages.post("/<type:kind>/<int:number>/edit")
def save(kind: RecordType, number: int) -> Response | tuple[str, int]:
    """Keep the changes; on errors or somebody else's change the form again, with everything that was typed."""
    who = actor()
    record = access.find(who, kind, number, "edit")
    held = values(record)
    masked = access.masked_fields(who, record)
    typed = {n: v for n, v in typing.collect(who, kind, request.form).items() if n not in masked}
    given, errors = typing.values(who, kind, typed, held)
    version = request.form.get("version", type=int)
    try:
        if errors:
            _, more = clean(who, kind, given, before=held)
            raise Invalid({**more, **errors})
        reauth.need(kind, given)
        with changesets.opened(who, "form") as mine:
            saved = change.update(who, record, given, version=version)
        toasts.say(str(L("Saved.")), undo=mine.id or None)
    except Invalid as error:
        return _form(who, kind, held, typed, error.errors, record), 422
    except Stale as stale:
        now = stale.detail.get("record") or record
        return _form(who, kind, values(now), typed, {"": [str(stale)]}, now, stale_from=held), 412
    return done(saved)


def _form(
    who: Actor,
    kind: RecordType,
    held: Mapping[str, Any],
    typed: Mapping[str, Any] | None,
    errors: Errors,
    record: Record | None,
    *,
    stale_from: Mapping[str, Any] | None = None,
) -> str:
    context: dict[str, Any] = {
        "kind": kind,
        "record": record,
        "name": title(record) if record is not None else "",
        "sections": sections(who, kind, held, typed, errors, record),
        "depending": depending(kind, {**held, **(typed or {})}),
        "errors": errors,
        "labels_by_name": {name: labels.field(kind, name) for name in access.readable(who, kind)},
        "stale": stale_from is not None,
        "version": record.version if record is not None else None,
        "next": request.values.get("next", ""),
        "once": "" if record is not None else ids.token(),
        "has_match": any(field.match for field in access.writable(who, kind).values()),
    }
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "dialog":
        return render_template("record/_form_dialog.html", **context)
    return render_template("record/form.html", **context)


@pages.get("/<type:kind>/duplicates")
def likely_duplicates(kind: RecordType) -> str:
    """Records within reach that are likely what is being typed; nothing when there are none."""
    who = actor()
    typed = {n: v for n, v in request.args.items() if n in access.readable(who, kind)}
    columns, _ = clean(who, kind, {n: v for n, v in typed.items() if v}, trusted=True)
    found = duplicates.find(who, kind, columns, except_id=request.args.get("id", 0, type=int))
    odd = warnings.of(who, kind, columns)
    if not found and not odd:
        return ""
    return render_template(
        "record/_duplicates.html",
        matches=found[:4],
        more=len(found) - 4,
        reading=access.reading(who),
        odd=[(labels.field(kind, name), " ".join(said)) for name, said in odd.items()],
    )


def about_of(who: Actor) -> Record | None:
    """The record that a form is about, named in its address."""
    kind = find_type(request.values.get("about_type", ""))
    number = request.values.get("about_id", type=int)
    return access.fetch(who, kind, number) if kind is not None and number else None

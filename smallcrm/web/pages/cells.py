"""One value edited where it stands: in a list's cell or among a record's facts."""

from __future__ import annotations

from flask import render_template, request

from smallcrm.base.errors import Forbidden, Invalid, NotFound, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, present
from smallcrm.records.fields import Field
from smallcrm.records.record import Record, RecordType, values
from smallcrm.web import inputs, reauth, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor
from smallcrm.web.pages import pages


def _field(who: Actor, kind: RecordType, name: str, record: Record) -> Field:
    found = access.readable(who, kind).get(name)
    if found is None:
        raise NotFound(L("There is no such field."))
    masked = name in access.masked_fields(who, record)
    if masked or name not in access.writable(who, kind) or not found.inline:
        raise Forbidden(L("This field is not changed here."))
    return found


@pages.get("/<type:kind>/<int:number>/cell/<name>")
def cell(kind: RecordType, number: int, name: str) -> str:
    """The small form that takes a value's place."""
    who = actor()
    record = access.find(who, kind, number, "edit")
    found = _field(who, kind, name, record)
    control = inputs.of(who, kind, name, found, values(record), reading=access.reading(who, record), bare=True)
    return render_template("record/_cell.html", kind=kind, record=record, control=control, version=record.version)


@pages.post("/<type:kind>/<int:number>/cell/<name>")
def save_cell(kind: RecordType, number: int, name: str) -> str | tuple[str, int]:
    """Keep the value; the form again with its error where that fails."""
    who = actor()
    record = access.find(who, kind, number, "edit")
    found = _field(who, kind, name, record)
    reauth.need(kind, [name])
    held = values(record)
    typed = {n: v for n, v in typing.collect(who, kind, request.form).items() if n == name}
    try:
        given, errors = typing.values(who, kind, typed, held)
        if errors:
            raise Invalid(errors)
        with changesets.opened(who, "form") as mine:
            saved = change.update(who, record, given, version=request.form.get("version", type=int))
    except (Invalid, Stale) as error:
        errors = error.errors if isinstance(error, Invalid) else {name: [str(error)]}
        shown = {name: errors.get(name) or [str(error)]}
        control = inputs.of(who, kind, name, found, held, typed=typed, errors=shown, bare=True)
        version = (
            error.detail["record"].version
            if isinstance(error, Stale) and error.detail.get("record")
            else record.version
        )
        page = render_template("record/_cell.html", kind=kind, record=record, control=control, version=version)
        return page, 422 if isinstance(error, Invalid) else 412
    if mine.id:
        toasts.say(str(L("Saved.")), undo=mine.id)
    return _shown(who, saved, found)


def _shown(who: Actor, record: Record, found: Field) -> str:
    text = present.shown(found, values(record), access.reading(who, record))
    return render_template("record/_cell_shown.html", text=text, field=found, record=record)

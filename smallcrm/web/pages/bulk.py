"""Acts on what is selected: change a field, tags, hand over, into the bin. Few at once; many as a long work with progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, bulk, labels, transfer
from smallcrm.records.bulk import Act, Selection
from smallcrm.records.record import RecordType
from smallcrm.web import inputs, longwork, reauth, security, state, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor
from smallcrm.web.pages import pages

AT_ONCE = 200  # records that are changed while one waits


def selection(who: Actor, kind: RecordType) -> Selection:
    """What is selected: ids, or everything the list reaches but some. Raises BadRequest for nothing."""
    if request.values.get("everything") == "1":
        here = state.read(who, kind)
        without = frozenset(ids.numbers(request.values.getlist("without")))
        return Selection(kind, everything=True, filter=here.filter, q=here.q, without=without)
    chosen = tuple(ids.numbers(request.values.getlist("id")))
    if not chosen:
        raise BadRequest(L("Nothing is selected."))
    return Selection(kind, ids=chosen[:100_000])


def finish(
    who: Actor, kind: RecordType, chosen: Selection, act: Act, *, why: str, title: str, note: str = ""
) -> Response:
    """Do it now, or as a long work when there are many; back to the list."""
    if chosen.count(who) > AT_ONCE:
        longwork.start_bulk(who, chosen, act, why=why, title=title, note=note)
        toasts.say(str(L("“%(title)s” is under way. You may leave this page.", title=title)), tone="")
    else:
        result = bulk.run(who, chosen, act, why=why, note=note)
        toasts.say(
            longwork.told(result),
            undo=result.set or None,
            tone="bad" if result.refused and not result.changed else "good",
        )
    return to_list(kind)


def to_list(kind: RecordType) -> Response:
    """Back to the list it was selected in, with nothing selected any more."""
    back = request.form.get("back", "")
    url = security.local_path(back) if back.startswith(f"/{kind.card.name}") else f"/{kind.card.name}"
    response = make_response("", 204 if request.headers.get("HX-Request") else 303)
    response.headers["HX-Redirect" if request.headers.get("HX-Request") else "Location"] = url
    response.headers["HX-Trigger"] = "deselect"  # the next act must not meet what this one dealt with
    return response


def dialog(template: str, kind: RecordType, chosen: Selection, who: Actor, **context: Any) -> str:
    """A bulk act's form in a dialog, the selection carried along."""
    return render_template(
        template,
        kind=kind,
        n=chosen.count(who),
        carried=[
            (k, v)
            for k, v in request.values.items(multi=True)
            if k in ("id", "everything", "without", "filter", "q", "view", "back")
        ],
        **context,
    )


@pages.post("/<type:kind>/bulk/edit-form")
def bulk_edit_form(kind: RecordType) -> str:
    """Which field, which value."""
    who = actor()
    chosen = selection(who, kind)
    name = request.form.get("field", "")
    fields = [
        (n, labels.field(kind, n))
        for n, f in access.writable(who, kind).items()
        if f.kind not in ("lines", "anylink") and not f.unique_live and n != "owner"
    ]
    control = None
    if name in dict(fields):
        control = inputs.of(who, kind, name, access.writable(who, kind)[name], {})
    return dialog("record/_bulk_edit.html", kind, chosen, who, fields=fields, field=name, control=control, error="")


@pages.post("/<type:kind>/bulk/edit")
def bulk_edit(kind: RecordType) -> Response | tuple[str, int]:
    """Set a field on all of them."""
    who = actor()
    chosen = selection(who, kind)
    name = request.form.get("field", "")
    if name not in access.writable(who, kind):
        raise BadRequest(L("There is no such field."))
    reauth.need(kind, [name])
    typed = {n: v for n, v in typing.collect(who, kind, request.form).items() if n == name}
    typed.setdefault(name, "")
    given, errors = typing.values(who, kind, typed)
    try:
        if errors:
            raise Invalid(errors)
        bulk.check_values(who, kind, given)
    except Invalid as error:
        control = inputs.of(who, kind, name, access.writable(who, kind)[name], {}, typed=typed, errors=error.errors)
        return dialog(
            "record/_bulk_edit.html",
            kind,
            chosen,
            who,
            fields=[(name, labels.field(kind, name))],
            field=name,
            control=control,
            error="",
        ), 422
    return finish(who, kind, chosen, bulk.edit(kind, given), why="bulk", title=str(L("Change a field")))


@pages.post("/<type:kind>/bulk/tags-form")
def bulk_tags_form(kind: RecordType) -> str:
    """Tags to add and to take off."""
    who = actor()
    return dialog("record/_bulk_tags.html", kind, selection(who, kind), who)


@pages.post("/<type:kind>/bulk/tags")
def bulk_tags(kind: RecordType) -> Response:
    """Add and take off tags."""
    who = actor()
    chosen = selection(who, kind)
    add, remove = _tags("add"), _tags("remove")
    if not add and not remove:
        raise BadRequest(L("Give at least one tag."))
    act = bulk.edit(kind, {}, add={"tags": add}, remove={"tags": remove})
    return finish(who, kind, chosen, act, why="bulk", title=str(L("Tags")))


def _tags(name: str) -> list[str]:
    return [part.strip() for part in request.form.get(name, "").split(";") if part.strip()][:20]


@pages.post("/<type:kind>/bulk/assign-form")
def bulk_assign_form(kind: RecordType) -> str:
    """To whom they are handed over."""
    who = actor()
    return dialog("record/_bulk_assign.html", kind, selection(who, kind), who, error="")


@pages.post("/<type:kind>/bulk/assign")
def bulk_assign(kind: RecordType) -> Response | tuple[str, int]:
    """Hand them over."""
    who = actor()
    chosen = selection(who, kind)
    owner = request.form.get("owner", 0, type=int)
    try:
        transfer.need_active(owner)
    except Invalid as error:
        return dialog("record/_bulk_assign.html", kind, chosen, who, error=str(error)), 422
    act = bulk.assign(kind, owner)
    return finish(
        who, kind, chosen, act, why="transfer", title=str(L("Hand over")), note=request.form.get("reason", "")[:200]
    )


@pages.post("/<type:kind>/bulk/delete")
def bulk_delete(kind: RecordType) -> Response:
    """Into the bin."""
    who = actor()
    reauth.need(kind, ["deleted_at"])
    return finish(who, kind, selection(who, kind), bulk.delete(kind), why="delete", title=str(L("Into the bin")))


Values = Mapping[str, Any]

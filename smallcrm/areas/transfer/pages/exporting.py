"""Exporting from a list, from what is selected, by address; and empty workbooks to fill in."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import exports, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import need as need_import
from smallcrm.areas.transfer.staging import OUT
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import exporting, labels, query, views
from smallcrm.records.query import Ask
from smallcrm.records.record import RecordType
from smallcrm.web import downloads, state, toasts
from smallcrm.web.context import actor

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
CARRIED = ("id", "everything", "without", "filter", "q", "view", "sort", "as_of", "back")


@transfer.get("/<type:kind>/export")
def from_list(kind: RecordType) -> str:
    """The dialog over a list."""
    who = actor()
    exports.need(who, kind)
    return _dialog(who, kind, state.read(who, kind).ask())


@transfer.post("/<type:kind>/export-form")
def from_selection(kind: RecordType) -> str:
    """The dialog over what is selected."""
    who = actor()
    exports.need(who, kind)
    return _dialog(who, kind, _asked(who, kind))


def _dialog(who: Actor, kind: RecordType, ask: Ask) -> str:
    here = state.read(who, kind)
    shown = exporting.chosen(who, kind, views.columns_of(who, kind, here.view))
    every = exporting.chosen(who, kind, None)
    carried = [(k, v) for k, v in request.values.items(multi=True) if k in CARRIED]
    narrowed = bool(here.filter or here.q or ask.extra)
    return render_template(
        "transfer/_export.html", kind=kind, carried=carried, n=query.count(ask, cap=None), shown=len(shown),
        every=len(every), narrowed=narrowed and not ask.extra,
        all=query.count(Ask(who, kind, as_of=here.as_of), cap=None) if narrowed and not ask.extra else 0,
    )  # fmt: skip


def _asked(who: Actor, kind: RecordType) -> Ask:
    """What a form means: the list, some of it, or everything."""
    here = state.read(who, kind)
    ask = here.ask()
    values = request.values
    if values.get("rows") == "all":
        return Ask(who, kind, as_of=here.as_of)
    if values.get("everything") == "1":
        return exporting.without(ask, ids.numbers(values.getlist("without")))
    chosen = ids.numbers(values.getlist("id"))
    return exporting.of_ids(ask, chosen[:100_000]) if chosen else ask


@transfer.post("/<type:kind>/export")
def export_run(kind: RecordType) -> Response:
    """Write it: at once, or in the background when it is big."""
    who = actor()
    exports.need(who, kind)
    ending = request.form.get("format", "xlsx")
    if ending not in TYPES:
        raise BadRequest(L("There is no such format."))
    here = state.read(who, kind)
    names = None if request.form.get("columns") == "all" else views.columns_of(who, kind, here.view)
    return _give(who, kind, _asked(who, kind), names, ending)


@transfer.get("/<type:kind>/export.<any(xlsx, csv):ending>")
def by_address(kind: RecordType, ending: str) -> Response:
    """The list at this address as a file; ``columns`` names others, ``columns=all`` means every one."""
    who = actor()
    exports.need(who, kind)
    here = state.read(who, kind)
    said = request.args.get("columns", "")
    names = (
        None
        if said == "all"
        else [n.strip() for n in said.split(",")]
        if said
        else views.columns_of(who, kind, here.view)
    )
    return _give(who, kind, _asked(who, kind), names, ending)


def _give(who: Actor, kind: RecordType, ask: Ask, names: list[str] | None, ending: str) -> Response:
    if query.count(ask, cap=exports.AT_ONCE) > exports.AT_ONCE:
        key = exports.start(who, kind, ask, names, ending)
        toasts.say(str(L("The export is being written. You may leave this page.")), tone="")
        return redirect(f"/works/{key}", 303)
    made = staging.begin(who, kind, exports.file_name(kind, ending, ask.as_of), OUT)
    try:
        path = made.folder / f"file.{ending}"
        exports.write(path, ask, names)
        content = path.read_bytes()
    finally:
        staging.discard(made)
    response = make_response(content)
    response.headers["Content-Type"] = TYPES[ending]
    downloads.saved_as(response, made.name)
    response.headers["Cache-Control"] = "no-store"
    return response


@transfer.get("/exports/<token>/file")
def download(token: str) -> Response:
    """A file that was written in the background: for whoever asked for it, for a day, while their rights are the same."""
    from smallcrm.records.record import by_key

    who = actor()
    found = staging.find(who, token, way=OUT)
    exports.need(who, by_key(found.record_type))
    same = found.mapping.get("rights") == exports.rights_mark(who)
    if not found.result or not found.path.is_file() or not same:
        raise NotFound(L("This file is not there any more. Export once more."))
    ending = found.name.rpartition(".")[2]
    return send_file(found.path, mimetype=TYPES[ending], as_attachment=True, download_name=found.name, max_age=0)


@transfer.get("/<type:kind>/template.xlsx")
def template(kind: RecordType) -> Response:
    """An empty workbook to fill in."""
    who = actor()
    need_import(who, kind)
    made = staging.begin(who, kind, str(L("%(what)s to fill in.xlsx", what=labels.many(kind))), OUT)
    try:
        path = made.folder / "file.xlsx"
        exporting.write_template(path, who, kind)
        content: Any = path.read_bytes()
    finally:
        staging.discard(made)
    response = make_response(content)
    response.headers["Content-Type"] = TYPES["xlsx"]
    downloads.saved_as(response, made.name)
    return response

"""The document checklist on an application's page, and the dialog that says where one of them stands."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.pages.guard import here
from smallcrm.areas.admissions.records.document import ASKED, RECEIVED, STATES
from smallcrm.areas.admissions.rules import documents
from smallcrm.areas.admissions.rules.documents import Line
from smallcrm.areas.files import rules as files
from smallcrm.areas.files.records import File
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import formats
from smallcrm.base.errors import Invalid, NotFound, TooLarge
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, values
from smallcrm.web import toasts
from smallcrm.web.area import Part
from smallcrm.web.pages.record import back
from smallcrm.web.templating import fragment

WORDS = {option.key: option for option in STATES}


def panel(who: Actor, record: Record) -> Part | Markup | str:
    """Each document with its state, its file, who said so and when; the missing ones first."""
    if not settings.on():
        return ""
    found = documents.lines(int(record.id), values(record)["pipeline"])
    if not found:
        return ""
    may = not record.deleted_at and access.may(who, record, "edit")
    lines = [_shown(who, each) for each in sorted(found, key=lambda each: not each.missing)]
    missing = sum(1 for each in found if each.missing)
    html = fragment("admissions/_documents.html", record=record, lines=lines, missing=missing, n=len(found), may=may)
    return Part(html, str(L("Documents")), missing)


def _shown(who: Actor, line: Line) -> dict[str, Any]:
    held = line.paper or {}
    file = held.get("file")
    stage = stages.step(line.asked.before_stage)
    return {
        "id": line.asked.id, "name": line.asked.name, "state": WORDS[line.state], "missing": line.missing,
        "file": access.names(who, "file", [file]).get(file) if file else None, "file_id": file,
        "by": access.names(who, "user", [held["set_by"]]).get(held["set_by"], "") if held.get("set_by") else "",
        "at": formats.moment(held["set_at"]) if held.get("set_at") else "", "note": held.get("note") or "",
        "before": stage.name if stage and line.missing else "", "unknown": line.paper is None,
    }  # fmt: skip


def _line(who: Actor, number: int, document: int) -> tuple[Record, Line]:
    record = access.find(who, Opportunity, number, "edit")
    found = documents.lines(number, values(record)["pipeline"])
    line = next((each for each in found if each.asked.id == document), None)
    if line is None:
        raise NotFound(L("This document is not asked for here."))
    return record, line


@admissions.get("/opportunities/<int:number>/documents/<int:document>")
def document_form(number: int, document: int) -> str:
    """Where it stands."""
    who = here()
    record, line = _line(who, number, document)
    state = RECEIVED if line.state == ASKED else line.state
    typed = {"state": state, "file": (line.paper or {}).get("file") or "", "note": (line.paper or {}).get("note") or ""}
    return _form(who, record, line, typed, {})


def _form(who: Actor, record: Record, line: Line, typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    return render_template(
        "admissions/_document_form.html", record=record, line=line, typed=typed, errors=errors, files=_files(who, record),
        states=[(option.key, str(option.label)) for option in STATES],
    )  # fmt: skip


def _files(who: Actor, record: Record) -> list[tuple[int, str]]:
    """The files of the application and of its student, the latest first."""
    where, params = access.reach(who, File).where()
    sql = (
        "SELECT t.id, t.name FROM file t WHERE t.deleted_at IS NULL AND ((t.about_type = 'opportunity' AND t.about = ?)"
        f" OR (t.about_type = 'customer' AND t.about = ?)) AND {where} ORDER BY t.id DESC LIMIT 50"
    )
    return store.rows(sql, [int(record.id), values(record)["customer"] or 0, *params])


@admissions.post("/opportunities/<int:number>/documents/<int:document>")
def put_document(number: int, document: int) -> Response | tuple[str, int]:
    """Keep it, with the file that came along."""
    who = here()
    record, line = _line(who, number, document)
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in ("state", "file", "note")}
    kept: list[files.Kept] = []
    try:
        chosen = _chosen(who, record, typed["file"])
        if (sent := request.files.get("upload")) is not None and sent.filename:
            files.need_create(who)
            kept.append(files.keep(sent.stream, name=sent.filename, limit=int(current_app.config["UPLOAD_LIMIT"])))  # type: ignore[arg-type]
        with files.released_on_failure(kept), changesets.opened(who, "form") as mine:
            for each in kept:
                chosen = int(files.attach(who, record, each).id)
            documents.put(who, record, document=document, state=typed["state"], file=chosen, note=typed["note"] or None)
    except (Invalid, TooLarge) as error:
        errors = error.errors if isinstance(error, Invalid) else {"upload": [str(error)]}
        return _form(who, record, line, typed, errors), 422
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return back(f"/opportunities/{number}")


def _chosen(who: Actor, record: Record, text: str) -> int | None:
    """One of the files offered. Raises Invalid."""
    if not text:
        return None
    if text not in {str(number) for number, _ in _files(who, record)}:
        raise Invalid({"file": [str(L("Choose one of the files offered."))]})
    return int(text)

"""Taking files in: one by one from a dropzone with its progress, or several with a form that needs no script."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from smallcrm.areas.files import rules
from smallcrm.areas.files.pages import files, panel
from smallcrm.areas.files.records import File
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import changesets
from smallcrm.records.record import Record, declared
from smallcrm.web import inputs, toasts
from smallcrm.web.context import actor

MOST_AT_ONCE = 100  # files of one form


def sent() -> list[FileStorage]:
    """The files of the request's form. Raises Invalid for none or too many."""
    found = [each for each in request.files.getlist("file") if each.filename]
    if not found:
        raise Invalid({"file": [str(L("Choose a file first."))]})
    if len(found) > MOST_AT_ONCE:
        raise Invalid({"file": [str(L("At most %(n)s files go at once.", n=MOST_AT_ONCE))]})
    return found


def limit() -> int:
    """The octets a file may have."""
    return int(current_app.config["UPLOAD_LIMIT"])


def named_place(who: Actor) -> Record:
    """The record that the request's form names. Raises Invalid, NotFound."""
    if about := request.values.get("about"):
        return rules.find_place(who, about)
    return rules.find_place(who, {"type": request.values.get("about_type", ""), "id": request.values.get("about_id")})


@files.post("/files")
def upload() -> Response | str:
    """One file, kept: its row for the dropzone's list; to a browser without script the record's page."""
    who = actor()
    place = named_place(who)
    made, undo = _take(who, place, sent())
    if request.headers.get("HX-Request"):
        return panel.rows(who, made)
    _say(made, undo)
    return redirect(f"/{place.card.name}/{place.id}", 303)


def _take(who: Actor, place: Record, found: list[FileStorage], **values: Any) -> tuple[list[File], int]:
    """Keep the files on the record, all of them or none; they and their change-set."""
    rules.need_create(who)
    rules.need_place(who, place)
    kept: list[rules.Kept] = []
    with rules.released_on_failure(kept):
        for each in found:
            kept.append(_kept(each))  # noqa: PERF401  what was kept before a failure must be known
        with changesets.opened(who, "form") as mine:
            made = [rules.attach(who, place, each, **values) for each in kept]
    return made, mine.id


def _kept(each: FileStorage) -> rules.Kept:
    return rules.keep(each.stream, name=each.filename or "", limit=limit())  # type: ignore[arg-type]


def _say(made: list[File], undo: int) -> None:
    text = L("%(name)s is kept.", name=made[0].name)
    many = ngettext("%(n)s file is kept.", "%(n)s files are kept.", len(made))
    toasts.say(str(text) if len(made) == 1 else many, undo=undo)


@files.get("/files/new")
def new() -> str:
    """A form that asks where to and which; in a dialog, with the place known, only a dropzone."""
    who = actor()
    rules.need_create(who)
    if request.headers.get("HX-Target") == "dialog" and request.args.get("about"):
        place = named_place(who)
        rules.need_place(who, place)
        return render_template("files/_add.html", zone=panel.zone(place, "add"), name=panel.called(place))
    return _form(who, request.args.get("about", ""), {})


@files.post("/files/new")
def create() -> Response | tuple[str, int]:
    """Keep what the form sends."""
    who = actor()
    rules.need_create(who)
    try:
        place = named_place(who)
        made, undo = _take(who, place, sent(), note=request.form.get("note") or None)
    except Invalid as error:
        return _form(who, request.form.get("about", ""), error.errors), 422
    _say(made, undo)
    return redirect(f"/files/{made[0].id}" if len(made) == 1 else f"/{place.card.name}/{place.id}", 303)


def _form(who: Actor, about: str, errors: dict[str, list[str]]) -> str:
    fields = {name: declared(File)[name] for name in ("about", "note")}
    typed = {"about": about, "note": request.form.get("note", "")}
    controls = [inputs.of(who, File, name, each, {}, typed=typed, errors=errors) for name, each in fields.items()]
    return render_template(
        "files/new.html", kind=File, controls=controls, errors=errors, wrong=errors.get("file", []), most=limit(),
    )  # fmt: skip

"""What is in a file, shown: pictures, PDF, sound and film by the browser, texts, tables and mails by us, the rest as facts."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.files import rules
from smallcrm.areas.files.content import mail, serving, tables, text
from smallcrm.areas.files.pages import files, panel
from smallcrm.areas.files.records import ICONS, File
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import language
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.record import Record, by_key, title, values
from smallcrm.store import blobs
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment


def draw(actor: Actor, record: Record) -> Markup:
    """The preview on a file's own page."""
    assert isinstance(record, File)
    return fragment("files/_preview.html", **_context(actor, record))


@files.get("/files/<int:number>/preview")
def preview(number: int) -> Response | str:
    """The preview in a dialog; opened as a page, the file's own."""
    who = actor()
    record = access.find(who, File, number)
    assert isinstance(record, File)
    if not request.headers.get("HX-Request"):
        return redirect(f"/files/{number}")
    return render_template(
        "files/_dialog.html",
        name=title(record),
        **_context(who, record),
        about=_about(who, record),
        own_note=panel.note_of(who, record),
    )


@files.get("/files/<int:number>/table")
def table(number: int) -> str:
    """The first rows, fetched by the preview once it is seen: a workbook takes a process of its own."""
    record = rules.find_content(actor(), number)
    if record.media_type not in tables.MEDIA:
        return ""
    try:
        sheets = tables.read(blobs.path(str(record.sha256)), str(record.name), store.folder() / "tmp", language())
    except Invalid as error:
        return render_template("files/_table.html", sheets=[], words=" ".join(_all(error)), most=tables.ROWS)
    return render_template("files/_table.html", sheets=sheets, words="", most=tables.ROWS)


def _all(error: Invalid) -> list[str]:
    return [text for messages in error.errors.values() for text in messages]


def _about(who: Actor, record: File) -> tuple[str, str] | None:
    held = values(record)
    kind = by_key(held["about_type"])
    name = access.reading(who).name_of(kind.card.key, held["about"])
    return (f"/{kind.card.name}/{held['about']}", f"{labels.one(kind)} · {name}") if name else None


def _context(who: Actor, record: File) -> dict[str, Any]:
    context: dict[str, Any] = {
        "file": record,
        "how": "facts",
        "url": f"/files/{record.id}/content",
        "icon_name": ICONS.get(str(record.kind), "file"),
        "open": panel.may_open(who, record),
        "masked": rules.is_masked(who, record),
        "erased": not record.sha256,
    }
    if context["open"] and not blobs.exists(str(record.sha256)):
        return {**context, "how": "lost", "open": False}
    if context["open"]:
        context |= _content(str(record.media_type), str(record.sha256))
    return context


def _content(media_type: str, sha256: str) -> dict[str, Any]:
    """How the content is shown and, for texts and mails, what of it."""
    if media_type in serving.PICTURES:
        return {"how": "picture"}
    if media_type in serving.SOUND:
        return {"how": "audio"}
    if media_type in serving.MOVING:
        return {"how": "video"}
    if media_type == "application/pdf":
        return {"how": "pdf"}
    if media_type in tables.MEDIA:
        return {"how": "table"}
    if media_type == "message/rfc822":
        return {"how": "mail", "mail": mail.read(blobs.path(sha256))}
    if media_type.startswith("text/") or media_type in ("application/json", "application/xml", "image/svg+xml"):
        return {"how": "text", "text": text.read(blobs.path(sha256), language())}
    return {"how": "facts"}

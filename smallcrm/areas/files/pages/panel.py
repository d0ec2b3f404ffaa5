"""The files on a record's page and under an activity's entry: their rows, and the dropzone that takes more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup

from smallcrm import store
from smallcrm.areas.files import rules
from smallcrm.areas.files.content import serving
from smallcrm.areas.files.records import ICONS, File
from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records import rows as held_rows
from smallcrm.records.record import Record, by_key, title
from smallcrm.records.timeline import Item
from smallcrm.web import entries
from smallcrm.web.drawn import filled, numbered
from smallcrm.web.entries import Drawn
from smallcrm.web.templating import fragment

SHOWN = 8
_SMALL_PICTURE = 3 * 2**20  # octets up to which a picture stands for itself in a list


def draw(actor: Actor, record: Record) -> Markup | str:
    """The panel of any record's page; nothing where no file may hang or may be seen."""
    if not rules.takes_files(type(record)) or actor.scope("file", "view") is Scope.NONE:
        return ""
    found, total = _newest(actor, record)
    adding = not record.deleted_at and may_add(actor, record)
    if not found and not adding:
        return ""
    return fragment(
        "files/_panel.html",
        kind=File,
        rows=rows(actor, found),
        total=total,
        all_url=_all_url(record) if total > SHOWN else None,
        zip_url=f"/files/zip?about={record.card.key}/{record.id}" if total > 1 and _may_zip(actor) else None,
        zone=zone(record, "panel") if adding else None,
    )


def may_add(actor: Actor, record: Record) -> bool:
    """Whether the actor may attach to the record."""
    return (
        rules.takes_files(type(record))
        and actor.scope("file", "create") is not Scope.NONE
        and access.may(actor, record, "edit")
    )


def may_open(actor: Actor, record: Record) -> bool:
    """Whether there is a content that the actor may have."""
    return bool(record.__data__.get("sha256")) and not rules.is_masked(actor, record) and not record.deleted_at


def _may_zip(actor: Actor) -> bool:
    return actor.scope("file", "export") is not Scope.NONE


def _newest(actor: Actor, record: Record) -> tuple[list[File], int]:
    ids, total = rules.on_record(actor, record, SHOWN)
    return found_files(actor, ids), total


def found_files(actor: Actor, ids: Iterable[int]) -> list[File]:
    """The files within reach, in the order of ``ids``."""
    return [each for each in access.fetch_many(actor, File, list(ids)) if isinstance(each, File)]


def _all_url(record: Record) -> str:
    if record.card.key == "customer":
        condition: dict[str, Any] = {"field": "customer", "op": "eq", "value": int(record.id)}
    else:
        value = {"type": record.card.key, "id": int(record.id)}
        condition = {"field": "about", "op": "eq", "value": value}
    return f"/files?filter={quote(json.dumps(condition))}"


def zone(place: Record, name: str) -> dict[str, Any]:
    """What the dropzone's macro is told for a record."""
    return {
        "upload": "/files",
        "max_bytes": int(current_app.config["UPLOAD_LIMIT"]),
        "with_fields": {"about_type": place.card.key, "about_id": int(place.id)},
        "id": f"i-file-{name}",
    }


def called(place: Record) -> str:
    """What the record is called."""
    return title(place)


def rows(actor: Actor, found: Sequence[File]) -> Markup:
    """The rows of a list of files, as a dropzone's list holds them."""
    users = access.names(actor, "user", [each.owner for each in found if each.owner])
    return fragment("files/_rows.html", files=[_row(actor, each, users) for each in found])


def _row(actor: Actor, each: File, users: Mapping[int, str]) -> dict[str, Any]:
    facts = [formats.size(int(each.size or 0)), users.get(each.owner or 0, ""), formats.ago(each.created_at)]
    return {
        "id": each.id,
        "name": each.name,
        "say": " · ".join(part for part in facts if part),
        "icon": ICONS.get(str(each.kind), "file"),
        "picture": picture_url(actor, each),
        "open": may_open(actor, each),
    }


def picture_url(actor: Actor, each: File) -> str | None:
    """Where a picture small enough to stand for itself is."""
    fits = each.media_type in serving.PICTURES and int(each.size or 0) <= _SMALL_PICTURE
    return f"/files/{each.id}/content?inline=1" if fits and may_open(actor, each) else None


# ---------------------------------------------------------------- in the timeline


@entries.draws("file")
def _draw_entries(actor: Actor, _record: Record, items: Sequence[Item]) -> Mapping[int, Drawn]:
    found = found_files(actor, [item.id for item in items])
    users = access.names(actor, "user", [each.owner for each in found if each.owner])
    return {int(each.id): _entry(actor, each, users) for each in found}


def note_of(actor: Actor, each: File) -> str:
    """The file's note as this actor may see it."""
    return str(each.note or "") if "note" in access.readable(actor, File) else ""


def _entry(actor: Actor, each: File, users: Mapping[int, str]) -> Drawn:
    what = filled(
        '{} <a class="lnk" href="/files/{}/preview" data-dialog>{}</a> <span class="mut">{}</span>',
        str(L("File")),
        each.id,
        each.name,
        formats.size(int(each.size or 0)),
    )
    when = f"{users.get(each.owner or 0, '')} {formats.time(each.created_at)}".strip()
    return Drawn(ICONS.get(str(each.kind), "file"), what, note_of(actor, each), when, id=f"file-{each.id}")


@entries.beside("activity")
def _under_activities(actor: Actor, ids: Sequence[int]) -> Mapping[int, Markup]:
    """The files of each activity, and a button that attaches one where the actor may."""
    kind = by_key("activity")
    where, params = access.reach(actor, File).where()
    sql = (
        "SELECT t.id, t.about FROM file t WHERE t.about_type = 'activity' AND t.deleted_at IS NULL"
        f" AND t.about IN (SELECT value FROM json_each(?)) AND {where} ORDER BY t.id"
    )
    by_activity: dict[int, list[int]] = {}
    for number, about in store.rows(sql, [store.json_list(ids), *params]):
        by_activity.setdefault(about, []).append(number)
    held = held_rows.load(File, [number for found in by_activity.values() for number in found])
    creates = actor.scope("file", "create") is not Scope.NONE
    writable = access.within(actor, kind, ids, "edit") if creates else set()

    def beside(each: int) -> Markup:
        files = [(i, held[i]["name"], ICONS.get(held[i]["kind"], "file")) for i in by_activity.get(each, ())]
        if not files:
            return numbered("file beside", each, lambda mark: fragment("files/_beside.html", files=[], add=_new(mark)))
        return fragment("files/_beside.html", files=files, add=_new(each) if each in writable else None)

    return {each: beside(each) for each in ids if each in writable or each in by_activity}


def _new(activity: int | str) -> str:
    return f"/files/new?about=activity/{activity}"

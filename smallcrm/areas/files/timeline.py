"""Files in the timeline: an entry each, except an activity's, which stand under the activity until one asks for files only."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm.areas.files.records import File
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, timeline
from smallcrm.records.record import Record
from smallcrm.records.timeline import Chip, Part

timeline.chip(Chip("files", L("Files"), ("file",), icon="paperclip", aside=("file_below",)))


@timeline.source
def _files(actor: Actor, record: Record) -> Sequence[Part]:
    """The files on a record; with a customer those on everything of it."""
    where, params = access.reach(actor, File).where()
    key, number = record.card.key, int(record.id)
    holds = "t.customer = ?" if key == "customer" else "t.about = ? AND t.about_type = ?"
    mine: tuple[int | str, ...] = (number,) if key == "customer" else (number, key)
    below = "CASE t.about_type WHEN 'activity' THEN 'file_below' ELSE 'file' END" if key == "customer" else "'file'"
    sql = (
        f"SELECT t.created_at AS at, {below} AS kind,"
        f" 'file' AS source, t.id AS id FROM file t WHERE {holds} AND t.deleted_at IS NULL AND {where}"
    )
    return [Part(sql, (*mine, *params), "t.created_at")]

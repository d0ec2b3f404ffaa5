"""A file: a name and a place for a blob. What it holds is told from its content, never from what was sent along."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Attached, Card, register
from smallcrm.store import blobs

KINDS = (
    Option("picture", L("Picture")), Option("pdf", L("PDF")), Option("document", L("Document")),
    Option("table", L("Table")), Option("slides", L("Slides")), Option("text", L("Text")), Option("mail", L("E-mail")),
    Option("audio", L("Audio")), Option("video", L("Video")), Option("archive", L("Archive")), Option("other", L("Other")),
)  # fmt: skip
ICONS = {
    "picture": "photo", "pdf": "file-type-pdf", "document": "file-text", "table": "file-spreadsheet",
    "slides": "chart-bar", "text": "file-text", "mail": "mail", "audio": "player-play", "video": "player-play",
    "archive": "archive", "other": "file",
}  # fmt: skip
MOST_NAME = 200  # characters


@register
class File(Attached):
    """One file on one record. Files of the same content share a blob."""

    card = Card(
        key="file", name="files", number=30, one=L("File"), many=L("Files"), icon="paperclip", reach="through",
        through="customer", order="-created_at", importable=False,
        columns=("name", "about", "customer", "size", "kind", "owner", "created_at"),
        about=L("Drop files on the page of a customer, a contact or a follow-up: here they are all together."),
    )  # fmt: skip

    name = fields.Text(L("Name"), most=MOST_NAME, required=True, sort=True, search="title", column=True)
    about = fields.AnyLink(L("Attached to"), required=True, cascade=True, picked=True, column=True)
    customer = fields.Link(L("Customer"), "customer", cascade=True, derived=True, filter=True, column=True)
    size = fields.Size(L("Size"), read_only=True, sort=True, column=True)
    kind = fields.Choice(L("Kind"), KINDS, read_only=True, filter=True, column=True)
    note = fields.LongText(L("Note"), most=4000, search="text")
    media_type = fields.Text(L("Media type"), read_only=True, section="system")
    sha256 = fields.Text(L("SHA-256"), read_only=True, section="system", export=False)

    ddl = ("CREATE INDEX file_sha256 ON file (sha256)",)  # the bin included, unlike the indexes that follow flags

    class Meta:
        table_name = "file"


def in_use(names: Sequence[str]) -> set[str]:
    """Which of the blobs some file is made of, in the bin or not: those are never laid aside."""
    sql = "SELECT DISTINCT sha256 FROM file WHERE sha256 IN (SELECT value FROM json_each(?))"
    return {row[0] for row in store.rows(sql, [store.json_list(names)])}


blobs.uses.append(in_use)

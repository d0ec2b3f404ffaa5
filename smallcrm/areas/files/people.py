"""One person's files, for whoever sees to privacy: packed into what the person is given, gone with an erasure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from smallcrm import store
from smallcrm.areas.files.records import File as FileRecord
from smallcrm.areas.files.rules import erase_about, of_records
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import changesets, personal, redacting
from smallcrm.records.custom import fields_of
from smallcrm.records.personal import File, Item, Provider, Subject
from smallcrm.store import blobs


def _about(subject: Subject) -> list[tuple[str, int]]:
    return [(subject.kind.card.key, number) for number in subject.ids]


def _files(_actor: Actor, subject: Subject) -> Iterable[File]:
    for each in of_records(_about(subject)):
        if each.sha256 and blobs.exists(each.sha256):
            yield File(each.name, partial(blobs.open, each.sha256))


def _items(subject: Subject) -> Iterable[Item]:
    if n := len(of_records(_about(subject))):
        yield Item("erased", L("Files attached to the person"), n)


def _erase(subject: Subject) -> None:
    mine = changesets.current()
    gone = erase_about(mine.actor if mine else SYSTEM, _about(subject))
    columns = {column for field in fields_of(FileRecord).values() if not field.derived for column in field.columns}
    columns -= {"about", "about_type", "owner"}
    with store.writing():
        redacting.history(FileRecord, [each.id for each in gone], drop=columns)


personal.add(Provider("files", files=_files, items=_items, erase=_erase, takes=("file",)))

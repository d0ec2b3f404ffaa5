"""Where a file may hang: on records with pages that belong to people, for whoever may edit them."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.files.content import names
from smallcrm.areas.files.records import File
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change
from smallcrm.records.drafts import CREATE, RESTORE, UPDATE, Draft
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.record import Attached, Record, RecordType, by_key, declared


def takes_files(kind: RecordType) -> bool:
    """Whether files may hang on records of the type: not on what everybody sees (users, teams, pools), nor on files."""
    return kind.card.pages and kind.card.reach != "open" and not issubclass(kind, Attached)


def find_place(actor: Actor, about: Any) -> Record:
    """The record that ``about`` names (``{"type", "id"}`` or ``"customer/5"``), within what the actor may see.

    Raises Invalid for what is no such name or takes no files, NotFound.
    """
    try:
        key, number = declared(File)["about"].clean(about, Cleaning(actor=actor))
    except FieldError as error:
        raise Invalid({"about": [str(error)]}) from None
    kind = by_key(key)
    if not takes_files(kind):
        raise Invalid({"about": [str(L("Files cannot be attached to this."))]})
    return access.find(actor, kind, number)


def need_place(actor: Actor, place: Record) -> None:
    """Raise Forbidden unless the actor may attach to the record: what hangs on it is a part of it, so it takes "edit"."""
    access.need(actor, place, "edit")


@change.before("file")
def _check(drafts: list[Draft]) -> None:
    for draft in drafts:
        if draft.act not in (CREATE, UPDATE, RESTORE):
            continue
        if draft.before is None and not draft.after.get("sha256"):
            raise change.Wrong(draft, {"file": [str(L("Send the file itself."))]})
        if draft.touches("name") and draft.after.get("name"):
            draft.after.update(declared(File)["name"].fill(names.renamed(draft.after["name"]), Cleaning()))
        if draft.touches("about", "about_type") and draft.after.get("about"):
            _check_place(draft)


def _check_place(draft: Draft) -> None:
    kind = by_key(draft.after["about_type"])
    if not takes_files(kind):
        raise change.Wrong(draft, {"about": [str(L("Files cannot be attached to this."))]})
    number = draft.after["about"]
    if not draft.trusted and number not in access.within(draft.actor, kind, [number], "edit"):
        raise change.Wrong(draft, {"about": [str(L("You may not attach files there."))]})

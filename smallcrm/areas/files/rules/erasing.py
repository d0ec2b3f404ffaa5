"""One person's files: listed for whoever asks for their data, and erased for good. For the area that sees to privacy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.files.records import File
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import change, changesets, rows
from smallcrm.records.drafts import DELETE, UPDATE, Draft
from smallcrm.records.fields import Cleaning
from smallcrm.records.record import declared
from smallcrm.store import blobs


@dataclass(frozen=True)
class Attached:
    """A file of a person's, in the bin or not: what an export packs and an erasure lists."""

    id: int
    name: str
    size: int
    media_type: str
    created_at: str
    sha256: str | None


def of_records(about: Iterable[tuple[str, int]]) -> list[Attached]:
    """The files that hang on records, given as (type's key, id), and with a customer those on everything of it."""
    found = rows.load(File, _ids(about))
    return [
        Attached(i, v["name"], v["size"] or 0, v["media_type"] or "", v["created_at"], v["sha256"])
        for i, v in sorted(found.items())
        if v["sha256"]
    ]


def _ids(about: Iterable[tuple[str, int]]) -> list[int]:
    by_key: dict[str, list[int]] = {}
    for key, number in about:
        by_key.setdefault(key, []).append(number)
    found: set[int] = set()
    for key, ids in by_key.items():
        sql = "SELECT id FROM file WHERE about_type = ? AND about IN (SELECT value FROM json_each(?))"
        found |= {row[0] for row in store.rows(sql, [key, store.json_list(ids)])}
        if key == "customer":
            sql = "SELECT id FROM file WHERE customer IN (SELECT value FROM json_each(?))"
            found |= {row[0] for row in store.rows(sql, [store.json_list(ids)])}
    return sorted(found)


def erase_about(actor: Actor, about: Iterable[tuple[str, int]]) -> list[Attached]:
    """Take name, note and content of these records' files away for good; what was erased.

    The empty records stay in the bin, so that the history's numbers still lead somewhere. A content that another file
    has too stays for that one. Inside the erasure's change-set; whoever erases also redacts the history of these ids.
    """
    erased = of_records(about)
    if not erased:
        return []
    with changesets.opened(actor, "erase"):
        held = rows.load(File, [each.id for each in erased])
        change.commit([_emptied(actor, values) for values in held.values()])
        gone = {each.sha256 for each in erased if each.sha256}
        for name in gone - blobs.used(gone):
            blobs.erase(name)
    return erased


def _emptied(actor: Actor, values: dict[str, Any]) -> Draft:
    name = str(L("Erased file %(id)s", id=values["id"]))
    nothing = dict.fromkeys((n for n in values if n.startswith("c") and n[1:].isdigit()), None)
    after: dict[str, Any] = {
        **values,
        **nothing,
        "note": None,
        "sha256": None,
        "size": 0,
        "media_type": None,
        "kind": "other",
    }
    after |= declared(File)["name"].fill(name, Cleaning())
    after["deleted_at"] = values["deleted_at"] or clock.stamp()
    return Draft(File, UPDATE if values["deleted_at"] else DELETE, actor, values, after, trusted=True)

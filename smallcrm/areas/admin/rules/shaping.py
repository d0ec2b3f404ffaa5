"""Custom fields as an administrator shapes them: what must not be lost stays, and what follows from a change is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm import store
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import custom, indexes, search
from smallcrm.records.record import RecordType

_CHUNK = 500  # records whose search words are written in one transaction


def definition(kind: RecordType, key: str) -> dict[str, Any]:
    """A custom field as plain data. Raises NotFound."""
    for each in custom.definitions(kind):
        if each["key"] == key:
            return each
    raise NotFound(L("There is no such field."))


def make(actor: Actor, kind: RecordType, given: Mapping[str, Any]) -> str:
    """A new field at the end; its key. Raises Invalid."""
    key = custom.define(
        actor, kind, field_kind=str(given["kind"]), labels=given["labels"], options=given["options"],
        flags=given["flags"], help=str(given["help"]), section=str(given["section"]),
    )  # fmt: skip
    indexes.ensure()
    return key


def change(actor: Actor, kind: RecordType, key: str, given: Mapping[str, Any]) -> int | None:
    """Change a field; the id of the work that writes search words anew, where that is needed. Raises Invalid."""
    before = definition(kind, key)
    if before["kind"] in ("choice", "choices"):
        _refuse_losing(kind, key, before, given["options"])
    custom.redefine(
        actor, kind, key, labels=given["labels"], options=given["options"], flags=given["flags"],
        help=str(given["help"]), section=str(given["section"]),
    )  # fmt: skip
    indexes.ensure()
    searched = {"search", "masked", "personal"}
    if (searched & set(before["flags"])) != (searched & set(given["flags"])) and custom.filled(kind, key):
        return rewrite_search(actor, kind)
    return None


def _refuse_losing(kind: RecordType, key: str, before: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    kept = {str(each.get("key")) for each in options.get("options", ()) if isinstance(each, dict)}
    in_use = custom.options_in_use(kind, key)
    for each in before["options"].get("options", ()):
        n = in_use.get(each["key"], 0)
        if each["key"] not in kept and n:
            name = next(iter(each["labels"].values()))
            used = ngettext("%(n)s record holds it", "%(n)s records hold it", n)
            words = L(
                "“%(name)s” cannot be taken away: %(used)s. Give those another choice first.", name=name, used=used
            )
            raise Invalid({"options": [str(words)]})


def switch(actor: Actor, kind: RecordType, key: str, *, active: bool) -> int | None:
    """Switch a field off (its values are kept) or on again; the id of the work that writes search words anew."""
    before = definition(kind, key)
    custom.redefine(actor, kind, key, active=active)
    indexes.ensure()
    return rewrite_search(actor, kind) if "search" in before["flags"] and custom.filled(kind, key) else None


def move(actor: Actor, kind: RecordType, key: str, step: int) -> None:
    """One place up (-1) or down (1) among the type's custom fields."""
    ordered = [each["key"] for each in custom.definitions(kind)]
    place = ordered.index(definition(kind, key)["key"])
    other = place + step
    if not 0 <= other < len(ordered):
        return
    ordered[place], ordered[other] = ordered[other], ordered[place]
    with store.writing():
        for position, each in enumerate(ordered, 1):
            if definition(kind, each)["position"] != position:
                custom.redefine(actor, kind, each, position=position)


def rewrite_search(actor: Actor, kind: RecordType) -> int:
    """Write the search words of every record of a type anew, in the background; the work's id."""
    table = kind._meta.table_name

    def run(progress: Progress) -> dict[str, Any]:
        ids = [key for (key,) in store.rows(f'SELECT id FROM "{table}" WHERE deleted_at IS NULL ORDER BY id')]
        for start in range(0, len(ids), _CHUNK):
            progress.check()
            with store.writing():
                search.rewrite(kind, ids[start : start + _CHUNK])
            progress.step(min(len(ids), start + _CHUNK), len(ids))
        return {}

    return work.start("search words", L("Making the field searchable"), actor.id, run)

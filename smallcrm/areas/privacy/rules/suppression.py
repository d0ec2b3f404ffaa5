"""So that an erased person does not come back unsaid: hashes of what they were reached by, asked by every import and form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.i18n import L, Label
from smallcrm.identity import key
from smallcrm.records import duplicates, personal, rows, warnings
from smallcrm.records.importing import extras
from smallcrm.records.personal import Subject
from smallcrm.records.record import by_key

KINDS = ("email", "phone", "wechat", "tax")  # a name alone says too little

Key = tuple[str, str]


def hashes_of(subject: Subject) -> list[str]:
    """The hashes of everything the person is reached by."""
    found: set[Key] = set()
    for held in rows.load(subject.kind, subject.ids).values():
        found |= duplicates.keys_of(subject.kind, held)
    return sorted(_hash(key) for key in found if key[0] in KINDS)


def _hash(found: Key) -> str:
    return ids.sign(key.secret(), "suppressed", f"{found[0]}:{found[1]}")


def suppress(hashes: Iterable[str]) -> None:
    """Remember them. Inside ``writing``."""
    store.run_many(
        "INSERT OR IGNORE INTO privacy_suppressed (hash, at) VALUES (?, ?)", [(each, clock.stamp()) for each in hashes]
    )


def suppressed(keys: Sequence[Key]) -> set[Key]:
    """Those of the keys (kind, key as in ``duplicates``) that belonged to erased people."""
    if not keys or not store.row("SELECT 1 FROM privacy_suppressed LIMIT 1"):
        return set()
    by_hash = {_hash(key): key for key in keys if key[0] in KINDS}
    sql = "SELECT hash FROM privacy_suppressed WHERE hash IN (SELECT value FROM json_each(?))"
    return {by_hash[each] for (each,) in store.rows(sql, [store.json_list(by_hash)])}


personal.set_suppressed(suppressed)
extras.suppression(lambda _kind, keys: suppressed(sorted(keys)))


@warnings.on("customer")
@warnings.on("contact")
def warn(values: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """Somebody types in an erased person again."""
    kind = by_key("contact" if "is_main" in values else "customer")
    held = suppressed(sorted(duplicates.keys_of(kind, values)))
    for kind_of_key in sorted({each for each, _ in held}):
        names = [n for n, f in _fields(kind).items() if f.match == kind_of_key and values.get(f.columns[0])]
        yield (
            names[0] if names else "",
            L("Somebody reached by this was erased on request. Is there a new reason to keep it?"),
        )


def _fields(kind: Any) -> Any:
    from smallcrm.records.custom import fields_of

    return fields_of(kind)

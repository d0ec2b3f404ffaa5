"""A backup from before an erasure is brought back: erase again, before it takes its place."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.privacy.rules import erasing, person, suppression, traces
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, changesets, personal, rows, search
from smallcrm.records.record import find_type
from smallcrm.store import snapshot
from smallcrm.store.erasures import Erasure


def replay(entries: Sequence[Erasure]) -> None:
    """Erase everybody on the list from the database that is open. Inside ``writing``."""
    cache.forget()
    cache.current()
    suppression.suppress(each.key for each in entries if each.kind == "suppressed")
    done = 0
    for entry in entries:
        if entry.kind == "person":
            done += _again(entry.key)
    if done:
        search.forget_deleted()
        store.forget_samples()


def _again(key: str) -> int:
    type_key, _, rest = key.partition(":")
    number, _, created_at = rest.partition("@")
    kind = find_type(type_key)
    if kind is None or not number.isdecimal() or type_key not in personal.subject_types():
        return 0
    held = rows.load(kind, [int(number)]).get(int(number))
    # the same id of another company's database is somebody else
    if held is None or held["created_at"] != created_at:
        return 0
    subject = person.of(kind, int(number))
    found = traces.look(subject)
    with changesets.opened(SYSTEM, "erase"):
        erasing.take_out(SYSTEM, subject, found)
    return 1


def register() -> None:
    """Hook into every restore."""
    if replay not in snapshot.replay_erasures:
        snapshot.replay_erasures.append(replay)


register()

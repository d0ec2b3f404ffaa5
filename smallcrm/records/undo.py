"""Taking a change-set back, record by record, leaving alone what somebody edited since.

A field goes back only if it still holds what the change put there; a created record goes into the bin only if nobody has
touched it since: what smallcrm did to it by itself, or what was undone, is no touch. An undo is a change-set of its own and can
itself be undone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, change, changesets, rows
from smallcrm.records.changesets import Entry, SetInfo
from smallcrm.records.drafts import CREATE, DELETE, RESTORE, UPDATE, Draft
from smallcrm.records.record import RecordType, by_key
from smallcrm.store import writing


@dataclass(frozen=True)
class Kept:
    """What the undo left alone, and why."""

    record_type: str
    record: int
    title: str
    fields: tuple[str, ...]
    why: str


@dataclass
class Undone:
    """What came of an undo."""

    set: int
    undone: int = 0
    kept: list[Kept] = field(default_factory=list)


Step = Callable[[int, int], None]


def may_undo(actor: Actor, info: SetInfo) -> bool:
    """Whoever did it may undo it for 30 days; so may whoever sees the audit log."""
    if actor.read_only or info.undone_by or info.why in ("erase", "demo") or not info.count or info.state == "running":
        return False
    young = clock.moment(info.at) > clock.now() - dt.timedelta(days=changesets.UNDO_DAYS)
    return young and (info.actor == actor.id or actor.may("audit"))


def undo(actor: Actor, set_id: int, *, step: Step = lambda _done, _total: None) -> Undone:
    """Take the set back. Raises NotFound, Forbidden, WrongState when it was undone already or is too old."""
    info = changesets.info(set_id)
    if info is None or not (info.actor == actor.id or actor.may("audit")):
        raise NotFound(L("There is no such change."))
    if info.undone_by:
        raise WrongState(L("This was undone already."))
    if info.state == "running":
        raise WrongState(L("This is still under way. It can be undone once it has ended."))
    if not may_undo(actor, info):
        if actor.read_only or info.why in ("erase", "demo"):
            raise Forbidden(L("This cannot be undone."))
        raise WrongState(L("Undo is offered for %(days)s days.", days=changesets.UNDO_DAYS))
    result = Undone(0)
    done = 0
    with changesets.opened(actor, "undo", note=info.note, undoes=set_id, lasting=True) as mine:
        for chunk in changesets.entries(set_id, newest_first=True):
            with writing():
                _undo_chunk(actor, chunk, result, ours=(set_id, mine.id or 0))
            done += len(chunk)
            step(done, info.count)
        result.set = mine.id
    audit.log(actor, "undo", detail={"set": set_id, "undone": result.undone, "kept": len(result.kept)})
    return result


def _undo_chunk(actor: Actor, chunk: list[Entry], result: Undone, *, ours: tuple[int, int]) -> None:
    by_type: dict[str, list[Entry]] = {}
    for entry in chunk:
        by_type.setdefault(entry.record_type, []).append(entry)
    # what was made last is taken back first; within a chunk later changes of one record come first
    drafts: dict[tuple[str, int], Draft] = {}
    for key, entries in by_type.items():
        kind = by_key(key)
        now = rows.load(kind, {entry.record for entry in entries})
        visible = access.within(actor, kind, now, "view", bin=True)
        for entry in entries:
            values = now.get(entry.record)
            if values is None or entry.record not in visible:
                continue
            held = drafts.get((key, entry.record))
            standing = held.after if held else values
            after, act, kept = _reverted(entry, standing, ours)
            if kept:
                result.kept.append(_told(kind, entry, standing, kept))
            if after is None:
                continue
            if held:
                held.after, held.act = after, act
            else:
                drafts[key, entry.record] = Draft(kind, act, actor, values, after, trusted=True)
    _commit(list(drafts.values()), result)


def _commit(drafts: list[Draft], result: Undone) -> None:
    # what comes back from the bin stands first: links to it are checked
    returning = [draft for draft in drafts if draft.live_after and not draft.live_before]
    for group in (returning, [draft for draft in drafts if not (draft.live_after and not draft.live_before)]):
        _write(group, result)


def _write(drafts: list[Draft], result: Undone) -> None:
    numbered = dict(enumerate(d for d in drafts if d.changed - changesets.SYSTEM_KEYS))
    outcome = change.write_many(numbered, change.Outcome())
    result.undone += len(outcome.written)
    for position, errors in outcome.errors.items():
        draft = numbered[position]
        why = "; ".join(message for found in errors.values() for message in found)
        title = str(draft.after.get(draft.kind.card.title) or f"#{draft.id}")
        result.kept.append(Kept(draft.kind.card.key, draft.id, title, tuple(errors), why))


def _reverted(
    entry: Entry, now: dict[str, Any], ours: tuple[int, int]
) -> tuple[dict[str, Any] | None, str, tuple[str, ...]]:
    """(what is to stand, the act, fields left alone); None where nothing is taken back."""
    if entry.act == CREATE:
        if now["deleted_at"]:
            return None, DELETE, ()
        if now["version"] != entry.version and _touched_by_others(entry, ours):
            return None, DELETE, ("",)
        return {**now, "deleted_at": clock.stamp()}, DELETE, ()
    after = dict(now)
    kept = []
    for name, put in entry.after.items():
        if now.get(name) == put:
            after[name] = entry.before.get(name)
        elif now.get(name) != entry.before.get(name):
            kept.append(name)
    act = {DELETE: RESTORE, RESTORE: DELETE}.get(entry.act, UPDATE)
    return after, act, tuple(name for name in kept if not name.endswith(("_key", "_base")))


def _touched_by_others(entry: Entry, ours: tuple[int, int]) -> bool:
    """Whether somebody changed what the set made. The set itself and its undo do not count (an import may write a row it made
    once more), nor what smallcrm did by itself, nor what was undone since."""
    sql = (
        "SELECT 1 FROM change c JOIN change_set s ON s.id = c.set_id WHERE c.record_type = ? AND c.record = ? AND c.version > ?"
        f" AND s.id NOT IN (?, ?) AND s.why NOT IN ({', '.join('?' * len(changesets.BY_ITSELF))}, 'undo')"
        " AND NOT EXISTS (SELECT 1 FROM change_set u WHERE u.id = s.undone_by AND u.undone_by IS NULL) LIMIT 1"
    )
    return store.row(sql, [entry.record_type, entry.record, entry.version, *ours, *changesets.BY_ITSELF]) is not None


def _told(kind: RecordType, entry: Entry, values: dict[str, Any], fields: tuple[str, ...]) -> Kept:
    title = str(values.get(kind.card.title) or f"#{entry.record}")
    return Kept(entry.record_type, entry.record, title, tuple(f for f in fields if f), str(L("It was edited since.")))

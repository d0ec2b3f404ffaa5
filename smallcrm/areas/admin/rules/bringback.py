"""Bringing one record or one day back out of a backup: compared with now, chosen, written, undoable."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm.areas.admin.rules import looking
from smallcrm.areas.admin.rules.looking import Look
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, labels, reinstate, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field, Reading
from smallcrm.records.record import RecordType, by_key, links_to
from smallcrm.records.reinstate import Reinstated, Wanted
from smallcrm.store.snapshot import Inside

# Areas that keep more of a record than its row (a file's content) bring that back first.
before: list[Callable[[Inside, RecordType, dict[str, Any]], None]] = []

_NOT_COMPARED = frozenset({"updated_at", "team", "deleted_at"})


@dataclass(frozen=True)
class Side:
    """One field, then and now, in words."""

    name: str
    label: str
    then: str
    now: str
    differs: bool


@dataclass(frozen=True)
class Compared:
    """A record then and now. ``state``: same, different, binned, gone, or erased (which stays so)."""

    kind: RecordType
    then: dict[str, Any]
    now: dict[str, Any] | None
    state: str
    sides: tuple[Side, ...]

    @property
    def id(self) -> int:
        """Its number back then."""
        return int(self.then["id"])

    @property
    def title(self) -> str:
        """What it was called."""
        return str(self.then.get(self.kind.card.title) or f"#{self.id}")

    @property
    def differing(self) -> list[Side]:
        """The fields that are not as they were."""
        return [side for side in self.sides if side.differs]


STATES: dict[str, Label] = {
    "same": L("as it was"),
    "different": L("changed since"),
    "binned": L("in the bin"),
    "gone": L("not there any more"),
    "erased": L("erased on request"),
}


def compare(actor: Actor, look: Look, kind: RecordType, record: int) -> Compared:
    """A record of the backup beside what it is now. Raises NotFound, Forbidden."""
    need(actor, kind)
    then = look.load(kind, [record]).get(record)
    if then is None or then["deleted_at"]:
        raise NotFound(L("There is no such record in this backup."))
    return _compared(actor, look, kind, then, looking.erased(look))


def several(actor: Actor, look: Look, marks: Iterable[tuple[str, int]]) -> Iterator[Compared]:
    """Those of the records that lived then and are not now as they were."""
    erased, allowed = looking.erased(look), {kind.card.key for kind in looking.kinds(actor)}
    for chunk in _chunks([mark for mark in marks if mark[0] in allowed], 200):
        for key in dict.fromkeys(key for key, _ in chunk):
            kind = by_key(key)
            for then in look.load(kind, [record for found, record in chunk if found == key]).values():
                if not then["deleted_at"]:
                    one = _compared(actor, look, kind, then, erased)
                    if one.state not in ("same", "erased"):
                        yield one


def _chunks(marks: Sequence[tuple[str, int]], size: int) -> Iterator[Sequence[tuple[str, int]]]:
    for start in range(0, len(marks), size):
        yield marks[start : start + size]


def need(actor: Actor, kind: RecordType) -> None:
    """Raise Forbidden unless the actor may look records of the type up in a backup, and bring them back."""
    if not actor.may("backup") or kind not in looking.kinds(actor):
        raise Forbidden(L("To bring records back out of a backup one must see and change all of their kind."))


def _compared(
    actor: Actor, look: Look, kind: RecordType, then: dict[str, Any], erased: frozenset[tuple[str, str]]
) -> Compared:
    now_id = looking.resolve(look, kind.card.key, int(then["id"]))
    now = rows.load(kind, [now_id]).get(now_id) if now_id is not None else None
    sides = tuple(_sides(actor, look, kind, then, now))
    if (kind.card.key, str(then["id"])) in erased:
        return Compared(kind, then, now, "erased", ())
    if now is None:
        state = "gone"
    elif now["deleted_at"]:
        state = "binned"
    else:
        state = "different" if any(side.differs for side in sides) else "same"
    return Compared(kind, then, now, state, sides)


def _sides(
    actor: Actor, look: Look, kind: RecordType, then: dict[str, Any], now: dict[str, Any] | None
) -> Iterable[Side]:
    current, past = access.reading(actor), Reading(actor, _names(actor, look))
    for name, each in access.readable(actor, kind).items():
        if name in _NOT_COMPARED or each.derived or not _is_stored(look, kind, each):
            continue
        column = each.columns[0]
        was, stands = then.get(column), now.get(column) if now else None
        if each.blank(was) and each.blank(stands):
            continue
        differs = now is not None and any(then.get(c) != now.get(c) for c in each.columns)
        shown = each.show(was, then, past) if not each.blank(was) else ""
        shown_now = each.show(stands, now, current) if now and not each.blank(stands) else ""
        yield Side(name, labels.field(kind, name), shown, shown_now, differs and not each.read_only)


def _is_stored(look: Look, kind: RecordType, each: Field) -> bool:
    """Whether the backup knows the field: one that came later was not empty then, it was not there."""
    return each.custom or each.columns[0] in look.columns(kind)


def _names(actor: Actor, look: Look) -> Callable[[str, int], str | None]:
    """What linked records were called then."""
    allowed = {kind.card.key for kind in looking.kinds(actor)} | {"user", "team", "pool"}

    def name_of(key: str, record: int) -> str | None:
        kind = by_key(key)
        if key not in allowed or not look.columns(kind):
            return None
        found = look.rows(f'SELECT "{kind.card.title}" FROM "{kind._meta.table_name}" WHERE id = ?', (record,))
        return str(found[0][0]) if found else None

    return name_of


# ---------------------------------------------------------------- bringing back


def bring_back(
    actor: Actor, look: Look, marks: Sequence[tuple[str, int]], *, fields: Sequence[str] | None = None
) -> Reinstated:
    """Bring records back as they were then; ``fields`` only those, of a record that stands. Undoable.

    What belonged to a record that is gone or lies in the bin comes with it. Raises Forbidden, NotFound.
    """
    erased = looking.erased(look)
    wanted: dict[tuple[str, int], Wanted] = {}
    for key, record in marks:
        kind = by_key(key)
        need(actor, kind)
        then = look.load(kind, [record]).get(record)
        if then is None or then["deleted_at"] or (key, str(record)) in erased:
            continue
        wanted[key, record] = Wanted(kind, then, _allowed(actor, look, kind, fields))
        if fields is None:
            wanted |= _belonging(actor, look, kind, then, erased)
    if not wanted:
        raise NotFound(L("There is nothing to bring back."))
    for one in wanted.values():
        for hook in before:
            hook(look.inside, one.kind, dict(one.values))
    done = reinstate.put_back(
        actor, list(wanted.values()), lambda key, record: looking.resolve(look, key, record), note=look.name
    )
    audit.log(actor, "brought back", detail={"backup": look.name, "records": len(done.ids), "set": done.set})
    return done


def _allowed(actor: Actor, look: Look, kind: RecordType, fields: Sequence[str] | None) -> tuple[str, ...]:
    """The fields to bring back: those asked for, or all; never one that the backup does not know or the actor hides."""
    known = access.readable(actor, kind)
    return tuple(
        name
        for name, each in fields_of(kind).items()
        if name in known and _is_stored(look, kind, each) and (fields is None or name in fields)
    )


def _belonging(
    actor: Actor, look: Look, kind: RecordType, then: dict[str, Any], erased: frozenset[tuple[str, str]]
) -> dict[tuple[str, int], Wanted]:
    """What went into the bin, or was lost, together with a record that is not there now."""
    now_id = looking.resolve(look, kind.card.key, int(then["id"]))
    now = rows.load(kind, [now_id]).get(now_id) if now_id is not None else None
    if now is not None and not now["deleted_at"]:
        return {}
    found: dict[tuple[str, int], Wanted] = {}
    for child, link in links_to(kind.card.key):
        if not getattr(link, "cascade", False) or child not in looking.kinds(actor) or not look.columns(child):
            continue
        table, column = child._meta.table_name, link.column_name
        ids = [
            int(key)
            for (key,) in look.rows(
                f'SELECT id FROM "{table}" WHERE "{column}" = ? AND deleted_at IS NULL', (then["id"],)
            )
        ]
        for record, held in look.load(child, ids).items():
            if (child.card.key, str(record)) in erased or _stands(look, child, record):
                continue
            found[child.card.key, record] = Wanted(child, held, _allowed(actor, look, child, None))
    return found


def _stands(look: Look, kind: RecordType, record: int) -> bool:
    now_id = looking.resolve(look, kind.card.key, record)
    now = rows.load(kind, [now_id]).get(now_id) if now_id is not None else None
    return now is not None and not now["deleted_at"]


def of_day(actor: Actor, look: Look, day: dt.date, most: int) -> tuple[list[Compared], bool]:
    """What was changed on a day and is not now as the backup has it, at most so many; whether there is more."""
    found = list(itertools.islice(several(actor, look, looking.changed_on(look, day)), most + 1))
    return found[:most], len(found) > most


def missing_of_day(actor: Actor, look: Look, day: dt.date) -> list[tuple[str, int]]:
    """Every record changed on a day that is gone or in the bin now."""
    found = several(actor, look, looking.changed_on(look, day))
    return [(one.kind.card.key, one.id) for one in found if one.state in ("gone", "binned")]

"""Two records that are one: field by field, everything attached moves, the other becomes a pointer. Undoable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import DELETE, UPDATE, Draft
from smallcrm.records.fields import AnyLink, Field, Link, LongText
from smallcrm.records.record import Record, RecordType, all_types, values


@dataclass(frozen=True)
class Side:
    """One field of a merge: both values, which one is proposed, and whether they are joined."""

    field: Field
    survivor: Any
    loser: Any
    proposed: str  # survivor | loser | both

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.survivor != self.loser)


def sides(actor: Actor, survivor: Record, loser: Record) -> list[Side]:
    """The fields side by side with a proposal: what is filled wins, lists and notes are joined."""
    kind = type(survivor)
    left, right = values(survivor), values(loser)
    found = []
    for name, field in access.writable(actor, kind).items():
        column = field.columns[0]
        mine, other = left.get(column), right.get(column)
        if (field.is_list or isinstance(field, LongText)) and mine and other and mine != other:
            proposed = "both"
        else:
            proposed = "loser" if mine is None and other is not None else "survivor"
        if mine is not None or other is not None:
            found.append(Side(field, mine, other, proposed))
        _ = name
    return found


def merge(
    actor: Actor, survivor: Record, loser: Record, *, take: Mapping[str, str] | None = None, version: int | None = None
) -> Record:
    """Make ``loser`` part of ``survivor``. ``take``: field → survivor, loser or both, else as ``sides`` proposes.

    Raises Invalid for a record with itself, Forbidden without the right to edit the one and delete the other.
    """
    kind = type(survivor)
    if survivor.id == loser.id or type(loser) is not kind:
        raise Invalid({"with": [str(L("Choose another record of the same kind."))]})
    access.need(actor, survivor, "edit")
    access.need(actor, loser, "edit")
    access.need(actor, loser, "delete")
    with changesets.opened(actor, "merge", note=str(loser.id)), store.writing():
        now = rows.load(kind, [int(survivor.id), int(loser.id)], "t.deleted_at IS NULL")
        if len(now) < 2:
            raise NotFound(L("One of the two is not there any more."))
        kept, gone = now[int(survivor.id)], now[int(loser.id)]
        if version is not None and version != kept["version"]:
            from smallcrm.base.errors import Stale

            raise Stale(L("Somebody changed this meanwhile. Nothing was merged."), record=survivor)
        drafts = _moved(actor, kind, int(loser.id), int(survivor.id))
        after = {**kept, **_taken(actor, survivor, loser, kept, gone, take or {})}
        own = drafts.pop((kind.card.key, int(survivor.id)), None)
        if own is not None:  # it pointed at the one that goes
            after |= {
                n: (None if v == survivor.id else v)
                for n, v in own.after.items()
                if own.before and own.before.get(n) != v
            }
        drafts.pop((kind.card.key, int(loser.id)), None)
        batch = [Draft(kind, UPDATE, actor, kept, after, trusted=True), *drafts.values()]
        batch.append(
            Draft(
                kind,
                DELETE,
                actor,
                gone,
                {**gone, "deleted_at": clock.stamp(), "merged_into": int(survivor.id)},
                trusted=True,
            )
        )
        change.commit([draft for draft in batch if draft.changed - changesets.SYSTEM_KEYS])
    return access.find(actor, kind, int(survivor.id))


def _taken(
    actor: Actor,
    survivor: Record,
    loser: Record,
    kept: Mapping[str, Any],
    gone: Mapping[str, Any],
    take: Mapping[str, str],
) -> dict[str, Any]:
    """The columns the survivor takes over."""
    found: dict[str, Any] = {}
    for side in sides(actor, survivor, loser):
        field = side.field
        choice = take.get(field.key, side.proposed)
        if choice == "loser":
            found.update({column: gone.get(column) for column in field.columns})
        elif choice == "both" and side.differs:
            mine, other = kept.get(field.columns[0]), gone.get(field.columns[0])
            if field.is_list:
                found[field.columns[0]] = _joined(mine, other)
            elif isinstance(field, LongText):
                found[field.columns[0]] = "\n\n".join(text for text in (mine, other) if text)[: field.most]
    _keep_contacts(type(survivor), kept, gone, found)
    return found


def _joined(mine: Any, other: Any) -> list[Any] | None:
    both = [*(mine or []), *(other or [])]
    if both and isinstance(both[0], dict):
        numbered = [{**row, "id": None} for row in both]
        return [{**row, "id": number} for number, row in enumerate(numbered, 1)]
    return list(dict.fromkeys(both)) or None


def _keep_contacts(kind: RecordType, kept: Mapping[str, Any], gone: Mapping[str, Any], found: dict[str, Any]) -> None:
    """A phone or address that loses its place as the primary one goes to the further ones: no number is lost."""
    fields = fields_of(kind)
    for primary, further in (("phone", "phones"), ("email", "emails")):
        if primary not in fields or further not in fields:
            continue
        winner = found.get(primary, kept.get(primary))
        held = found.get(further, kept.get(further)) or []
        extra = [v for v in (kept.get(primary), gone.get(primary), *(gone.get(further) or [])) if v and v != winner]
        if extra:
            found[further] = list(dict.fromkeys([*held, *extra]))


def _moved(actor: Actor, kind: RecordType, old: int, new: int) -> dict[tuple[str, int], Draft]:
    """Every record that links to ``old``, as a draft that links to ``new``; the bin's included."""
    drafts: dict[tuple[str, int], Draft] = {}
    for child in all_types():
        for field in fields_of(child).values():
            where, params = _points_at(field, kind, old)
            if not where:
                continue
            # the link's index holds the living only, so the bin is asked for apart
            one = f'SELECT t.id FROM "{child._meta.table_name}" t WHERE {where} AND t.deleted_at IS'
            found = store.rows(f"{one} NULL UNION ALL {one} NOT NULL", [*params, *params])
            ids = [row[0] for row in found]
            for record_id, held in rows.load(child, ids).items():
                draft = drafts.setdefault(
                    (child.card.key, record_id), Draft(child, UPDATE, actor, held, dict(held), trusted=True)
                )
                draft.after[field.columns[0]] = new
    return drafts


def _points_at(field: Field, kind: RecordType, record_id: int) -> tuple[str, list[Any]]:
    if isinstance(field, Link) and field.to == kind.card.key:
        return f"{field.expr()} = ?", [record_id]
    if isinstance(field, AnyLink):
        return f't."{field.columns[0]}" = ? AND t."{field.columns[1]}" = ?', [record_id, kind.card.key]
    return "", []


def redirect(kind: RecordType, record_id: int) -> int | None:
    """Where a merged record lives on, following a chain of merges."""
    seen = set()
    while record_id not in seen:
        seen.add(record_id)
        found = store.value(
            f'SELECT merged_into FROM "{kind._meta.table_name}" WHERE id = ? AND deleted_at IS NOT NULL', [record_id]
        )
        if not found:
            return record_id if len(seen) > 1 else None
        record_id = int(found)
    return None

"""Putting records back as they stood in other data of ours: a backup, or what a restore laid aside.

What is given are stored values. A record that is gone is made again under its old id where that is free; one that
stands (or lies in the bin) takes over the chosen fields. All of it is one change-set, and can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.identity.actor import Actor
from smallcrm.records import change, changesets, rows
from smallcrm.records.clean import Errors
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import CREATE, RESTORE, UPDATE, Draft
from smallcrm.records.fields import AnyLink, Link
from smallcrm.records.record import RecordType, column_names

CHUNK = 300  # records in one transaction

# (type, id back then) → the id by which that very record goes now, None where it is not there
Resolve = Callable[[str, int], int | None]


@dataclass(frozen=True)
class Wanted:
    """One record. ``values``: as it stood, by column. ``fields`` by name, or None for all of them."""

    kind: RecordType
    values: Mapping[str, Any]
    fields: tuple[str, ...] | None = None

    @property
    def mark(self) -> tuple[str, int]:
        """Type and id back then."""
        return self.kind.card.key, int(self.values["id"])

    @property
    def title(self) -> str:
        """What it was called."""
        return str(self.values.get(self.kind.card.title) or f"#{self.values['id']}")


@dataclass
class Reinstated:
    """What came of it. ``ids``: (type, id back then) → id now. ``left``: what could not be put back, and why."""

    set: int = 0
    ids: dict[tuple[str, int], int] = field(default_factory=dict)
    unchanged: int = 0
    left: list[tuple[Wanted, str]] = field(default_factory=list)
    loosened: list[tuple[Wanted, str]] = field(default_factory=list)  # links to what is not there any more


def put_back(actor: Actor, wanted: Sequence[Wanted], resolve: Resolve, *, note: str = "") -> Reinstated:
    """Put records back, those first that others point to. The caller has checked that the actor may."""
    result = Reinstated()
    with changesets.opened(actor, "restore", note, lasting=len(wanted) > CHUNK) as mine:
        waiting = sorted(wanted, key=lambda one: one.kind.card.number)  # roughly as they point to each other
        while waiting:
            again = _round(actor, waiting, resolve, result, last=False)
            if len(again) == len(waiting):  # links among themselves, or to what is not there
                _round(actor, again, resolve, result, last=True)
                break
            waiting = again
        result.set = mine.id
    return result


def _round(actor: Actor, wanted: Sequence[Wanted], resolve: Resolve, result: Reinstated, *, last: bool) -> list[Wanted]:
    """Put back what can be by now; what is to be tried again. In the ``last`` round dead links are let go."""
    again: list[Wanted] = []
    for kind in dict.fromkeys(one.kind for one in wanted):
        group = [one for one in wanted if one.kind is kind]
        for start in range(0, len(group), CHUNK):
            again += _put(actor, group[start : start + CHUNK], resolve, result, last=last)
    return again


def _put(actor: Actor, group: list[Wanted], resolve: Resolve, result: Reinstated, *, last: bool) -> list[Wanted]:
    again: list[Wanted] = []
    drafts: dict[int, Draft] = {}
    with store.writing():
        for position, one in enumerate(group):
            draft, dead = _draft(actor, one, resolve, result)
            if dead and not last:
                again.append(one)
            elif draft is None:
                result.unchanged += 1
            else:
                result.loosened += [(one, name) for name in dead]
                drafts[position] = draft
        # those that bring their id come first: the others are given ids after them
        for given in (True, False):
            chosen = {at: draft for at, draft in drafts.items() if bool(draft.id) is given}
            outcome = change.write_many(chosen, change.Outcome())
            for position, draft in chosen.items():
                if position in outcome.errors:
                    result.left.append((group[position], _words(outcome.errors[position])))
                else:
                    result.ids[group[position].mark] = draft.id
    return again


def _words(errors: Errors) -> str:
    return " ".join(message for found in errors.values() for message in found)


def _draft(actor: Actor, one: Wanted, resolve: Resolve, result: Reinstated) -> tuple[Draft | None, list[str]]:
    """The record as it is to stand, None where it does already; and the fields whose links lead nowhere (yet)."""
    kind, trusted = one.kind, one.kind.card.reach != "open"  # users, roles, pools: with every check there is
    now_id = resolve(*one.mark)
    now = rows.load(kind, [now_id]).get(now_id) if now_id is not None else None
    then = _current_columns(one)
    dead = [name for name in _relink(kind, then, resolve, result) if one.fields is None or name in one.fields]
    if now is None:
        free = not rows.load(kind, [one.mark[1]])
        fresh = {**then, "id": one.mark[1] if free else None, "version": 1, "updated_at": clock.stamp()}
        if "owner" in dead:
            fresh["owner"] = actor.id
        return Draft(kind, CREATE, actor, None, {**fresh, "deleted_at": None}, trusted=trusted), dead
    result.ids[one.mark] = int(now["id"])
    after, act = {**now, **_chosen(one, then, leaving=dead)}, UPDATE
    if now["deleted_at"]:
        after |= {"deleted_at": None, "merged_into": None}
        act = RESTORE
    draft = Draft(kind, act, actor, now, after, trusted=trusted)
    return (draft if draft.changed - changesets.SYSTEM_KEYS else None), dead


def _current_columns(one: Wanted) -> dict[str, Any]:
    """What was stored, as far as there are columns and custom fields for it; derived columns are computed anew."""
    found = {name: one.values.get(name) for name in column_names(one.kind) if name != "custom"}
    for each in fields_of(one.kind).values():
        if each.custom:
            found |= {column: one.values.get(column) for column in each.columns}
        if each.derived:
            found |= dict.fromkeys(each.columns)
    found |= {name: None for name in ("merged_into", "via_owner", "via_team", "via_pool") if name in found}
    return found


def _chosen(one: Wanted, then: Mapping[str, Any], *, leaving: Sequence[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, each in fields_of(one.kind).items():
        wanted = (one.fields is None or name in one.fields) and name not in leaving
        if wanted and not each.derived and name not in ("team", "created_at", "updated_at"):
            columns |= {column: then.get(column) for column in each.columns}
    return columns


def _relink(kind: RecordType, then: dict[str, Any], resolve: Resolve, result: Reinstated) -> list[str]:
    """Let links lead to what the linked records are called now; the names of fields whose target is not there."""
    dead = []
    for name, each in fields_of(kind).items():
        if not isinstance(each, Link | AnyLink) or name == "team":
            continue
        column = each.columns[0]
        target = each.to if isinstance(each, Link) else then.get(each.columns[1])
        if then.get(column) is None or target is None:
            continue
        mark = (str(target), int(then[column]))
        found = result.ids.get(mark) or resolve(*mark)
        then[column] = found
        if found is None or not _lives(*mark[:1], found):
            then[column] = None
            dead.append(name)
    return dead


def _lives(key: str, record_id: int) -> bool:
    from smallcrm.records.record import by_key

    table = by_key(key)._meta.table_name
    return store.row(f'SELECT 1 FROM "{table}" WHERE id = ? AND deleted_at IS NULL', [record_id]) is not None

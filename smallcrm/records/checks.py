"""What must hold for a record whoever writes it: unique values are unique among the living, links lead to something."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, cache
from smallcrm.records.clean import Errors
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import DELETE, Draft
from smallcrm.records.fields import AnyLink, Field, Link, Links
from smallcrm.records.fields.links import parts
from smallcrm.records.record import RecordType, by_key


@cache.kept
def _checked(key: str) -> tuple[tuple[str, Field], ...]:
    """The type's fields that there is anything to check about."""
    return tuple(
        (name, field)
        for name, field in fields_of(by_key(key)).items()
        if isinstance(field, Link | AnyLink | Links) or field.unique_live
    )


def broken(kind: RecordType, drafts: list[Draft]) -> list[tuple[Draft, Errors]]:
    """Drafts that break a check, with the errors by field."""
    found: list[tuple[Draft, Errors]] = []
    living = [draft for draft in drafts if draft.act != DELETE]
    returning = [draft for draft in living if draft.before is not None and not draft.live_before]
    for name, field in _checked(kind.card.key):
        value, *_ = field.columns
        touched = [d for d in living if d.after.get(value) is not None and d.touches(*field.columns)]
        if isinstance(field, Link):
            found += _dead_links(field, name, touched) if touched else []
        elif isinstance(field, AnyLink):
            found += _dead_any_links(field, name, touched) if touched else []
        elif isinstance(field, Links):
            found += _dead_among(field, name, touched) if touched else []
        else:
            found += _taken(kind, field, name, [*touched, *(d for d in returning if d not in touched)])
    return found


def _dead_links(field: Link, name: str, drafts: list[Draft]) -> list[tuple[Draft, Errors]]:
    wanted = {int(draft.after[field.columns[0]]) for draft in drafts}
    alive = _reachable(drafts[0], field.to, wanted)
    message = str(L("There is no such record, or you may not see it."))
    return [(d, {name: [message]}) for d in drafts if int(d.after[field.columns[0]]) not in alive]


def _dead_any_links(field: AnyLink, name: str, drafts: list[Draft]) -> list[tuple[Draft, Errors]]:
    bad: list[tuple[Draft, Errors]] = []
    number, key = field.columns
    by_type: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_type.setdefault(str(draft.after[key]), []).append(draft)
    message = str(L("There is no such record, or you may not see it."))
    for type_key, group in by_type.items():
        alive = _reachable(group[0], type_key, {int(draft.after[number]) for draft in group})
        bad += [(d, {name: [message]}) for d in group if int(d.after[number]) not in alive]
    return bad


def _dead_among(field: Links, name: str, drafts: list[Draft]) -> list[tuple[Draft, Errors]]:
    """Drafts to whose list something was added that is not there; what stood in it before may have gone meanwhile."""
    column = field.columns[0]
    added = {id(d): set(d.after[column]) - set(d.was(column) or ()) for d in drafts}
    by_type: dict[str, set[int]] = {}
    for key, number in (parts(token) for tokens in added.values() for token in tokens):
        by_type.setdefault(key, set()).add(number)
    alive = {f"{key}/{i}" for key, ids in by_type.items() for i in _reachable(drafts[0], key, ids)}
    message = str(L("There is no such record, or you may not see it."))
    return [(d, {name: [message]}) for d in drafts if added[id(d)] - alive]


def _reachable(draft: Draft, key: str, ids: set[int]) -> set[int]:
    """Those of ``ids`` that live and that the draft's actor sees; a trusted draft sees all."""
    target = by_key(key)
    where, params = _where(draft.actor, target, trusted=draft.trusted)
    active = " AND t.active = 1" if "active" in target._meta.columns and key == "user" else ""
    sql = (
        f'SELECT t.id FROM "{target._meta.table_name}" t WHERE t.id IN (SELECT value FROM json_each(?))'
        f" AND t.deleted_at IS NULL AND {where}{active if not draft.trusted else ''}"
    )
    return {row[0] for row in store.rows(sql, [store.json_list(ids), *params])}


def _where(actor: Actor, target: RecordType, *, trusted: bool) -> tuple[str, list[Any]]:
    if trusted or (target.card.reach == "open" and actor.scope(target.card.key, "view") is not Scope.NONE):
        return "1", []
    return access.reach(actor, target).where()


def _taken(kind: RecordType, field: Field, name: str, drafts: list[Draft]) -> list[tuple[Draft, Errors]]:
    column = field.columns[-1]
    bad: list[tuple[Draft, Errors]] = []
    seen: dict[Any, int] = {}
    message = str(L("Something else has this already."))
    for draft in drafts:
        value = draft.after.get(column)
        if value is None or not draft.live_after:
            continue
        sql = (
            f'SELECT id FROM "{kind._meta.table_name}" WHERE "{column}" = ? AND deleted_at IS NULL AND id <> ? LIMIT 1'
        )
        if value in seen or store.row(sql, [value, draft.id]):
            bad.append((draft, {name: [message]}))
        seen[value] = draft.id
    return bad

"""THE write path: nothing else writes record rows.

rights → clean → (in one transaction:) what stands there now → area rules → required, unique, links → save → change-set → search
→ derived columns → listeners. Forms, API, import, bulk edit, merge, automation and jobs all end here, one record or a thousand
at a time by the same steps, so everything can be undone, audited and seen as of a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets, checks, derive, duplicates, events, rows, search
from smallcrm.records.clean import Errors, clean, initial, missing, refuse
from smallcrm.records.drafts import CREATE, DELETE, UPDATE, Draft
from smallcrm.records.record import Record, RecordType, cascading

Values = Mapping[str, Any]
Rule = Callable[[list[Draft]], None]

_rules: dict[str, list[Rule]] = {}


def before(key: str) -> Callable[[Rule], Rule]:
    """An area's rule: called with the drafts of type ``key`` inside the transaction, before they are saved.

    It may amend ``draft.after`` or raise Invalid; for one bad draft among many it raises ``Wrong(draft, errors)``.
    """

    def keep(function: Rule) -> Rule:
        _rules.setdefault(key, []).append(function)
        return function

    return keep


class Wrong(Invalid):
    """A rule refuses one draft of several."""

    def __init__(self, draft: Draft, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(errors)
        self.draft = draft


# ---------------------------------------------------------------- one record


def create(
    actor: Actor, kind: RecordType, values: Values, *, why: str | None = None, note: str = "", trusted: bool = False
) -> Record:
    """A new record. Raises Forbidden, Invalid."""
    made, errors = draft_new(actor, kind, values, trusted=trusted)
    refuse(errors)
    with changesets.opened(actor, why or actor.via, note), store.writing():
        commit([made])
    return _record(made)


def update(
    actor: Actor,
    record: Record,
    values: Values,
    *,
    version: int | None = None,
    why: str | None = None,
    note: str = "",
    trusted: bool = False,
) -> Record:
    """Change fields of a record. ``version``: the one the change is based on, else what stands there now is amended.

    Raises Forbidden, Invalid, Stale (with the record as it is now), NotFound.
    """
    kind = type(record)
    if not trusted:
        access.need(actor, record, "edit")
    held = _values(record)
    columns, errors = clean(actor, kind, values, before=held, trusted=trusted)
    refuse(_with_missing(kind, {**held, **columns}, errors, trusted=trusted))
    return _amend(actor, record, columns, UPDATE, version=version, why=why, note=note, trusted=trusted)


def delete(actor: Actor, record: Record, *, version: int | None = None, why: str = "delete", note: str = "") -> Record:
    """Into the bin, with everything that belongs to it."""
    access.need(actor, record, "delete")
    with changesets.opened(actor, why, note), store.writing():
        bin_with_children(actor, type(record), [int(record.id)], versions={int(record.id): version})
    found = access.fetch(actor, type(record), int(record.id), bin=True)
    return found or record


def restore(actor: Actor, record: Record, *, why: str = "restore", note: str = "") -> Record:
    """Out of the bin, with what went in together with it."""
    from smallcrm.records.bin import restore_records

    access.need(actor, record, "delete")
    with changesets.opened(actor, why, note), store.writing():
        restore_records(actor, type(record), [int(record.id)])
    return access.find(actor, type(record), int(record.id))


def _amend(
    actor: Actor,
    record: Record,
    columns: dict[str, Any],
    act: str,
    *,
    version: int | None,
    why: str | None,
    note: str,
    trusted: bool,
) -> Record:
    kind = type(record)
    with changesets.opened(actor, why or actor.via, note), store.writing():
        draft = _reread(actor, kind, int(record.id), columns, act, version=version, trusted=trusted)
        if draft.changed - changesets.SYSTEM_KEYS:
            commit([draft])
    return _record(draft)


def _reread(
    actor: Actor,
    kind: RecordType,
    record_id: int,
    columns: dict[str, Any],
    act: str,
    *,
    version: int | None,
    trusted: bool,
) -> Draft:
    """The draft on top of what stands there now, within reach."""
    where, params = ("1", []) if trusted else access.reach(actor, kind, "edit").where()
    found = rows.load(kind, [record_id], where, params).get(record_id)
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    if version is not None and version != found["version"]:
        raise Stale(
            L("Somebody changed this meanwhile. Nothing was saved; what you typed is still here."),
            record=access.fetch(actor, kind, record_id, bin=True),
        )
    return Draft(kind, act, actor, found, {**found, **columns}, trusted=trusted)


# ---------------------------------------------------------------- many records


@dataclass
class Outcome:
    """What came of a batch: drafts that were written, and errors by the position of the row given."""

    written: list[Draft] = field(default_factory=list)
    unchanged: int = 0
    errors: dict[int, Errors] = field(default_factory=dict)


def create_many(actor: Actor, kind: RecordType, many: Sequence[Values], *, trusted: bool = False) -> Outcome:
    """New records in one transaction; rows that are refused are left out and told. Inside ``changesets.opened``."""
    return write_many(*draft_many(actor, kind, many, trusted=trusted))


def update_many(
    actor: Actor,
    kind: RecordType,
    changes: Sequence[tuple[int, Values]],
    *,
    versions: Mapping[int, int] | None = None,
    trusted: bool = False,
) -> Outcome:
    """Changes of several records by id in one transaction. Ids out of reach are told as such, stale ones too."""
    outcome = Outcome()
    reach = access.reach(actor, kind, "edit")
    where, params = ("1", []) if trusted else reach.where()
    if not trusted and actor.scope(kind.card.key, "edit") is Scope.NONE and not reach.branches:
        raise Forbidden(access.refusal(actor, "edit"))
    ids = [record_id for record_id, _ in changes]
    seen = rows.load(kind, ids, where, params)
    cleaned: dict[int, dict[str, Any]] = {}
    for position, (record_id, values) in enumerate(changes):
        if record_id not in seen:
            outcome.errors[position] = {"": [str(L("There is nothing here, or you may not change it."))]}
            continue
        columns, errors = clean(actor, kind, values, before=seen[record_id], trusted=trusted)
        if errors:
            outcome.errors[position] = errors
        else:
            cleaned[position] = columns
    alone = store.in_writing()  # inside a transaction nobody else changes what was seen
    with store.writing():
        now = seen if alone else rows.load(kind, ids, where, params)
        drafts: dict[int, Draft] = {}
        for position, columns in cleaned.items():
            found = now.get(changes[position][0])
            expected = (versions or {}).get(changes[position][0])
            if found is None or (expected is not None and found["version"] != expected):
                outcome.errors[position] = {"": [str(L("Somebody changed this meanwhile."))]}
                continue
            draft = Draft(kind, UPDATE, actor, found, {**found, **columns}, trusted=trusted)
            if draft.changed - changesets.SYSTEM_KEYS:
                drafts[position] = draft
            else:
                outcome.unchanged += 1
        return write_many(drafts, outcome)


def write_many(drafts: dict[int, Draft], outcome: Outcome) -> Outcome:
    """Commit the drafts that pass; the others are told by their position."""
    with store.writing():
        remaining = dict(drafts)
        while remaining:
            bad = prepare(list(remaining.values()))
            if not bad:
                save(list(remaining.values()))
                outcome.written += remaining.values()
                break
            for position in [p for p, draft in remaining.items() if id(draft) in bad]:
                outcome.errors[position] = bad[id(remaining.pop(position))]
    return outcome


def bin_with_children(
    actor: Actor, kind: RecordType, ids: Sequence[int], *, versions: Mapping[int, int | None] | None = None
) -> int:
    """Put records and what cascades from them into the bin; how many there were of ``kind``. Inside ``writing``."""
    stamp = clock.stamp()
    found = rows.load(kind, ids, "t.deleted_at IS NULL")
    drafts: list[Draft] = []
    for record_id, values in found.items():
        expected = (versions or {}).get(record_id)
        if expected is not None and expected != values["version"]:
            raise Stale(L("Somebody changed this meanwhile. Nothing was deleted."), record=None)
        drafts.append(Draft(kind, DELETE, actor, values, {**values, "deleted_at": stamp}, trusted=True))
    count = len(drafts)
    layer: dict[str, tuple[RecordType, list[int]]] = {kind.card.key: (kind, list(found))}
    done = {(kind.card.key, record_id) for record_id in found}
    while layer:
        following: dict[str, tuple[RecordType, list[int]]] = {}
        for key, (_, parents) in layer.items():
            for child, column, condition in cascading(key):
                sql = (
                    f'SELECT id FROM "{child._meta.table_name}" WHERE deleted_at IS NULL AND {condition}'
                    f' AND "{column}" IN (SELECT value FROM json_each(?))'
                )
                fresh = [i for (i,) in store.rows(sql, [store.json_list(parents)]) if (child.card.key, i) not in done]
                for record_id, values in rows.load(child, fresh).items():
                    drafts.append(Draft(child, DELETE, actor, values, {**values, "deleted_at": stamp}, trusted=True))
                    done.add((child.card.key, record_id))
                    following.setdefault(child.card.key, (child, []))[1].append(record_id)
        layer = following
    if drafts:
        commit(drafts)
    return count


# ---------------------------------------------------------------- the steps


def draft_new(actor: Actor, kind: RecordType, values: Values, *, trusted: bool = False) -> tuple[Draft, Errors]:
    """A creation as a draft, and what is wrong with it. Raises Forbidden."""
    if not trusted and actor.scope(kind.card.key, "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))
    given = dict(values)
    system: dict[str, Any] = {
        name: given.pop(name) for name in ("id", "created_at", "updated_at") if trusted and name in given
    }
    columns, errors = clean(actor, kind, given, trusted=trusted)
    stamp = clock.stamp()
    after: dict[str, Any] = dict(rows.empty(kind))
    after.update(initial(actor, kind, given, columns))
    after.update(columns)
    after.update(version=1, created_at=stamp, updated_at=stamp)
    after.update(system)
    errors = _with_missing(kind, after, errors, trusted=trusted)
    return Draft(kind, CREATE, actor, None, after, trusted=trusted), errors


def draft_many(
    actor: Actor, kind: RecordType, many: Sequence[Values], *, trusted: bool = False
) -> tuple[dict[int, Draft], Outcome]:
    """Creations as drafts by their position, and what is wrong with the others: what ``write_many`` takes."""
    outcome = Outcome()
    drafts: dict[int, Draft] = {}
    for position, values in enumerate(many):
        draft, errors = draft_new(actor, kind, values, trusted=trusted)
        if errors:
            outcome.errors[position] = errors
        else:
            drafts[position] = draft
    return drafts, outcome


def _with_missing(kind: RecordType, after: Values, errors: Errors, *, trusted: bool) -> Errors:
    """Everything that is wrong at once, so that nobody mends a form twice."""
    return errors if trusted else {**missing(kind, after), **errors}


def commit(drafts: list[Draft]) -> None:
    """Check and save drafts; all or nothing. Inside ``changesets.opened`` and ``writing``. Raises Invalid."""
    bad = prepare(drafts)
    if bad:
        refuse(next(iter(bad.values())))
    save(drafts)


def prepare(drafts: list[Draft]) -> dict[int, Errors]:
    """Rules and checks; what is wrong, by ``id(draft)``. Inside ``writing``."""
    mine = changesets.current()
    for draft in drafts:
        draft.why, draft.note = (mine.why, mine.note) if mine else (draft.why, draft.note)
    bad: dict[int, Errors] = {}
    for kind, group in by_kind(drafts):
        derive.amend(kind, group)
        for rule in _rules.get(kind.card.key, ()):
            try:
                rule(group)
            except Wrong as wrong:
                bad.setdefault(id(wrong.draft), {}).update(wrong.errors)
                return bad
            except Invalid as error:
                if len(group) > 1:
                    raise
                bad.setdefault(id(group[0]), {}).update(error.errors)
                return bad
        for draft in group:
            if draft.act in (CREATE, UPDATE):
                errors = missing(kind, draft.after) if not draft.trusted else {}
                if errors:
                    bad[id(draft)] = errors
        for draft, errors in checks.broken(kind, group):
            bad.setdefault(id(draft), {}).update(errors)
    return bad


def save(drafts: list[Draft]) -> None:
    """Write what ``prepare`` found good."""
    mine = changesets.current()
    assert mine is not None, "open a change-set first"
    stamp = clock.stamp()
    for kind, group in by_kind(drafts):
        created = [draft for draft in group if draft.before is None]
        if created:
            _insert(kind, created)
        for draft in group:
            if draft.before is not None:
                _update(draft, stamp)
    changesets.record_drafts(mine, drafts)
    for kind, group in by_kind(drafts):
        duplicates.write_keys(kind, group)
        search.write(kind, group)
    derive.follow(drafts)
    events.changed(drafts)


def _insert(kind: RecordType, drafts: list[Draft]) -> None:
    sql, names = rows.insert_sql(kind.card.key)
    fresh = [draft for draft in drafts if not draft.after.get("id")]
    for draft, record_id in zip(fresh, rows.next_ids(kind, len(fresh)), strict=True):
        draft.after["id"] = record_id
    store.run_many(sql, [rows.bind(kind, draft.after, names) for draft in drafts])


def _update(draft: Draft, stamp: str) -> None:
    assert draft.before is not None
    version = draft.before["version"]
    draft.after["version"] = version + 1
    draft.after["updated_at"] = stamp
    names = {("custom" if rows.is_custom(name) else name) for name in draft.changed}
    ordered = tuple(sorted(names - {"id"}))
    bound = rows.bind(draft.kind, draft.after, ordered)
    if store.run(rows.update_sql(draft.kind.card.key, ordered), [*bound, draft.id, version]) != 1:
        raise Stale(L("Somebody changed this meanwhile. Nothing was saved."), record=None)


def by_kind(drafts: Iterable[Draft]) -> list[tuple[RecordType, list[Draft]]]:
    """The drafts by type, types in order of appearance."""
    groups: dict[str, tuple[RecordType, list[Draft]]] = {}
    for draft in drafts:
        groups.setdefault(draft.kind.card.key, (draft.kind, []))[1].append(draft)
    return list(groups.values())


def _record(draft: Draft) -> Record:
    known = draft.kind._meta.columns
    values = {name: value for name, value in draft.after.items() if name in known}
    return draft.kind(**values, custom=rows.pack_custom(draft.after))


def _values(record: Record) -> dict[str, Any]:
    from smallcrm.records.record import values

    return values(record)

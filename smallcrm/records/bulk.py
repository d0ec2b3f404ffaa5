"""The same act on many records: chosen one by one, or everything a filter reaches. One change-set, in steps, undoable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, query, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.record import RecordType
from smallcrm.store import writing

CHUNK = 250

Step = Callable[[int, int], bool]  # (done, total) → whether to go on


@dataclass(frozen=True)
class Selection:
    """Ids, or everything of a list (filter and search) but some."""

    kind: RecordType
    ids: tuple[int, ...] = ()
    everything: bool = False
    filter: Any = None
    q: str = ""
    without: frozenset[int] = frozenset()
    extra: tuple[query.Condition, ...] = ()

    def ask(self, actor: Actor) -> query.Ask:
        """The selection as a list."""
        return query.Ask(actor, self.kind, filter=self.filter, q=self.q, extra=self.extra)

    def chunks(self, actor: Actor) -> Iterator[list[int]]:
        """Ids within reach, a chunk at a time."""
        if self.everything:
            for found in query.ids(self.ask(actor), chunk=CHUNK):
                yield [each for each in found if each not in self.without]
            return
        reachable = access.within(actor, self.kind, self.ids)
        ordered = [each for each in dict.fromkeys(self.ids) if each in reachable]
        for start in range(0, len(ordered), CHUNK):
            yield ordered[start : start + CHUNK]

    def count(self, actor: Actor) -> int:
        """How many records it holds."""
        if self.everything:
            return query.count(self.ask(actor), cap=None) - len(self.without)
        return len(access.within(actor, self.kind, self.ids))


@dataclass
class Result:
    """What came of it. ``refused``: why → the ids it held for."""

    set: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: dict[str, list[int]] = field(default_factory=dict)
    stopped: bool = False

    def refuse(self, record_id: int, why: str) -> None:
        """Count one that was left alone."""
        self.refused.setdefault(why, []).append(record_id)


Act = Callable[[Actor, Sequence[int], Result], None]


def run(
    actor: Actor,
    selection: Selection,
    act: Act,
    *,
    why: str = "bulk",
    note: str = "",
    step: Step = lambda _done, _total: True,
) -> Result:
    """Do ``act`` to every chunk in its own transaction, all in one change-set; ``step`` may stop it between chunks."""
    result = Result()
    total = selection.count(actor)
    done = 0
    chunks = list(selection.chunks(actor)) if not selection.everything else selection.chunks(actor)
    with changesets.opened(actor, why, note, lasting=True) as mine:
        for ids in chunks:
            with writing():
                act(actor, ids, result)
            done += len(ids)
            if not step(done, total):
                result.stopped = True
                break
        result.set = mine.id
    return result


def edit(kind: RecordType, values: Mapping[str, Any], *, add: Mapping[str, Sequence[str]] | None = None,
         remove: Mapping[str, Sequence[str]] | None = None) -> Act:  # fmt: skip
    """Set fields; add to or remove from lists (tags)."""

    def act(actor: Actor, ids: Sequence[int], result: Result) -> None:
        changes: list[tuple[int, Mapping[str, Any]]] = [(record_id, values) for record_id in ids]
        if add or remove:
            now = rows.load(kind, ids)
            changes = [(i, {**values, **_lists(now.get(i, {}), add or {}, remove or {})}) for i in ids]
        outcome = change.update_many(actor, kind, changes)
        result.changed += len(outcome.written)
        result.unchanged += outcome.unchanged
        for position, errors in outcome.errors.items():
            result.refuse(ids[position], "; ".join(m for found in errors.values() for m in found))

    return act


def _lists(
    now: Mapping[str, Any], add: Mapping[str, Sequence[str]], remove: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in {*add, *remove}:
        held = [*(now.get(name) or []), *add.get(name, ())]
        found[name] = [each for each in dict.fromkeys(held) if each not in remove.get(name, ())]
    return found


def delete(kind: RecordType) -> Act:
    """Into the bin."""

    def act(actor: Actor, ids: Sequence[int], result: Result) -> None:
        allowed = access.within(actor, kind, ids, "delete")
        for record_id in ids:
            if record_id not in allowed:
                result.refuse(record_id, str(access.refusal(actor, "delete")))
        result.changed += change.bin_with_children(actor, kind, sorted(allowed))

    return act


def assign(kind: RecordType, owner: int) -> Act:
    """Hand over to another owner."""

    def act(actor: Actor, ids: Sequence[int], result: Result) -> None:
        allowed = access.within(actor, kind, ids, "assign")
        for record_id in ids:
            if record_id not in allowed:
                result.refuse(record_id, str(access.refusal(actor, "assign")))
        mine = [record_id for record_id in ids if record_id in allowed]
        outcome = change.update_many(actor, kind, [(i, {"owner": owner}) for i in mine], trusted=True)
        result.changed += len(outcome.written)
        result.unchanged += outcome.unchanged
        for position, errors in outcome.errors.items():
            result.refuse(mine[position], "; ".join(m for found in errors.values() for m in found))

    return act


def check_values(actor: Actor, kind: RecordType, values: Mapping[str, Any]) -> None:
    """Raise Invalid before anything starts when the values could suit no record."""
    from smallcrm.records.clean import clean

    _, errors = clean(actor, kind, values)
    for name, value in values.items():
        field_ = fields_of(kind).get(name)
        if field_ is not None and field_.required and field_.blank(value):
            errors[name] = [str(L("This is needed."))]
    if errors:
        raise Invalid(errors)

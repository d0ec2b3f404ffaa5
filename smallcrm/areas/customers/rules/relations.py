"""How customers and contacts are related: said both ways, no circle of superiors, seen where both ends are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer, Relation
from smallcrm.areas.customers.records.relation import BOTH_WAYS, WORDS
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, change, changesets, derive
from smallcrm.records.drafts import DELETE, Draft
from smallcrm.records.fields import FieldError
from smallcrm.records.fields.link import clean_id
from smallcrm.records.record import Record, RecordType

ENDS: dict[str, RecordType] = {"customer": Customer, "contact": Contact}
GUARDIANS = ("guardian_of", "family")

End = tuple[str, int]


@change.before("relation")
def check_relations(drafts: list[Draft]) -> None:
    """Two different ends that exist, one of them the actor's to change; nothing twice; no circle of superiors."""
    living = [draft for draft in drafts if draft.live_after and draft.act != DELETE]
    for draft in living:
        source, target = _ends(draft.after)
        if not source or not target:
            continue  # that they are needed is said elsewhere
        for name, end in (("source", source), ("target", target)):
            if end[0] not in ENDS:
                raise change.Wrong(draft, {name: [str(L("Relations are between customers and contacts."))]})
        if source == target:
            raise change.Wrong(draft, {"target": [str(L("Choose somebody else."))]})
        if not draft.trusted and not _may(draft.actor, source, target):
            raise change.Wrong(draft, {"source": [str(L("You may change neither of the two."))]})
        if draft.touches("source", "target", "kind", "deleted_at") and _stands(draft, source, target):
            raise change.Wrong(draft, {"target": [str(L("This is written down already."))]})
        if draft.before is None and draft.after.get("owner") in (None, draft.actor.id):
            _take_owner(draft, source, target)
    _refuse_circles([draft for draft in living if draft.after.get("kind") == "reports_to"])


def _ends(held: Mapping[str, Any]) -> tuple[End | None, End | None]:
    ends = [(held.get(f"{name}_type"), held.get(name)) for name in ("source", "target")]
    source, target = [(str(key), int(number)) if key and number else None for key, number in ends]
    return source, target


def _may(actor: Actor, *ends: End) -> bool:
    return any(access.within(actor, ENDS[key], [number], "edit") for key, number in ends)


def _stands(draft: Draft, source: End, target: End) -> bool:
    kind = draft.after.get("kind")
    pairs = [(source, target)] + ([(target, source)] if kind in BOTH_WAYS else [])
    sql = (
        "SELECT 1 FROM relation WHERE source_type = ? AND source = ? AND target_type = ? AND target = ? AND kind = ?"
        " AND id <> ? AND deleted_at IS NULL"
    )
    return any(store.row(sql, [*a, *b, kind, draft.id]) for a, b in pairs)


def _take_owner(draft: Draft, *ends: End) -> None:
    """A relation noted by somebody who owns neither end belongs to whoever owns the one it begins at."""
    owners = []
    for key, number in ends:
        table = ENDS[key]._meta.table_name
        owners.append(store.value(f'SELECT owner FROM "{table}" WHERE id = ?', [number]))
    if draft.actor.id not in owners and owners[0]:
        draft.after["owner"] = owners[0]
        derive.amend(Relation, [draft])


def _refuse_circles(drafts: list[Draft]) -> None:
    touched = [d for d in drafts if d.touches("source", "target", "kind", "deleted_at")]
    if not touched:
        return
    mine = {draft.id for draft in drafts if draft.id}
    superiors: dict[End, set[End]] = {}
    for number, key, source, to_key, target in store.rows(
        "SELECT id, source_type, source, target_type, target FROM relation"
        " WHERE kind = 'reports_to' AND deleted_at IS NULL"
    ):
        if number not in mine:
            superiors.setdefault((key, source), set()).add((to_key, target))
    for draft in drafts:
        source, target = _ends(draft.after)
        if source and target:
            superiors.setdefault(source, set()).add(target)
    for draft in touched:
        source, target = _ends(draft.after)
        if source and target and source in _reached(target, superiors):
            raise change.Wrong(draft, {"target": [str(L("They would be their own superior."))]})


def _reached(start: End, edges: Mapping[End, set[End]]) -> set[End]:
    found: set[End] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += edges.get(here, ())
    return found


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Related:
    """One relation seen from one end. ``words`` are said of the one looked at: "reports to" the ``other``."""

    id: int
    kind: str
    words: str
    other: End
    name: str
    note: str = ""
    pays: bool = False
    may_contact: bool = False
    outgoing: bool = True

    @property
    def url(self) -> str:
        """The other one's page."""
        return f"/{ENDS[self.other[0]].card.name}/{self.other[1]}"


_COLUMNS = "id, kind, source_type, source, target_type, target, coalesce(note, ''), pays, may_contact"


def around(actor: Actor, record: Record) -> list[Related]:
    """The relations of a customer or contact whose other end the actor sees, in the order of the kinds."""
    if actor.scope("relation", "view") is Scope.NONE:
        return []
    end = (record.card.key, int(record.id))
    found = touching([end])
    names = names_of(actor, {other for row in found for other in ((row[2], row[3]), (row[4], row[5]))})
    seen = [related for row in found if (related := _seen_from(end, row, names))]
    order = list(WORDS)
    return sorted(seen, key=lambda each: (order.index(each.kind), each.name))


def touching(ends: Iterable[End]) -> list[tuple[Any, ...]]:
    """The living relations that begin or end at any of these."""
    by_key: dict[str, list[int]] = {}
    for key, number in ends:
        by_key.setdefault(key, []).append(number)
    found: dict[int, tuple[Any, ...]] = {}
    for key, numbers in by_key.items():
        for side in ("source", "target"):
            sql = (
                f"SELECT {_COLUMNS} FROM relation WHERE {side} IN (SELECT value FROM json_each(?))"
                f" AND {side}_type = ? AND deleted_at IS NULL"
            )
            found.update({row[0]: row for row in store.rows(sql, [store.json_list(numbers), key])})
    return list(found.values())


def contacts_of(actor: Actor, customer: int) -> list[End]:
    """The contacts of a customer within reach."""
    where, params = access.reach(actor, Contact).where()
    sql = f"SELECT t.id FROM contact t WHERE t.customer = ? AND t.deleted_at IS NULL AND {where} LIMIT 1000"
    return [("contact", number) for (number,) in store.rows(sql, [customer, *params])]


def names_of(actor: Actor, ends: Iterable[End]) -> dict[End, str]:
    """What the living ones within reach are called."""
    by_key: dict[str, set[int]] = {}
    for key, number in ends:
        by_key.setdefault(key, set()).add(number)
    found: dict[End, str] = {}
    for key, numbers in by_key.items():
        if key in ENDS:
            alive = access.within(actor, ENDS[key], numbers)
            found.update({(key, number): name for number, name in access.names(actor, key, alive).items()})
    return found


def _seen_from(end: End, row: tuple[Any, ...], names: Mapping[End, str]) -> Related | None:
    number, kind, source_type, source, target_type, target, note, pays, may = row
    outgoing = (source_type, source) == end
    other = (target_type, target) if outgoing else (source_type, source)
    if other not in names:
        return None
    words = str(WORDS[kind][0 if outgoing else 1])
    return Related(number, kind, words, other, names[other], note, bool(pays), bool(may), outgoing)


def guardians(actor: Actor, record: Record) -> list[Related]:
    """Who cares for a person: those who may be spoken to in their place."""
    return [each for each in around(actor, record) if each.kind == "guardian_of" and not each.outgoing]


# ---------------------------------------------------------------- verbs


def add(
    actor: Actor, record: Record, *, kind: str, other: End, outgoing: bool = True, note: str = "", pays: bool = False,
    may_contact: bool = False,
) -> Record:  # fmt: skip
    """Relate ``record`` to ``other``; with ``outgoing`` False the other one is the one who. Raises Invalid, Forbidden."""
    mine = {"type": record.card.key, "id": int(record.id)}
    theirs = {"type": other[0], "id": other[1]}
    source, target = (mine, theirs) if outgoing else (theirs, mine)
    values = {"source": source, "target": target, "kind": kind, "note": note, "pays": pays, "may_contact": may_contact}
    return change.create(actor, Relation, values)


def find(actor: Actor, record: Record, number: int) -> Record:
    """A relation of this record, within what the actor sees and may change from here. Raises NotFound, Forbidden."""
    if number not in {each.id for each in around(actor, record)}:
        raise NotFound(L("There is nothing here, or you may not see it."))
    found = access.find(SYSTEM, Relation, number)
    source, target = _ends(found.__data__)
    assert source
    assert target
    if not _may(actor, source, target):
        raise Forbidden(access.refusal(actor, "edit"))
    return found


def amend(actor: Actor, record: Record, number: int, **values: Any) -> Record:
    """Change a relation that either end's owner may change."""
    return change.update(actor, find(actor, record, number), values, trusted=True)


def remove(actor: Actor, record: Record, number: int) -> None:
    """Into the bin; either end's owner may."""
    relation = find(actor, record, number)
    with changesets.opened(actor, "delete"), store.writing():
        change.bin_with_children(actor, Relation, [int(relation.id)])


def end_of(typed: str) -> End:
    """``customer-12`` as (customer, 12). Raises Invalid."""
    key, _, number = typed.partition("-")
    try:
        if key not in ENDS:
            raise FieldError
        return key, clean_id(number)
    except FieldError:
        raise Invalid({"other": [str(L("Choose who it is."))]}) from None

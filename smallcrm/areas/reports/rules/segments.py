"""Segments: the filter “is in the segment …”, their members, freezing them on purpose."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.reports.records import Segment, SegmentMember
from smallcrm.areas.reports.records.segment import MOST
from smallcrm.areas.reports.rules import sharing
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, figures, query
from smallcrm.records.drafts import DELETE, Draft
from smallcrm.records.fields import Choice, Field
from smallcrm.records.fields.choice import Option
from smallcrm.records.query import computed
from smallcrm.records.record import Record, RecordType, by_key, values

CHUNK = 1000


class _Opened(threading.local):
    """The segments whose filters are being read, so that none asks for itself."""

    def __init__(self) -> None:
        self.ids: tuple[int, ...] = ()


_opened = _Opened()


class InSegment(Choice):
    """The segments of one type, as one actor has them. Its condition is the segment's own filter: there is nothing to go stale."""

    def __init__(self, actor: Actor, kind: RecordType) -> None:
        super().__init__(L("Segment"), lambda: options(actor, kind), filter=True)
        self.operators = ("eq", "ne", "in", "not_in")  # type: ignore[misc,assignment]
        self.of = kind

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        given = value if op in ("in", "not_in") and isinstance(value, list) else [value]
        sqls: list[str] = []
        params: list[Any] = []
        for each in given:
            sql, bound = members_sql(actor, self.of, int(self.operand(each, actor)), alias)
            sqls.append(sql)
            params += bound
        joined = " OR ".join(sqls) or "unlikely(0)"
        return (f"({joined})" if op in ("eq", "in") else f"NOT coalesce(({joined}), 0)"), params


@computed.register("*", "segment")
def _in_segment(actor: Actor, kind: RecordType) -> Field | None:
    return InSegment(actor, kind) if kind.card.pages else None


def of_type(actor: Actor, kind: RecordType) -> list[Record]:
    """The segments of a type that the actor may look at."""
    return [record for record in sharing.seen(actor, Segment) if values(record)["about"] == kind.card.key]


def options(actor: Actor, kind: RecordType) -> list[Option]:
    """The same to choose from."""
    return [Option(str(record.id), str(values(record)["name"])) for record in of_type(actor, kind)]


def members_sql(actor: Actor, kind: RecordType, number: int, alias: str) -> tuple[str, list[Any]]:
    """The condition that a record of ``alias`` is a member, within what the actor reaches. Raises BadRequest."""
    if number in _opened.ids:
        raise BadRequest(L("A segment cannot be made of itself."))
    record = access.find(actor, Segment, number)
    held = values(record)
    sql, params = _ruled(actor, kind, number, held, alias)
    for name, join in (("added", "OR {}"), ("left_out", "AND NOT {}")):
        if held.get(name):
            listed = join.format(f"{alias}.id IN (SELECT value FROM json_each(?))")
            sql, params = f"({sql} {listed})", [*params, store.json_list(int(each) for each in held[name])]
    return sql, params


def _ruled(actor: Actor, kind: RecordType, number: int, held: dict[str, Any], alias: str) -> tuple[str, list[Any]]:
    """The same by its filter, or as it was frozen; nobody by a segment without a filter, which is made by hand."""
    if held.get("frozen_at"):
        return f"{alias}.id IN (SELECT m.record FROM segment_member m WHERE m.segment = ?)", [number]
    if not held.get("conditions") and held.get("added"):
        return "unlikely(0)", []
    before, _opened.ids = _opened.ids, (*_opened.ids, number)
    try:
        found = query.compile_filter(actor, kind, figures.read_filter(held.get("conditions")), alias)
    finally:
        _opened.ids = before
    return f"({' AND '.join(each.sql for each in found) or '1'})", [value for each in found for value in each.params]


def condition(number: int) -> dict[str, Any]:
    """The filter that means a segment."""
    return {"field": "segment", "op": "eq", "value": str(number)}


def size(actor: Actor, record: Record) -> int | None:
    """How many members the actor reaches; None where its filter makes no sense any more."""
    try:
        return query.count(
            query.Ask(actor, by_key(values(record)["about"]), filter=condition(int(record.id))), cap=None
        )
    except (BadRequest, KeyError):
        return None


def keep(
    actor: Actor, kind: RecordType, name: str, filter_: Any, *, shared: str = "mine", over: Record | None = None
) -> Record:
    """Keep a segment, a new one or over another. Raises Invalid, BadRequest for a filter that makes no sense."""
    if not tidy(name):
        raise Invalid({"name": [str(L("Give the segment a name."))]})
    before, _opened.ids = _opened.ids, (*_opened.ids, *([int(over.id)] if over is not None else []))
    try:
        query.compile_filter(actor, kind, filter_)
    finally:
        _opened.ids = before
    text = figures.Spec(kind.card.key, filter=filter_).values()["filter"]
    given = {"name": name, "about": kind.card.key, "conditions": text, "shared": shared}
    return change.create(actor, Segment, given) if over is None else change.update(actor, over, given)


def freeze(actor: Actor, record: Record) -> Record:
    """Keep today's members whatever becomes of them."""
    access.need(actor, record, "edit")
    held = values(record)
    ask = query.Ask(actor, by_key(held["about"]), filter=condition(int(record.id)))
    members = [number for chunk in query.ids(ask) for number in chunk]
    with store.writing():
        _forget(int(record.id))
        for start in range(0, len(members), CHUNK):
            store.run_many(
                "INSERT INTO segment_member (segment, record) VALUES (?, ?)", [(record.id, each) for each in members[start : start + CHUNK]]
            )  # fmt: skip
        return change.update(actor, record, {"frozen_at": clock.stamp()}, trusted=True)


def thaw(actor: Actor, record: Record) -> Record:
    """Follow the filter again."""
    access.need(actor, record, "edit")
    return change.update(actor, record, {"frozen_at": None}, trusted=True)


def _forget(number: int) -> None:
    store.run(f"DELETE FROM {SegmentMember._meta.table_name} WHERE segment = ?", [number])


# ---------------------------------------------------------------- by hand


def by_hand(actor: Actor, record: Record, ids: Sequence[int], *, inside: bool) -> Record:
    """Put these records into the segment, or leave them out, whatever its filter says. Raises Forbidden, Invalid for too many."""
    access.need(actor, record, "edit")
    held = values(record)
    reached = access.within(actor, by_key(held["about"]), ids)
    chosen = [str(each) for each in dict.fromkeys(ids) if each in reached]
    to, other = ("added", "left_out") if inside else ("left_out", "added")
    listed = list(dict.fromkeys([*(held.get(to) or ()), *chosen]))
    if len(listed) > MOST:
        raise Invalid({"": [str(L("At most %(most)s by hand. Keep a filter instead.", most=MOST))]})
    rest = [each for each in held.get(other) or () if each not in set(chosen)]
    return change.update(actor, record, {to: listed, other: rest or None}, trusted=True)


# ---------------------------------------------------------------- used where


def _means(tree: Any, number: int) -> bool:
    """Whether a filter asks for the segment anywhere."""
    if isinstance(tree, list):
        return any(_means(each, number) for each in tree)
    if not isinstance(tree, dict):
        return False
    if str(tree.get("field", "")).rpartition(".")[2] == "segment":
        value = tree.get("value")
        return str(number) in [str(each) for each in (value if isinstance(value, list) else [value])]
    return any(_means(each, number) for each in tree.values() if isinstance(each, list | dict))


_USERS = (
    ("saved_view", "filter", "1", L("list")), ("figure", "conditions", "deleted_at IS NULL", L("figure")),
    ("segment", "conditions", "deleted_at IS NULL", L("segment")),
)  # fmt: skip


def used_by(number: int) -> list[str]:
    """Where the segment is asked for: lists, figures, other segments, by their names."""
    found = []
    for table, column, where, word in _USERS:
        sql = f"SELECT id, name, {column} FROM {table} WHERE {where} AND {column} LIKE '%segment%' ORDER BY name"
        for each, name, text in store.rows(sql):
            if (table != "segment" or each != number) and _means(_read(text), number):
                found.append(str(L("%(kind)s “%(name)s”", kind=word, name=name)))
    return found


def _read(text: str) -> Any:
    try:
        return figures.read_filter(text)
    except BadRequest:
        return None


@change.before("segment")
def still_needed(drafts: list[Draft]) -> None:
    """What lists and figures ask for is not taken away under them."""
    for draft in drafts:
        if draft.act == DELETE and draft.why != "undo" and (places := used_by(draft.id)):
            said = L("It is in use: %(places)s. Take it out of them first.", places=", ".join(places[:5]))
            raise change.Wrong(draft, {"": [str(said)]})

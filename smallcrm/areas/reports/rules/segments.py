"""Segments: the filter “is in the segment …”, their members, freezing them on purpose."""

from __future__ import annotations

import threading
from typing import Any

from smallcrm import store
from smallcrm.areas.reports.records import Segment, SegmentMember
from smallcrm.areas.reports.rules import sharing
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest, Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, figures, query
from smallcrm.records.fields import Choice, Field
from smallcrm.records.fields.choice import Option
from smallcrm.records.query import computed
from smallcrm.records.record import Record, RecordType, values

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
    if held.get("frozen_at"):
        return f"{alias}.id IN (SELECT m.record FROM segment_member m WHERE m.segment = ?)", [number]
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
    from smallcrm.records.record import by_key

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
    from smallcrm.records.record import by_key

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

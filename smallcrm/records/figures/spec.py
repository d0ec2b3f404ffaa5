"""What a figure asks: which records, what is measured, grouped by what, over which period, compared with which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.records.figures import periods
from smallcrm.records.record import RecordType, by_key, find_type

CHARTS: dict[str, Label] = {
    "number": L("One number"), "bars": L("Columns"), "rows": L("Bars"), "line": L("Line"), "stacked": L("Stacked columns"),
    "table": L("Table only"),
}  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """``about`` is a type's key. ``measure``: ``count``, ``sum:amount``, or one that an area registered. ``by`` and ``then``:
    a field, a field one link away, or a date with its bucket (``closed_on:month``). ``when``: the date the period speaks of."""

    about: str
    measure: str = "count"
    by: str = ""
    then: str = ""
    filter: Any = None
    when: str = ""
    period: str = ""
    compare: str = ""
    chart: str = ""

    @property
    def kind(self) -> RecordType:
        """The record type. Raises BadRequest."""
        found = find_type(self.about)
        if found is None:
            raise BadRequest(L("There is no type “%(type)s”.", type=self.about[:40]))
        return found

    @property
    def groups(self) -> tuple[str, ...]:
        """What is grouped by, at most two."""
        return tuple(each for each in (self.by, self.then) if each)

    @property
    def span(self) -> periods.Span | None:
        """The days it speaks of; None without a date or a period."""
        return periods.span(self.period) if self.when else None

    @property
    def drawn(self) -> str:
        """The kind of chart: the one asked for, where it fits what is asked."""
        if not self.by:
            return "number"
        if self.chart in CHARTS and self.chart != "number" and (self.chart != "stacked" or self.then):
            return self.chart
        if ":" in self.by:
            return "stacked" if self.then else "bars"
        return "rows"

    def narrowed(self, *conditions: Any) -> Spec:
        """The same over fewer records."""
        held = [*([self.filter] if self.filter else []), *(each for each in conditions if each)]
        return replace(self, filter=None if not held else held[0] if len(held) == 1 else {"all": held})

    def values(self) -> dict[str, Any]:
        """As a record or an address keeps it."""
        found = asdict(self)
        found["filter"] = json.dumps(self.filter, ensure_ascii=False, separators=(",", ":")) if self.filter else ""
        return found


def parse(given: Mapping[str, Any]) -> Spec:
    """A spec out of an address, a form or a record. Raises BadRequest for what is no text or no JSON."""
    held: dict[str, Any] = {}
    for each in fields(Spec):
        value = given.get(each.name)
        if each.name == "filter":
            held["filter"] = read_filter(value)
        else:
            held[each.name] = value[:200] if isinstance(value, str) else ""
    found = Spec(**held)
    found.kind  # noqa: B018  raises
    return replace(found, about=found.kind.card.key, measure=found.measure or "count")


def read_filter(value: Any) -> Any:
    """A filter out of its text. Raises BadRequest."""
    if not isinstance(value, str):
        return value or None
    try:
        return json.loads(value) or None if value.strip() else None
    except (ValueError, RecursionError):
        raise BadRequest(L("This filter cannot be read.")) from None


__all__ = ["CHARTS", "Spec", "by_key", "parse", "read_filter"]

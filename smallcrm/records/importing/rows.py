"""A cleaned row as values for the write path: amounts with their currency, phones in their places, names still to be found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.cleaning import CleanRow
from smallcrm.records.exchange.values import Amount
from smallcrm.records.fields import AnyLink, Date, Email, Field, Link, Moment, Money, Phone, Texts
from smallcrm.records.importing.problem import Finding, of_cell
from smallcrm.records.importing.targets import Target

Values = dict[str, Any]


@dataclass
class ReadRow:
    """Row ``number`` of the file. ``given``: field → value for the write path; ``names``: link field → what stands
    there; ``parts``: what each extra gets, by its prefix; ``overflow``: list field → values that further columns give."""

    number: int
    cells: Row
    given: Values = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Values] = field(default_factory=dict)
    overflow: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class RowReader:
    """Made once a plan: knows where the type keeps second phones, and the currency of amounts."""

    def __init__(self, targets: Mapping[str, Target], fields: Mapping[str, Field], currency: str) -> None:
        self._targets, self._company = targets, currency
        self._lists = {
            of: next((n for n, f in fields.items() if isinstance(f, Texts) and f.of == of and n in targets), "")
            for of in ("phone", "email")
        }
        self._has_currency = "currency" in targets

    def read(self, row: CleanRow, number: int) -> ReadRow:
        """The row's values by where they go."""
        found = ReadRow(number, row.cells, findings=[of_cell(problem) for problem in row.problems])
        currencies: dict[str, None] = {}
        for name, value in row.values.items():
            target = self._targets[name]
            if target.field is None:
                prefix, _, own = name.partition(".")
                found.parts.setdefault(prefix, {})[own] = plain(value)
            elif isinstance(target.field, Link | AnyLink):
                found.names[name] = str(value)
            else:
                found.given[name] = self._value(found, target.field, value, currencies)
        self._set_currency(found, list(currencies))
        return found

    def _value(self, row: ReadRow, each: Field, value: Any, currencies: dict[str, None]) -> Any:
        if isinstance(value, Amount):
            if value.currency and isinstance(each, Money):
                currencies[value.currency] = None
            return value.value
        if isinstance(each, Phone | Email) and isinstance(value, list):
            of = "phone" if isinstance(each, Phone) else "email"
            if len(value) > 1 and self._lists[of]:
                row.overflow.setdefault(self._lists[of], []).extend(value[1:])
            return value[0]
        return value

    def _set_currency(self, row: ReadRow, said: list[str]) -> None:
        """Amounts that name their currency set the record's, unless a column does."""
        known = [self._company if code == "CNY" and self._company == "JPY" else code for code in said]
        if not known or not self._has_currency or "currency" in row.given:
            return
        if len(set(known)) > 1:
            row.findings.append(Finding("currencies", "currency", None, {"code": known[0]}))
        row.given["currency"] = known[0]


def plain(value: Any) -> Any:
    """An exchange value as JSON and the write path take it."""
    return value.value if isinstance(value, Amount) else value


# ---------------------------------------------------------------- rows that join


def join(rows: list[ReadRow], fields: Mapping[str, Field]) -> tuple[Values, dict[str, list[str]], list[list[Finding]]]:
    """The values of rows that mean one record, its lists' additions, and what was different, a list for each row.

    A later row was written later: what it fills stands, but lists, phones, addresses and long texts are collected.
    """
    merged: Values = {}
    more: dict[str, list[str]] = {}
    said: dict[str, int] = {}
    findings: list[list[Finding]] = []
    for row in rows:
        mine: list[Finding] = []
        for name, value in {**row.given, **{n: ("name", text) for n, text in row.names.items()}}.items():
            if name not in merged or merged[name] == value:
                merged.setdefault(name, value)
                said.setdefault(name, row.number)
                continue
            each = fields[name]
            if isinstance(each, Phone | Email):
                more.setdefault(_list_for(each, fields), []).append(value)
            elif isinstance(value, list):
                merged[name] = list(dict.fromkeys([*merged[name], *value]))
            elif each.kind == "long_text":
                if value not in str(merged[name]).split("\n"):
                    merged[name] = f"{merged[name]}\n{value}"
            else:
                before = shown(merged[name])
                mine.append(Finding("differs", name, None, {"text": before, "row": said[name]}))
                merged[name], said[name] = value, row.number
        for name, values in row.overflow.items():
            more.setdefault(name, []).extend(values)
        findings.append(mine)
    more.pop("", None)
    return merged, more, findings


def _list_for(each: Field, fields: Mapping[str, Field]) -> str:
    of = "phone" if isinstance(each, Phone) else "email"
    return next((name for name, other in fields.items() if isinstance(other, Texts) and other.of == of), "")


def add_to_lists(
    values: Values, more: Mapping[str, list[str]], held: Mapping[str, Any], fields: Mapping[str, Field]
) -> None:
    """Put further phones and addresses behind those of the row, else behind those that stand there already."""
    for name, extra in more.items():
        each = fields[name]
        primary = next(
            (n for n, f in fields.items() if isinstance(f, Phone | Email) and _list_for(f, fields) == name), ""
        )
        base = values.get(name) or held.get(name) or []
        main = values.get(primary) or held.get(primary)
        taken = {_same(each, text, held) for text in [*base, *([main] if main else [])]}
        joined = list(base)
        for text in extra:
            key = _same(each, text, held)
            if key not in taken:
                taken.add(key)
                joined.append(text)
        if joined != (held.get(name) or []):
            values[name] = joined


def _same(each: Field, text: str, held: Mapping[str, Any]) -> str:
    found = each.match_keys([text], held)
    return found[0] if found else text


def shown(value: Any) -> str:
    """A value in a sentence: ISO dates, plain figures."""
    if isinstance(value, tuple):
        return str(value[1])
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def normal(each: Field, value: Any) -> Any:
    """What makes two typed values of a field the same."""
    if isinstance(each, Date | Moment) and isinstance(value, dt.date):
        return value.isoformat()
    return value

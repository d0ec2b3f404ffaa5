"""Filters in words: the operators' names and a condition as a chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smallcrm.base import ids
from smallcrm.base.i18n import L, Label, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.fields import AnyLink, Choice, Choices, Cleaning, Field, FieldError, Link, Links, Reading
from smallcrm.records.query import computed
from smallcrm.records.record import RecordType, by_key

if TYPE_CHECKING:
    from smallcrm.records.query.filters import Said

OPERATORS: dict[str, Label] = {
    "eq": L("is", "filter"),
    "ne": L("is not", "filter"),
    "in": L("is", "filter"),
    "not_in": L("is not", "filter"),
    "lt": L("is under", "filter"),
    "lte": L("is at most", "filter"),
    "gt": L("is over", "filter"),
    "gte": L("is at least", "filter"),
    "between": L("is between", "filter"),
    "contains": L("contains", "filter"),
    "starts_with": L("begins with", "filter"),
    "is_empty": L("is empty", "filter"),
    "not_empty": L("is filled", "filter"),
    "within_days": L("is within", "filter"),
    "older_than_days": L("is longer ago than", "filter"),
    "mine": L("is me", "filter"),
    "my_team": L("is in my team", "filter"),
}


def said(actor: Actor, kind: RecordType, item: Any, index: int) -> Said:
    """One condition as a chip."""
    from smallcrm.records.query.filters import Said

    if not isinstance(item, Mapping) or "field" not in item:
        inner = item.get("any") or item.get("all") or [] if isinstance(item, Mapping) else []
        glue = f" {L('or', 'filter')} " if isinstance(item, Mapping) and "any" in item else f" {L('and', 'filter')} "
        texts = [said(actor, kind, each, index) for each in inner]
        words = glue.join(f"{each.label} {each.op} {each.value}".strip() for each in texts)
        return Said("", "", "", words, index, nested=True)
    path, op = str(item["field"]), str(item.get("op"))
    found, label = _resolve(actor, kind, path)
    value = _value(actor, found, op, item.get("value")) if found is not None else str(item.get("value"))
    return Said(path, label, str(OPERATORS.get(op, op)), value, index)


def _resolve(actor: Actor, kind: RecordType, path: str) -> tuple[Field | None, str]:
    here: RecordType = kind
    words: list[str] = []
    found: Field | None = None
    for step in path.split("."):
        found = access.readable(actor, here).get(step)
        words.append(labels.field(here, step) if found is not None else "")
        found = found or computed.find(actor, here, step)
        if found is None:
            return None, path
        words[-1] = words[-1] or str(found.label)
        if isinstance(found, Link):
            here = by_key(found.to)
    return found, " · ".join(words)


def _value(actor: Actor, found: Field, op: str, value: Any) -> str:
    if op in ("is_empty", "not_empty", "mine", "my_team"):
        return ""
    if op in ("within_days", "older_than_days"):
        return ngettext("%(n)s day", "%(n)s days", ids.whole(str(value)) or 0)
    several = value if isinstance(value, list) else [value]
    glue = f" {L('and', 'filter')} " if op == "between" else f" {L('or', 'filter')} "
    shown = [_one(actor, found, each) for each in several[:4]]
    if len(several) > 4:
        shown.append("…")
    return glue.join(shown)


def _one(actor: Actor, found: Field, value: Any) -> str:
    if isinstance(found, Choice | Choices):
        try:
            return found.label_of(found.find(value))
        except FieldError:
            return str(value)
    reading = access.reading(actor)
    if isinstance(found, AnyLink):
        return _any(found, value, reading)
    if isinstance(found, Links):
        return found.show_one(found.clean_item(value), reading)
    if isinstance(found, Link):
        key = value.get("id") if isinstance(value, dict) else value
        return found.show(number, {}, reading) if (number := ids.number(str(key))) is not None else str(value)
    if found.is_list or found.kind in ("text", "long_text", "email", "phone", "url"):
        return str(value)
    try:
        return found.show(found.clean(value, Cleaning(actor=actor)), {}, reading)
    except (FieldError, KeyError):
        return str(value)


def _any(found: AnyLink, value: Any, reading: Reading) -> str:
    try:
        return reading.name_of(*found.clean(value, Cleaning(actor=reading.actor))) or "–"
    except FieldError:
        return str(value)

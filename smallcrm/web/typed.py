"""What a form brought, field by field: as it was typed (to be shown again) and as values for the write path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from smallcrm.base import ids
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.clean import Errors
from smallcrm.records.fields import AnyLink, Choices, Cleaning, Field, FieldError, Lines, Links, Numbers
from smallcrm.records.record import RecordType

Form = MultiDict[str, str]


def collect(actor: Actor, kind: RecordType, form: Form) -> dict[str, Any]:
    """What was typed, by field, for the fields that the form holds."""
    found: dict[str, Any] = {}
    for name, each in access.writable(actor, kind).items():
        if isinstance(each, Lines):
            rows = _rows(name, each, form)
            if rows is not None:
                found[name] = rows
        elif isinstance(each, AnyLink):
            if f"{name}_type" in form:
                found[name] = {"type": form[f"{name}_type"], "id": form.get(name, "")}
            elif name in form:
                found[name] = form[name]
        elif isinstance(each, Numbers):
            if name in form:
                found[name] = {option.key: form.get(f"{name}-{option.key}", "") for option in each.keys}
        elif name in form:
            several = form.getlist(name)
            if isinstance(each, Choices | Links):
                found[name] = [value for value in several if value]
            else:
                found[name] = several[-1]
    return found


def ticked(name: str) -> bool:
    """Whether the request's form came with a box ticked (an empty hidden value stands before it)."""
    return "1" in request.form.getlist(name)


def _rows(name: str, each: Lines, form: Form) -> list[dict[str, str]] | None:
    """The rows of a Lines field, in the order of the form; None when the form does not hold it."""
    pattern = re.compile(rf"{re.escape(name)}-(\w+)-(\w+)")
    rows: dict[str, dict[str, str]] = {}
    for key, value in form.items(multi=True):
        match = pattern.fullmatch(key)
        if match and match[1] != "__n__" and (match[2] in each.parts or match[2] == "id"):
            rows.setdefault(match[1], {})[match[2]] = value
    if not rows and name not in form:
        return None
    return list(rows.values())


def values(
    actor: Actor, kind: RecordType, typed: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], Errors]:
    """Typed text as values for ``change``, with what cannot be read."""
    given: dict[str, Any] = {}
    errors: Errors = {}
    context = Cleaning(actor=actor, values={**(before or {}), **{n: v for n, v in typed.items() if isinstance(v, str)}})
    fields = access.writable(actor, kind)
    for name, raw in typed.items():
        each = fields[name]
        try:
            given[name] = _value(each, raw, context)
        except FieldError as error:
            errors[name] = [str(error)]
    return given, errors


def _value(each: Field, raw: Any, context: Cleaning) -> Any:
    if isinstance(each, Lines):
        return [_line(each, row, context) for row in raw]
    if isinstance(each, AnyLink):
        return raw or None if isinstance(raw, str) else raw if raw.get("id") else None
    if isinstance(each, Numbers):
        return {key: each.read_one(text, context) for key, text in raw.items() if text.strip()} or None
    if isinstance(raw, list):
        return raw
    return each.read(raw, context) if raw.strip() else None


def _line(each: Lines, row: Mapping[str, str], context: Cleaning) -> dict[str, Any]:
    found: dict[str, Any] = {"id": ids.number(row.get("id", ""))}
    for name, part in each.parts.items():
        text = row.get(name, "")
        found[name] = part.read(text, context) if text.strip() else None
    return found

"""Field values on their way out, masked where the actor may not see them yet: one place for every door."""

from __future__ import annotations

from typing import Any

from smallcrm.records.fields import Field, Reading
from smallcrm.records.fields.base import Values
from smallcrm.records.fields.phone import masked as masked_number


def mask(field: Field, value: Any) -> Any:
    """What may be told of a masked value: enough to recognise it, not enough to use it."""
    if isinstance(value, list):
        return [mask(field, each) if isinstance(each, str) else "••••" for each in value]
    if not isinstance(value, str) or not value:
        return value
    if field.masked == "phone":
        return masked_number(value)
    if "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:1]}•••@{domain}"
    return f"{value[:1]}••••"


def shown(field: Field, values: Values, reading: Reading) -> str:
    """For people."""
    value = values.get(field.columns[0])
    if field.key in reading.masked:
        hidden = mask(field, value)
        return "; ".join(hidden) if isinstance(hidden, list) else str(hidden or "")
    return field.show(value, values, reading)


def api(field: Field, values: Values, reading: Reading) -> Any:
    """For programs."""
    value = values.get(field.columns[0])
    if field.key in reading.masked and value:
        return mask(field, value)
    return field.api(value, values, reading)


def cell(field: Field, values: Values, reading: Reading) -> Any:
    """For Excel."""
    if field.key in reading.masked:
        return shown(field, values, reading) or None
    return field.cell(values.get(field.columns[0]), values, reading)

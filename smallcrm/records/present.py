"""Field values on their way out, masked where the actor may not see them yet: one place for every door."""

from __future__ import annotations

from typing import Any

from smallcrm.records.fields import Field, Reading
from smallcrm.records.fields.base import Values
from smallcrm.records.fields.phone import masked as masked_number

_TEXTUAL = ("text", "long_text", "phone", "email", "url", "texts")


def mask(field: Field, value: Any) -> Any:
    """What may be told of a masked value: enough to recognise it, not enough to use it. Only texts leave a trace."""
    if field.kind not in _TEXTUAL:
        return None
    if isinstance(value, list):
        return [mask(field, each) for each in value if isinstance(each, str)]
    if not isinstance(value, str) or not value:
        return value
    if field.masked == "phone":
        return masked_number(value)
    if "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:1]}•••@{domain}"
    return f"{value[:1] if len(value) > 2 else ''}••••"


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
    if field.key in reading.masked and value is not None:
        value = mask(field, value)
        values = {**values, **dict.fromkeys(field.columns, None), field.columns[0]: value}
    return field.api(value, values, reading)


def cell(field: Field, values: Values, reading: Reading) -> Any:
    """For Excel."""
    if field.key in reading.masked:
        return shown(field, values, reading) or None
    return field.cell(values.get(field.columns[0]), values, reading)

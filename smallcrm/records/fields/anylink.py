"""A link to a record of any type: (type, id)."""

from __future__ import annotations

from typing import Any

import peewee

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values
from smallcrm.records.fields.link import clean_id


class AnyLink(Field):
    """Two columns: ``<name>`` (the id) and ``<name>_type`` (the type's key). API: ``{"type", "id", "name"}``.

    Pickers say ``customer/5``. ``picked``: forms offer a search over every type; else they only carry it along.
    """

    kind = "anylink"
    operators = ("eq", "ne", *NOTHING)

    field_type = "INTEGER"

    def __init__(self, label: Any, *, cascade: bool = False, picked: bool = False, **flags: Any) -> None:
        super().__init__(label, **flags)
        self.cascade = cascade  # goes into the bin with what it links to
        self.picked = picked

    def _columns(self) -> tuple[str, ...]:
        return (str(self.name), f"{self.name}_type")

    def bind(self, model: Any, name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)
        model._meta.add_field(f"{name}_type", peewee.TextField(null=True))

    def clean(self, value: Any, context: Cleaning) -> Any:
        from smallcrm.records.record import find_type

        if isinstance(value, list | tuple) and len(value) == 2:
            value = {"type": value[0], "id": value[1]}
        elif isinstance(value, str) and "/" in value:
            value = dict(zip(("type", "id"), value.split("/", 1), strict=True))
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            raise FieldError(str(L("This takes a type and an id.")))
        kind = find_type(value["type"])
        if kind is None:
            raise FieldError(str(L("There is no type “%(type)s”.", type=value["type"][:40])))
        return kind.card.key, clean_id(value.get("id"))

    def fill(self, value: Any, context: Cleaning) -> dict[str, Any]:
        if self.blank(value):
            return {self.columns[0]: None, self.columns[1]: None}
        key, number = self.clean(value, context)
        return {self.columns[0]: number, self.columns[1]: key}

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return (reading.name_of(values[self.columns[1]], value) or "–") if value else ""

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return f"{values[self.columns[1]]}/{value}" if value else ""

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        from smallcrm.records.record import by_key

        if not value:
            return None
        key = values[self.columns[1]]
        name = reading.name_of(key, value)
        return {"type": by_key(key).card.name, "id": value, "name": name} if name is not None else None

    def schema(self) -> dict[str, Any]:
        return {
            "type": ["object", "null"],
            "properties": {"type": {"type": "string"}, "id": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["type", "id", "name"],
        }

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        number, key = (f'{alias}."{column}"' for column in self.columns)
        if op == "is_empty":
            return f"{number} IS NULL", []
        if op == "not_empty":
            return f"{number} IS NOT NULL", []
        wanted_key, wanted = self.clean(value, Cleaning(actor=actor))
        same = f"({key} = ? AND {number} = ?)"
        return (same if op == "eq" else f"({number} IS NULL OR NOT {same})"), [wanted_key, wanted]

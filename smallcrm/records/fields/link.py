"""A link to one record of a type; the owner and other users are links too."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields import operators
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values


def clean_id(value: Any) -> int:
    """An id out of ``7``, ``"7"`` or ``{"id": 7}``. Raises FieldError."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**40:
        raise FieldError(str(L("This takes the id of a record.")))
    return value


class Link(Field):
    """The id of a record of type ``to``. That it exists within the actor's reach is checked as it is written."""

    kind = "link"
    field_type = "INTEGER"
    operators: tuple[str, ...] = ("eq", "ne", "in", "not_in", *NOTHING)  # type: ignore[misc]

    def __init__(self, label: Any, to: str, *, cascade: bool = False, **flags: Any) -> None:
        super().__init__(label, **flags)
        self.to = to
        self.cascade = cascade  # goes into the bin with what it links to
        if to == "user":
            self.operators = (*Link.operators, "mine", "my_team")

    def clean(self, value: Any, context: Cleaning) -> int:
        return clean_id(value)

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return (reading.name_of(self.to, value) or "–") if value else ""

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return str(value) if value else ""

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        if not value:
            return None
        name = reading.name_of(self.to, value)
        return {"id": value, "name": name} if name is not None else None

    def schema(self) -> dict[str, Any]:
        return {
            "type": ["object", "null"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["id", "name"],
        }

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["integer", "object", "null"]}

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        column = self.expr(alias)
        if op == "mine":
            return f"{column} = ?", [actor.id]
        if op == "my_team":
            marks = ", ".join("?" * len(actor.teams))
            return f'{column} IN (SELECT id FROM "user" WHERE team IN ({marks}))', list(actor.teams)
        return operators.simple(self, op, value, alias, actor)

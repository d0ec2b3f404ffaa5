"""Links to several records of a few types: the members of a pool are users and whole teams."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.fields.base import NOTHING, Cleaning, FieldError, Reading, Values
from smallcrm.records.fields.link import clean_id
from smallcrm.records.fields.texts import Texts


def parts(token: str) -> tuple[str, int]:
    """``"user/3"`` → ("user", 3)."""
    key, _, number = token.partition("/")
    return key, int(number)


class Links(Texts):
    """Stored as a JSON list of ``"user/3"``. ``to``: the keys of the types, the first of which is meant by a bare id.

    API: ids of the first type, ``{"type": "teams", "id": 5}`` for the others; that they exist is checked as they are written.
    """

    kind = "links"
    operators: tuple[str, ...] = ("eq", "ne", "in", "not_in", *NOTHING)  # type: ignore[misc,assignment]

    def __init__(self, label: Any, *to: str, most: int = 500, **flags: Any) -> None:
        super().__init__(label, most=most, **flags)
        self.to = to

    def clean(self, value: Any, context: Cleaning) -> list[str] | None:
        if isinstance(value, str):
            value = [each.strip() for each in value.split(";") if each.strip()]
        several = value if isinstance(value, list | tuple) else [value]
        return super().clean([self._meant(each, context.actor) for each in several], context)

    def _meant(self, item: Any, actor: Actor) -> Any:
        """A name, as a list that was filled in holds it, as the record that it leads to; anything else as it is."""
        from smallcrm.records.importing.names import Finder
        from smallcrm.records.record import by_key

        if not isinstance(item, str) or "/" in item or item.strip().isdigit():
            return item
        for key in self.to:
            if found := Finder(actor, by_key(key))(item).id:
                return f"{key}/{found}"
        raise FieldError(str(L("There is no “%(name)s” here, or there are several.", name=item[:60])))

    def clean_item(self, item: Any) -> str:
        from smallcrm.records.record import find_type

        key: Any = self.to[0]
        if isinstance(item, str) and "/" in item:
            key, _, item = item.partition("/")
        elif isinstance(item, dict) and "type" in item:
            key = item["type"]
        kind = find_type(key) if isinstance(key, str) else None
        if kind is None or kind.card.key not in self.to:
            raise FieldError(str(L("There is no type “%(type)s” here.", type=str(key)[:40])))
        return f"{kind.card.key}/{clean_id(item)}"

    def show_one(self, token: str, reading: Reading) -> str:
        """The name of one of them, within reach; a dash for what is none, as a form that was refused may hold it."""
        try:
            return reading.name_of(*parts(self.clean_item(token))) or "–"
        except FieldError:
            return "–"

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "; ".join(self.show_one(token, reading) for token in value or ())

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        from smallcrm.records.record import by_key

        found: list[Any] = []
        for key, number in map(parts, value or ()):
            found.append(number if key == self.to[0] else {"type": by_key(key).card.name, "id": number})
        return found

    def schema(self) -> dict[str, Any]:
        one = {
            "type": ["integer", "object"],
            "properties": {"type": {"type": "string"}, "id": {"type": "integer"}},
        }
        return {"type": "array", "items": one}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"]}

    def words(self, value: Any) -> str:
        return ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        return []

    def item_operand(self, value: Any) -> str:
        return self.clean_item(value)

    def condition(self, op: str, value: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        if op in ("in", "not_in") and not isinstance(value, list | tuple):
            raise FieldError(str(L("“in” takes a list of values.")))
        return super().condition(op, value, alias, actor)

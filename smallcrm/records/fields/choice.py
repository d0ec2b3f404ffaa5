"""One or several of a list. Closed lists hold a key and show a label; open ones keep what is typed and offer it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm.base.i18n import L, Label
from smallcrm.base.text import fold, index_words
from smallcrm.identity.actor import Actor
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values, need_text
from smallcrm.records.fields.texts import Texts


@dataclass(frozen=True)
class Option:
    """One entry: what is stored, what is shown, and the tone of its label (good, warn, bad, acc)."""

    key: str
    label: Label
    tone: str = ""


def options(pairs: Sequence[tuple[str, Label]] | Sequence[Option]) -> tuple[Option, ...]:
    """Pairs of key and label as options."""
    return tuple(each if isinstance(each, Option) else Option(*each) for each in pairs)


class _Listed:
    """Shared by one and several: finding an option by key or by what people call it."""

    _options: tuple[Option, ...] | Callable[[], Sequence[Option]]

    @property
    def options(self) -> Sequence[Option]:
        return self._options() if callable(self._options) else self._options

    @property
    def _by_key(self) -> Mapping[str, Option]:
        """Options by key; made once, or once for each list that a function gives."""
        offered = self.options
        held: tuple[Sequence[Option], dict[str, Option]] | None = self.__dict__.get("_indexed")
        if held is None or held[0] is not offered:
            held = (offered, {each.key: each for each in offered})
            self.__dict__["_indexed"] = held
        return held[1]

    def option(self, key: Any) -> Option | None:
        return self._by_key.get(key)

    def find(self, value: Any) -> str:
        """The key meant by ``value``. Raises FieldError naming the choices."""
        text = need_text(value).strip()
        if text in self._by_key:
            return text
        wanted = fold(text)
        for each in self.options:
            if wanted in (fold(each.key), fold(str(each.label))):
                return each.key
        offered = ", ".join(str(each.label) for each in self.options[:12])
        raise FieldError(
            str(L("There is no “%(value)s” here. Choose from: %(offered)s.", value=text[:40], offered=offered))
        )

    def label_of(self, key: str) -> str:
        found = self.option(key)
        return str(found.label) if found else key


class Choice(_Listed, Field):
    """One of a closed list."""

    kind = "choice"
    operators = ("eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", *NOTHING)

    def __init__(self, label: Any, choices: Any, **flags: Any) -> None:
        Field.__init__(self, label, **flags)
        self._options = choices if callable(choices) else options(choices)

    def clean(self, value: Any, context: Cleaning) -> str:
        return self.find(value)

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return self.label_of(value) if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "enum": [*(each.key for each in self.options), None]}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def words(self, value: Any) -> str:
        return index_words(self.label_of(value)) if value else ""

    def operand(self, value: Any, actor: Actor) -> Any:
        return self.find(value)


class Choices(_Listed, Texts):
    """Several of a closed list, stored as a JSON list of keys."""

    kind = "choices"

    def __init__(self, label: Any, choices: Any, **flags: Any) -> None:
        Texts.__init__(self, label, **flags)
        self._options = choices if callable(choices) else options(choices)

    def clean_item(self, item: Any) -> str:
        return self.find(item)

    def show_item(self, item: str) -> str:
        return self.label_of(item)

    def item_operand(self, value: Any) -> str:
        return self.find(value)

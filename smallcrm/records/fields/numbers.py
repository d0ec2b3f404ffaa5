"""A whole number for each of a few keys: days by grade."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values
from smallcrm.records.fields.choice import Option
from smallcrm.records.fields.number import Number

_PAIR = re.compile(r"\s*(.+?)\s*[\s=:：]\s*(\S+)\s*")


class Numbers(Field):
    """Stored as a JSON object, ``{"A": 60, "C": 0}``; a key that is not in it has no number of its own.

    ``keys`` gives the options whose keys may stand in it. Typed and in Excel: ``A 60; C 0``.
    """

    kind = "numbers"
    operators = NOTHING

    def __init__(
        self, label: Any, keys: Sequence[Option] | Callable[[], Sequence[Option]], *, least: int = 0,
        most: int = 100_000, unit: Any = "", **flags: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **flags)
        self._keys = keys
        self.unit = unit
        self.number = Number(label, least=least, most=most)
        self.inline = False

    @property
    def keys(self) -> Sequence[Option]:
        """The keys there may be."""
        return self._keys() if callable(self._keys) else self._keys

    def to_sql(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else value

    def from_sql(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def clean(self, value: Any, context: Cleaning) -> dict[str, int] | None:
        if isinstance(value, str):
            value = self.read(value, context)
        if not isinstance(value, Mapping):
            raise FieldError(str(L("This takes an object.")))
        known = {option.key: option for option in self.keys}
        unknown = [key for key in value if key not in known]
        if unknown:
            raise FieldError(str(L("There is no “%(name)s”.", name=str(unknown[0])[:40])))
        kept: dict[str, int] = {}
        for key, option in known.items():
            if not self.blank(value.get(key)):
                try:
                    kept[key] = self.number.clean(value[key], context)
                except FieldError as error:
                    text = L("%(label)s: %(error)s", label=str(option.label), error=str(error))
                    raise FieldError(str(text)) from None
        return kept or None

    def read(self, text: str, context: Cleaning) -> Any:
        found: dict[str, Any] = {}
        for part in re.split(r"[;；\n]", text):
            if part.strip():
                pair = _PAIR.fullmatch(part)
                if pair is None:
                    raise FieldError(str(L("Write it like this: A 60; B 30")))
                found[self._key(pair[1])] = self.read_one(pair[2], context)
        return found

    def _key(self, word: str) -> str:
        wanted = word.strip().casefold()
        for option in self.keys:
            if wanted in (option.key.casefold(), str(option.label).casefold()):
                return option.key
        raise FieldError(str(L("There is no “%(name)s”.", name=word[:40])))

    def read_one(self, text: str, context: Cleaning) -> Any:
        """One number as a person typed it."""
        return self.number.read(text, context)

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        labels = {option.key: str(option.label) for option in self.keys}
        return "; ".join(f"{labels.get(key, key)} {formats.number(number)}" for key, number in (value or {}).items())

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return "; ".join(f"{key} {number}" for key, number in (value or {}).items())

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        return dict(value or {})

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "integer"}}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}

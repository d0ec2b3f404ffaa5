"""Rows inside a record: addresses, invoice data, consents. Replaced as a list, each row keeping its id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.base.text import index_words
from smallcrm.records.fields.base import NOTHING, Cleaning, Field, FieldError, Reading, Values


class Lines(Field):
    """A JSON list of objects, each with ``id`` (a small number of its own) and the ``parts``, which are fields."""

    kind = "lines"
    operators = NOTHING
    is_list = True

    def __init__(
        self, label: Any, parts: Sequence[tuple[str, Field]], *, most: int = 200, glue: str = ", ", **flags: Any
    ) -> None:
        super().__init__(label, wide=True, **flags)
        self.parts = {name: part.unbound(name) for name, part in parts}
        self.most = most
        self.glue = glue  # what stands between the parts of a row that is shown in a line
        self.inline = False

    def to_sql(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if value else None

    def from_sql(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def clean(self, value: Any, context: Cleaning) -> list[dict[str, Any]] | None:
        if not isinstance(value, list | tuple):
            raise FieldError(str(L("This takes a list of rows.")))
        if len(value) > self.most:
            raise FieldError(str(L("At most %(most)s rows.", most=self.most)))
        rows = [self._row(row, number, context) for number, row in enumerate(value, 1)]
        rows = [row for row in rows if any(v is not None for k, v in row.items() if k != "id")]
        taken = {row["id"] for row in rows if row["id"]}
        following = max(taken, default=0)
        seen: set[int] = set()
        for row in rows:
            if not row["id"] or row["id"] in seen:
                following += 1
                row["id"] = following
            seen.add(row["id"])
        return rows or None

    def _row(self, row: Any, number: int, context: Cleaning) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise FieldError(str(L("Row %(n)s is no object.", n=number)))
        unknown = set(row) - set(self.parts) - {"id"}
        if unknown:
            raise FieldError(str(L("Row %(n)s: there is no “%(name)s”.", n=number, name=min(map(str, unknown))[:40])))
        kept: dict[str, Any] = {"id": row.get("id") if isinstance(row.get("id"), int) and row["id"] > 0 else None}
        for name, part in self.parts.items():
            try:
                kept[name] = None if part.blank(row.get(name)) else part.clean(row[name], context)
            except FieldError as error:
                raise FieldError(
                    str(L("Row %(n)s, %(label)s: %(error)s", n=number, label=str(part.label), error=str(error)))
                ) from None
            if part.required and kept[name] is None and any(not part.blank(v) for k, v in row.items() if k != "id"):
                raise FieldError(str(L("Row %(n)s: %(label)s is missing.", n=number, label=str(part.label))))
        return kept

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "; ".join(self.show_row(row, reading) for row in value or ())

    def show_row(self, row: dict[str, Any], reading: Reading) -> str:
        """One row in a line."""
        shown = (self._part(part, row.get(name), row, reading) for name, part in self.parts.items())
        return self.glue.join(text for text in shown if text)

    @staticmethod
    def _part(part: Field, value: Any, row: dict[str, Any], reading: Reading) -> str:
        """A tick is said by what it means, and only where it is set."""
        return (str(part.label) if value else "") if part.kind == "flag" else part.show(value, row, reading)

    def api(self, value: Any, values: Values, reading: Reading) -> Any:
        return [
            {"id": row["id"], **{n: part.api(row.get(n), row, reading) for n, part in self.parts.items()}}
            for row in value or ()
        ]

    def schema(self) -> dict[str, Any]:
        properties = {"id": {"type": "integer"}, **{n: part.schema() for n, part in self.parts.items()}}
        return {"type": "array", "items": {"type": "object", "properties": properties}}

    def write_schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"]}

    def words(self, value: Any) -> str:
        texts = (row.get(n) for row in value or () for n, part in self.parts.items() if part.kind == "text")
        return " ".join(index_words(text) for text in texts if text)

"""A size in octets, shown as ``84 KB`` and typed the same way."""

from __future__ import annotations

import re
from typing import Any

from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.records.fields.base import Cleaning, FieldError, Reading, Values
from smallcrm.records.fields.number import Number

_STEPS = {"": 1, "B": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_TYPED = re.compile(r"([\d.,\s\u00a0\u202f]+)\s*([KMGT]?)i?(?:B|bytes?)?", re.IGNORECASE)


class Size(Number):
    """API: the octets as an integer. Filters also take ``"5 MB"``."""

    kind = "size"

    def clean(self, value: Any, context: Cleaning) -> int:
        return super().clean(self.read(value, context) if isinstance(value, str) else value, context)

    def read(self, text: str, context: Cleaning) -> Any:
        match = _TYPED.fullmatch(text.strip())
        try:
            return int(formats.parse_number(match[1].strip()) * _STEPS[match[2].upper()]) if match else int(text)
        except ValueError:
            raise FieldError(str(L("“%(text)s” is no size. It looks like 5 MB.", text=text[:40]))) from None

    def show(self, value: Any, values: Values, reading: Reading) -> str:
        return "" if value is None else formats.size(value)

    def edit(self, value: Any, values: Values, reading: Reading) -> str:
        return self.show(value, values, reading)

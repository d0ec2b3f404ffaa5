"""Where a page of a list ends: the last row's sort values and id, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L


@dataclass(frozen=True)
class Cursor:
    """``values``: of the sort keys in the last row (None is empty); ``last``: its id; ``order``: the sort it belongs to."""

    order: str
    values: tuple[Any, ...]
    last: int

    def text(self) -> str:
        """As it stands in a link."""
        raw = json.dumps([self.order, list(self.values), self.last], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def parse(text: str, order: str, keys: int) -> Cursor:
    """The cursor in a link. Raises BadRequest where it does not belong to this order."""
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        found_order, values, last = json.loads(raw)
    except (binascii.Error, ValueError, TypeError, UnicodeError, RecursionError):
        raise BadRequest(L("This is no cursor.")) from None
    if (
        found_order != order
        or not isinstance(values, list)
        or len(values) != keys
        or isinstance(last, bool)
        or not isinstance(last, int)
        or not all(v is None or (isinstance(v, str | int | float) and not _huge(v)) for v in values)
        or _huge(last)
    ):
        raise BadRequest(L("This cursor belongs to another order."))
    return Cursor(order, tuple(values), last)


def _huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= 2**63

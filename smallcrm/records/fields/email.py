"""An e-mail address."""

from __future__ import annotations

import re
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.base.text import fold, index_address, tidy
from smallcrm.records.fields.base import Cleaning, FieldError, Values, need_text
from smallcrm.records.fields.text import Text

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]", re.UNICODE)


def clean_address(value: Any) -> str:
    """One address, trimmed; ``mailto:`` and ``Name <…>`` are taken off. Raises FieldError."""
    try:
        text = tidy(need_text(value))
    except FieldError:
        raise
    except ValueError:
        raise FieldError(str(L("This is no e-mail address."))) from None
    text = text.removeprefix("mailto:").removeprefix("MAILTO:")
    if found := re.fullmatch(r"[^<>]*<([^<>]+)>", text):
        text = found[1].strip()
    if len(text) > 254 or not _ADDRESS.fullmatch(text):
        raise FieldError(str(L("“%(text)s” is no e-mail address. It looks like name@example.com.", text=text[:60])))
    return text


class Email(Text):
    """The primary address."""

    kind = "email"

    def __init__(self, label: Any, **flags: Any) -> None:
        super().__init__(label, most=254, **flags)

    def clean(self, value: Any, context: Cleaning) -> str | None:
        return clean_address(value)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": 254}

    def words(self, value: Any) -> str:
        return index_address(value) if value else ""

    def match_keys(self, value: Any, values: Values) -> list[str]:
        return [fold(value)] if value else []

"""Targets out of a workbook: whoever stands in the first column, the months in the twelve after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from smallcrm.areas.targets.rules.plans import Months, Subject
from smallcrm.areas.targets.rules.progress import half_up
from smallcrm.base import formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key, tidy

MOST_ROWS = 5000


@dataclass
class Brought:
    """Word → months, and the names nobody goes by."""

    rows: dict[str, Months] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def read(file: Any, mine: Sequence[Subject]) -> Brought:
    """What the file says of those whom the actor sets targets for. Raises Invalid for what is no such workbook."""
    from smallcrm.areas.reports.rules.opening import rows_of

    if file is None or not file.filename:
        raise Invalid({"file": [str(L("Choose a file."))]})
    try:
        rows = rows_of(BytesIO(file.stream.read()), MOST_ROWS)
    except ValueError:
        raise Invalid({"file": [str(L("This is no Excel workbook (.xlsx)."))]}) from None
    known = {sort_key(each.name): each.word for each in mine}
    found = Brought()
    for row in rows[1:]:
        name = tidy(str(row[0])) if row and row[0] is not None else ""
        if not name:
            continue
        word = known.get(sort_key(name))
        if word is None:
            found.unknown.append(name[:80])
            continue
        found.rows[word] = tuple(_number(row[n] if n < len(row) else None, name) for n in range(1, 13))
    if not found.rows and not found.unknown:
        raise Invalid(
            {"file": [str(L("There is no row in it. The first column names who, the twelve after it are the months."))]}
        )
    return found


def _number(value: Any, name: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = formats.parse_number(value) if isinstance(value, str) else Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite() or not 0 <= number <= 10**13:
            raise ValueError(value)
        return half_up(number)
    except (ValueError, InvalidOperation):
        raise Invalid(
            {"file": [str(L("“%(value)s” at %(name)s is no number.", value=str(value)[:30], name=name[:40]))]}
        ) from None

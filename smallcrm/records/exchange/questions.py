"""What the file leaves open, asked of whoever imports it; answers go into the mapping at ``part``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base.i18n import L, Lazy

ASKED: dict[str, Lazy] = {
    "encoding": L("Which reading of this file looks right?"),
    "bad_lines": L(
        "The file mixes encodings: line %(lines)s does not fit %(encoding)s. Save it again as UTF-8, or choose "
        "another encoding."
    ),
    "separator": L("What separates the columns?"),
    "sheet": L("Which sheet shall be read?"),
    "header_rows": L("Which row holds the names of the columns?"),
    "date_order": L("How is “%(text)s” meant?"),
    "decimal": L("How much is “%(text)s”?"),
    "columns": L("Where does the column “%(column)s” go?"),
    "values": L("What do these values of “%(column)s” mean?"),
    "currency": L("Which currency are the amounts of “%(column)s” in that name none? (%(count)s)"),
    "formatted": L("The figures of “%(column)s” are formatted in %(currency)s. Which currency are they in?"),
    "no_columns": L("No column of this file could be matched. Choose where they go."),
}

WARNED: dict[str, Lazy] = {
    "hidden_columns": L("Hidden columns are left out unless you choose a field for them: %(columns)s."),
    "hidden_rows": L("Rows hidden by a filter are read too: %(count)s."),
    "no_results": L(
        "“%(column)s” holds formulas without stored results: %(count)s. Open the file in Excel or LibreOffice and"
        " save it again."
    ),
    "merged": L("Texts merged over several rows count for each of them; figures count once."),
    "lone_quotes": L("A quotation mark was never closed and taken as it stands, first in row %(row)s."),
    "zeros": L("The file holds zero characters, which were dropped: %(count)s."),
    "lost_letters": L("Letters were lost when this file was made (shown as �): %(count)s. Ask for a fresh export."),
    "left_out": L("Rows outside the table are left out: %(rows)s."),
    "fractions": L("“%(column)s” holds shares such as 0.24; they are read as 24 %%."),
    "scaled": L("“%(column)s” counts in units of %(unit)s; its figures are read so."),
    "named_currency": L(
        "“%(column)s” names %(currency)s in some rows; its other amounts are read in %(currency)s too: %(count)s."
    ),
    "no_rows": L("The table has names of columns but no rows."),
    "other_sheets": L("Only the sheet “%(sheet)s” is read; not read: %(others)s."),
}


@dataclass(frozen=True)
class Option:
    """One possible answer: ``value`` is what goes into the mapping; of how many cells it reads, where that is known."""

    value: Any
    label: str = ""
    fits: int | None = None
    fails: int | None = None


@dataclass(frozen=True)
class Question:
    """``part`` is the path in the mapping that the answer goes to, ``columns`` the headers concerned."""

    code: str
    part: tuple[str, ...]
    options: tuple[Option, ...] = ()
    columns: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(Lazy(ASKED[self.code].message, **self.values))

    def as_json(self) -> dict[str, Any]:
        options = [{key: value for key, value in vars(option).items() if value is not None} for option in self.options]
        return {
            "code": self.code,
            "part": list(self.part),
            "question": str(self),
            "options": options,
            "columns": list(self.columns),
            "examples": list(self.examples),
        }


@dataclass(frozen=True)
class Remark:
    """Something to know before going on; nothing to decide."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(Lazy(WARNED[self.code].message, **self.values))


def shortened(texts: Sequence[str], most: int = 6) -> str:
    """The first few, for a sentence."""
    return ", ".join(texts[:most]) + ("…" if len(texts) > most else "")

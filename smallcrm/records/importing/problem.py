"""What keeps a row out, or is worth a look, beyond what its cells say by themselves: in words for the file's owner."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from smallcrm.base.i18n import L, Lazy
from smallcrm.records.exchange.cleaning import CellProblem
from smallcrm.records.exchange.problem import MESSAGES as CELLS
from smallcrm.records.exchange.problem import Problem

ROW, VALUE, NOTHING = "row", "value", "nothing"

OURS: dict[str, tuple[str, Lazy]] = {
    "not_found": (ROW, L("There is no “%(text)s”, or you may not see it.")),
    "nobody": (ROW, L("Nobody here is called “%(text)s”.")),
    "switched_off": (ROW, L("“%(text)s” is switched off.")),
    "several": (ROW, L("%(n)s are called “%(text)s”. Write the number or the e-mail address instead.")),
    "refused": (ROW, L("%(text)s")),
    "fits_several": (ROW, L("This fits %(n)s that are here already: %(titles)s. Choose another key.")),
    "not_yours": (ROW, L("This is here already, but you may not change it.")),
    "may_not_create": (ROW, L("You may not make new ones.")),
    "other_owner": (ROW, L("You may not bring in records for “%(text)s”.")),
    "keeps_owner": (NOTHING, L("You may not hand this over to “%(text)s”; it stays with its owner.")),
    "circle": (ROW, L("“%(text)s” leads round in a circle.")),
    "row_failed": (ROW, L("It leads to row %(row)s, which does not come in.")),
    "joins_failed": (ROW, L("It belongs together with row %(row)s, which cannot come in.")),
    "differs": (NOTHING, L("Row %(row)s said “%(text)s”; this later row's value stands.")),
    "currencies": (NOTHING, L("The amounts of this row are in several currencies; they were taken as %(code)s.")),
    "no_key": (NOTHING, L("None of the keys is filled, so nothing that is here already can be recognised.")),
    "suppressed": (NOTHING, L("The data of this person were erased on request, so they stay out.")),
    "extra": (NOTHING, L("%(text)s")),
    "unreached": (ROW, L("The import was stopped before this row.")),
    "stale": (ROW, L("Somebody changed this meanwhile.")),
    "masked": (ROW, L("This is hidden from you, so it cannot be changed.")),
    "read_only": (ROW, L("This cannot be written.")),
}

# How a kind of problem is called in a chip beside the field's name.
SHORT: dict[str, Lazy] = {
    "not_found": L("not found"),
    "nobody": L("unknown"),
    "switched_off": L("switched off"),
    "several": L("several of that name"),
    "fits_several": L("fits several"),
    "no_such_date": L("no such date"),
    "not_a_date": L("no date"),
    "year_missing": L("without year"),
    "ambiguous_date": L("unclear date"),
    "not_a_number": L("no number"),
    "ambiguous_number": L("unclear number"),
    "unknown_choice": L("none of the choices"),
    "digits_lost": L("digits lost"),
    "required": L("missing"),
    "not_a_phone": L("no phone number"),
    "not_an_email": L("no e-mail address"),
    "differs": L("differs"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a row. ``column`` counts from 0, None for the row as a whole; ``field`` is the target's name."""

    code: str
    field: str = ""
    column: int | None = None
    values: dict[str, Any] = made(default_factory=dict)

    @property
    def drops(self) -> str:
        """``row``: it keeps the row out; ``value``: the row comes in without it; ``nothing``: worth a look."""
        return OURS[self.code][0] if self.code in OURS else CELLS[self.code][0]

    def __str__(self) -> str:
        if self.code in OURS:
            return str(Lazy(OURS[self.code][1].message, **{k: _cut(v) for k, v in self.values.items()}))
        return str(Problem(self.code, self.values))

    @property
    def short(self) -> str:
        """A word or two for a chip."""
        return str(SHORT.get(self.code, ""))

    def pack(self) -> list[Any]:
        """As JSON keeps it."""
        return [self.code, self.field, self.column, self.values]


def unpack(packed: list[Any]) -> Finding:
    """What ``pack`` made."""
    code, name, column, values = packed
    return Finding(code, name, column, values)


def of_cell(found: CellProblem) -> Finding:
    """A cell's own problem."""
    return Finding(found.problem.code, found.field, found.column, dict(found.problem.values))


def _cut(value: Any) -> Any:
    return f"{value[:80]}…" if isinstance(value, str) and len(value) > 81 else value


def fails(found: list[Finding]) -> bool:
    """Whether any of it keeps the row out."""
    return any(each.drops == ROW for each in found)

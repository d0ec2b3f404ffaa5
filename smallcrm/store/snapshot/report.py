"""What a check of a backup found: green or red, with words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smallcrm.base.i18n import L, Lazy, ngettext


@dataclass(frozen=True)
class Report:
    """``problems`` make it red; ``remarks`` are worth knowing in a green one. No facts where it is unreadable."""

    file: Path
    problems: tuple[Lazy, ...]
    remarks: tuple[Lazy, ...] = ()
    checked_at: str = ""
    created_at: str = ""
    version: str = ""
    schema: tuple[str, ...] = ()
    encrypted: bool = False
    rows: int = 0
    files: int = 0

    @property
    def ok(self) -> bool:
        """Green?"""
        return not self.problems

    def words(self) -> list[str]:
        """The result in the current language, a sentence a line."""
        if self.problems:
            return [str(L("This backup cannot be used.")), *map(str, self.problems)]
        files = ngettext("%(n)s file", "%(n)s files", self.files)
        rows = ngettext("%(n)s row", "%(n)s rows", self.rows)
        good = L(
            "This backup can be restored: %(rows)s and %(files)s were unpacked and checked.", rows=rows, files=files
        )
        return [str(good), *map(str, self.remarks)]

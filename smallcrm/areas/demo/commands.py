"""What ``smallcrm demo`` calls, with the new data folder open and held."""

from __future__ import annotations

from collections.abc import Callable

from smallcrm.areas.demo import making
from smallcrm.base.i18n import _


def fill(*, customers: int, seed: int, language: str, say: Callable[[str], None]) -> dict[str, int]:
    """Make the demo company; how many records of each type there are now. ``say`` is told how far it is."""

    def progress(made: int, wanted: int) -> None:
        say(_("%(made)s of %(wanted)s customers", made=f"{made:,}", wanted=f"{wanted:,}"))

    return making.make(count=customers, seed=seed, language=language, progress=progress)

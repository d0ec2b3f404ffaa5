"""How far a long work has come, and whether somebody wants it stopped."""

from __future__ import annotations

from collections.abc import Callable

from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L

Progress = Callable[[int, int], object]  # octets done, octets in all
Stop = Callable[[], bool]


class Cancelled(WrongState):
    """Somebody stopped the work; nothing of it stays behind."""

    slug = "cancelled"


class Watch:
    """Counts octets for ``progress`` and raises Cancelled once ``stop`` says so."""

    def __init__(self, progress: Progress | None, stop: Stop | None, total: int = 0) -> None:
        self.stop = stop
        self.total = total
        self.done = 0
        self._progress = progress

    def tick(self, octets: int) -> None:
        """``octets`` more are done."""
        if self.stop and self.stop():
            raise stopped()
        self.done += octets
        if self._progress:
            self._progress(min(self.done, self.total), self.total)


def stopped() -> Cancelled:
    """The error that says so."""
    return Cancelled(L("Stopped. Nothing was changed."))

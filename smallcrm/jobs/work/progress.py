"""How far a long work has come: exact in memory, written at most twice a second, so that other processes see it too."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import Label
from smallcrm.jobs import stop
from smallcrm.jobs.work.table import dumps

WRITTEN_EVERY = 0.5  # seconds
ASKED_EVERY = 0.5  # seconds between two looks for a cancel from another process


class Cancelled(Exception):
    """Somebody asked the work to stop, or the process is about to end. What was done until then is kept."""


@dataclass
class Progress:
    """Given to the function that does the work. ``check`` or ``cancelled`` between two steps lets people stop it."""

    id: int
    done: int = 0
    total: int = 0
    message: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    changeset: int | None = None
    cancel: threading.Event = field(default_factory=threading.Event, repr=False)
    _written: float = field(default=0.0, repr=False)
    _asked: float = field(default=0.0, repr=False)

    def step(self, done: int | None = None, total: int | None = None, message: Label | None = None) -> None:
        """So much is done, of so much. Inside a transaction nothing is written, only remembered."""
        if done is not None:
            self.done = done
        if total is not None:
            self.total = total
        if message is not None:
            self.message = str(message)
        self.write(now=False)

    def count(self, **more: int) -> None:
        """Add to the counts in ``detail``: ``count(created=1)``."""
        for name, n in more.items():
            self.detail[name] = int(self.detail.get(name, 0)) + n
        self.write(now=False)

    def belongs_to(self, changeset: int) -> None:
        """The change-set under which the work writes, kept at once so that a killed one can be undone."""
        self.changeset = changeset
        with store.writing():
            store.run("UPDATE work SET changeset = ? WHERE id = ?", (changeset, self.id))

    def cancelled(self) -> bool:
        """Whether to stop at the next good moment."""
        if stop.asked():
            return True
        if not self.cancel.is_set() and time.monotonic() - self._asked > ASKED_EVERY:
            self._asked = time.monotonic()
            if store.value("SELECT cancel FROM work WHERE id = ?", (self.id,)):
                self.cancel.set()
        return self.cancel.is_set()

    def check(self) -> None:
        """Raise Cancelled if it is time to stop."""
        if self.cancelled():
            raise Cancelled

    def write(self, *, now: bool) -> None:
        """Write it down if it is time to, or ``now``; never inside somebody's transaction."""
        if not now and (store.in_writing() or time.monotonic() - self._written < WRITTEN_EVERY):
            return
        self._written = time.monotonic()
        try:
            with store.writing():
                store.run(
                    "UPDATE work SET done = ?, total = ?, message = ?, detail = ?, changeset = ? WHERE id = ?",
                    (self.done, self.total, self.message, dumps(self.detail), self.changeset, self.id),
                )
        except SmallcrmError:
            if now:
                raise
            # No room, or a busy moment: the next step says it again.

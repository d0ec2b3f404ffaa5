"""A record about to be written: what stood there, what is to stand there. Rules read and amend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from smallcrm.identity.actor import Actor
from smallcrm.records.record import RecordType

CREATE, UPDATE, DELETE, RESTORE = "create", "update", "delete", "restore"


@dataclass
class Draft:
    """One record in one change. ``before`` is None for a creation; ``after`` holds every column and custom key."""

    kind: RecordType
    act: str
    actor: Actor
    before: dict[str, Any] | None
    after: dict[str, Any]
    why: str = ""  # the change-set's reason: form, api, import, merge, job …
    note: str = ""
    trusted: bool = False
    told: dict[str, Any] = field(default_factory=dict)  # what a rule wants listeners to know

    @property
    def id(self) -> int:
        """The record's id; 0 until it has one."""
        return int(self.after.get("id") or 0)

    @property
    def changed(self) -> set[str]:
        """The columns whose value differs from before; all filled ones for a creation."""
        if self.before is None:
            return {name for name, value in self.after.items() if value is not None}
        before = self.before
        return {name for name, value in self.after.items() if before.get(name) != value}

    def touches(self, *names: str) -> bool:
        """Whether any of the columns changes."""
        before, after = self.before or {}, self.after
        for name in names:  # noqa: SIM110  asked a dozen times for each record: any() takes twice as long
            if after.get(name) != before.get(name):
                return True
        return False

    def was(self, name: str) -> Any:
        """The value before, None for a creation."""
        return self.before.get(name) if self.before else None

    @property
    def live_before(self) -> bool:
        """Whether it stood outside the bin before."""
        return self.before is not None and not self.before.get("deleted_at")

    @property
    def live_after(self) -> bool:
        """Whether it stands outside the bin after."""
        return not self.after.get("deleted_at")

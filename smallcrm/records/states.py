"""States as a table of transitions: (verb, from, to, guard). Checked on the server, each one logged by the write path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import labels
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Record

Guard = Callable[[Actor, Record], None]


@dataclass(frozen=True)
class Transition:
    """``verb`` leads from one of ``sources`` to ``target``; ``guard`` may refuse with WrongState."""

    verb: str
    sources: tuple[str, ...]
    target: str
    guard: Guard | None = None


@dataclass(frozen=True)
class Machine:
    """The transitions of one field of a type."""

    field: str
    transitions: Sequence[Transition]

    def verbs(self, record: Record) -> list[str]:
        """The verbs the record's state allows."""
        state = getattr(record, self.field)
        return [t.verb for t in self.transitions if state in t.sources]

    def target(self, actor: Actor, record: Record, verb: str) -> str:
        """The state that ``verb`` leads to. Raises WrongState saying from which states it is allowed."""
        state: Any = getattr(record, self.field)
        mine = [t for t in self.transitions if t.verb == verb]
        for transition in mine:
            if state in transition.sources:
                if transition.guard:
                    transition.guard(actor, record)
                return transition.target
        field = fields_of(type(record))[self.field]
        shown = labels.field(type(record), self.field)
        allowed = ", ".join(dict.fromkeys(_label(field, source) for t in mine for source in t.sources))
        raise WrongState(
            L(
                "%(field)s is “%(state)s”; this is possible from: %(allowed)s.",
                field=shown,
                state=_label(field, state),
                allowed=allowed,
            )
        )


def _label(field: Any, key: Any) -> str:
    return field.label_of(key) if hasattr(field, "label_of") and key else str(key or "–")

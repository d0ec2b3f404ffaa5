"""What later areas know about how a customer is kept in touch with: the next step, and when each contact was last spoken to.

``areas/activities`` registers its answers; until then the customer's own dates are all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record


@dataclass(frozen=True)
class NextStep:
    """What is to be done next: in words, on which day (ISO), with or by whom, and where it leads."""

    what: str
    on: str
    who: str = ""
    url: str = ""


next_step_of: Callable[[Actor, Record], NextStep | None] = lambda _actor, _record: None
last_touches: Callable[[Actor, Sequence[int]], Mapping[int, str]] = lambda _actor, _contacts: {}  # contact → moment


def set_next_step(function: Callable[[Actor, Record], NextStep | None]) -> None:
    """The area that plans says what comes next with a customer."""
    global next_step_of
    next_step_of = function


def set_last_touches(function: Callable[[Actor, Sequence[int]], Mapping[int, str]]) -> None:
    """The area that keeps follow-ups says when each of these contacts was last spoken to."""
    global last_touches
    last_touches = function

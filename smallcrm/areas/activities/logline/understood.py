"""What the log line understood of a text: what happened, what is planned, which words said so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NEVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
KINDS = ("call", "meeting", "visit", "message", "email", "note", "task")


@dataclass(frozen=True)
class Person:
    """Somebody whose name may be typed: a contact of the customer or a colleague. ``aliases`` are other spellings."""

    id: int
    name: str
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class Act:
    """Something that happened.

    ``subject`` and ``body`` together are all that was typed. ``at`` is a moment in UTC; ``has_day`` and ``has_time``
    say whether it was typed or is simply now. ``direction`` is "in" or "out", empty for a meeting or note.
    ``outcome`` is a code (``outcome_label`` words it). ``by`` is the colleague who did it, None for the one who types.
    """

    kind: str
    subject: str
    body: str = ""
    direction: str = ""
    contacts: tuple[int, ...] = ()
    duration_minutes: int | None = None
    at: dt.datetime = NEVER
    has_day: bool = False
    has_time: bool = False
    outcome: str = ""
    by: int | None = None


@dataclass(frozen=True)
class Plan:
    """Something to do.

    ``due`` is the business's date, None where none was said; ``at`` the moment in UTC where a time was. ``who`` is a
    colleague, None for the one who types. ``body`` is the clause as typed where the subject is shorter. ``contacts``
    are those named here, else those of what happened.
    """

    kind: str
    subject: str
    body: str = ""
    due: dt.date | None = None
    at: dt.datetime | None = None
    who: int | None = None
    contacts: tuple[int, ...] = ()
    duration_minutes: int | None = None
    reminder: dt.datetime | None = None

    @property
    def all_day(self) -> bool:
        """Whether it is due on a day rather than at a time."""
        return self.at is None


class Span(NamedTuple):
    """``text[start:end]`` was understood as ``what``: kind, person, duration, when, outcome, who, plan."""

    start: int
    end: int
    what: str


@dataclass(frozen=True)
class Understood:
    """All that was understood of a line. ``rest`` is what stays as the note; ``also`` are further acts in the line."""

    text: str
    done: Act | None = None
    also: tuple[Act, ...] = ()
    planned: tuple[Plan, ...] = ()
    spans: tuple[Span, ...] = ()
    rest: str = ""
    topics: tuple[str, ...] = ()
    mentioned: tuple[dt.date, ...] = ()
    now: dt.datetime = NEVER
    zone: dt.tzinfo = dt.UTC
    contact_names: Mapping[int, str] = field(default_factory=dict)
    colleague_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def parts(self) -> list[Act | Plan]:
        """All acts, then all plans: what the chips stand for, in their order."""
        return [*([self.done] if self.done else []), *self.also, *self.planned]

    def pieces(self) -> list[tuple[str, str]]:
        """The whole text in pieces, each with what it was understood as; empty where it was not."""
        found: list[tuple[str, str]] = []
        at = 0
        for start, end, what in self.spans:
            found += [(self.text[at:start], "")] if at < start else []
            found.append((self.text[start:end], what))
            at = end
        return [*found, (self.text[at:], "")] if at < len(self.text) else found

    def chips(self, language: str) -> list[str]:
        """A line for each act and each plan, in this order, as the preview shows them."""
        from smallcrm.areas.activities.logline.chips import chips

        return chips(self, language)

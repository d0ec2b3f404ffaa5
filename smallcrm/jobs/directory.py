"""Who the users are, as far as jobs must know: asked of whoever keeps them. ``areas/people`` registers itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Person:
    """A user who may be told something.

    ``channels`` says where, by kind of notice, with ``""`` for all others; each channel is ``mail``, ``bot`` (the
    first group bot there is) or ``bot:<key>`` of ``outbox.settings``. The page's bell rings in any case.
    """

    id: int
    name: str
    email: str = ""
    language: str = "en"
    zone: str = ""
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mobile: str = ""  # the number by which a group bot calls on somebody

    def told_by(self, kind: str) -> tuple[str, ...]:
        """The channels for a kind of notice."""
        return tuple(self.channels.get(kind, self.channels.get("", ())))


class Directory(Protocol):
    """What ``areas/people`` offers."""

    def lookup(self, user_id: int) -> Person | None:
        """The user, or None where there is none or they are no longer active."""

    def admins(self) -> Sequence[int]:
        """Those who are told when something is wrong with the program itself."""


class _Nobody:
    def lookup(self, user_id: int) -> Person | None:
        return None

    def admins(self) -> Sequence[int]:
        return ()


_directory: Directory = _Nobody()


def register(directory: Directory | None) -> None:
    """Ask ``directory`` from here on; None means nobody."""
    global _directory
    _directory = directory or _Nobody()


def lookup(user_id: int) -> Person | None:
    """The active user of that id."""
    return _directory.lookup(user_id)


def admins() -> list[Person]:
    """Everybody who is told of the program's own troubles."""
    return [person for user in _directory.admins() if (person := _directory.lookup(user))]

"""The one who acts, with everything that decides what may be seen and done.

An actor is a value: it is made from the user, team and role records by the loader that ``areas/people`` registers,
kept while nothing of those changes, and carried through every call as the first argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

VERBS = ("view", "create", "edit", "delete", "assign", "export", "import")


class Scope(IntEnum):
    """How far a verb reaches over records of a type."""

    NONE = 0
    OWN = 1
    TEAM = 2
    BELOW = 3  # the team and every team under it
    ALL = 4


@dataclass(frozen=True)
class Role:
    """Rights by type and verb, exceptions by field, and the rights that concern no record."""

    key: str
    name: str
    grants: Mapping[tuple[str, str], Scope] = field(default_factory=dict)
    default: Mapping[str, Scope] = field(default_factory=dict)  # verb → scope for types not named in ``grants``
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (type, field) → "hidden" | "read"
    rights: frozenset[str] = frozenset()

    def scope(self, record_type: str, verb: str) -> Scope:
        """How far ``verb`` reaches over ``record_type``."""
        found = self.grants.get((record_type, verb))
        return self.default.get(verb, Scope.NONE) if found is None else found

    def may(self, right: str) -> bool:
        """Whether a right that concerns no record belongs to it."""
        return right in self.rights or "everything" in self.rights


@dataclass(frozen=True)
class Actor:
    """A signed-in user, a token's user, or smallcrm itself (id 0)."""

    id: int
    name: str
    role: Role
    email: str = ""
    language: str = "en"
    team: int | None = None
    teams: tuple[int, ...] = ()  # for TEAM: own and managed ones
    teams_below: tuple[int, ...] = ()  # for BELOW: those and every one under them
    read_only: bool = False
    via: str = "form"  # how it came: form, api, job, command

    def scope(self, record_type: str, verb: str) -> Scope:
        """How far this actor's ``verb`` reaches over ``record_type``."""
        if self.read_only and verb not in ("view", "export"):
            return Scope.NONE
        return self.granted(record_type, verb)

    def granted(self, record_type: str, verb: str) -> Scope:
        """How far the role reaches, also where the token at hand only reads: it decides what is seen in clear."""
        return self.role.scope(record_type, verb)

    def may(self, right: str) -> bool:
        """Whether this actor has a right that concerns no record: ``settings``, ``people``, ``audit`` …"""
        return not self.read_only and self.role.may(right)

    def field_right(self, record_type: str, name: str) -> str:
        """``hidden``, ``read`` or ``write``."""
        return self.role.fields.get((record_type, name), "write")

    def teams_for(self, scope: Scope) -> tuple[int, ...]:
        """The teams whose records ``scope`` covers."""
        return self.teams_below if scope is Scope.BELOW else self.teams if scope is Scope.TEAM else ()

    def acting(self, via: str) -> Actor:
        """The same actor through another door."""
        return replace(self, via=via)


EVERYTHING = Role(
    key="owner",
    name="owner",
    default=dict.fromkeys(VERBS, Scope.ALL),
    rights=frozenset({"everything"}),
)
SYSTEM = Actor(id=0, name="smallcrm", role=EVERYTHING, via="job")
NOBODY = Actor(id=-1, name="", role=Role(key="", name=""))  # whoever has not signed in: only the audit log speaks of it

_load: Callable[[int], Actor | None] | None = None


def set_loader(loader: Callable[[int], Actor | None]) -> None:
    """``areas/people`` says how a user id becomes an actor; None for one who may not act."""
    global _load
    _load = loader


def actor_of(user_id: int) -> Actor | None:
    """The actor for a user, None when there is none or it is switched off."""
    if user_id == SYSTEM.id:
        return SYSTEM
    assert _load is not None, "areas/people registers the loader"
    return _load(user_id)

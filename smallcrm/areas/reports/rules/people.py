"""Whose figures are looked at: everybody's within reach, a team's with the teams under it, or one person's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import by_key


@dataclass(frozen=True)
class Whose:
    """``word`` stands in an address: ``u3``, ``t2``, empty for everybody."""

    word: str = ""
    user: int | None = None
    teams: tuple[int, ...] = ()

    def condition(self, kind_key: str) -> dict[str, Any] | None:
        """As a filter on records of a type; none for a type that belongs to nobody."""
        if by_key(kind_key).card.reach == "open":
            return None
        if self.user is not None:
            return {"field": "owner", "op": "eq", "value": self.user}
        return {"field": "team", "op": "in", "value": list(self.teams)} if self.teams else None


def whose(actor: Actor, word: str) -> Whose:
    """What the word says; everybody for what makes no sense, or for people the actor has no reach over."""
    if word[:1] in ("u", "t") and word[1:].isascii() and word[1:].isdigit() and len(word) < 12:
        number = int(word[1:])
        if word[0] == "u" and number in {each for each, _ in people(actor)}:
            return Whose(word, user=number)
        if word[0] == "t" and number in {each for each, _ in teams(actor)}:
            return Whose(word, teams=tuple(sorted(roles.below({number}))))
    return Whose()


def widest(actor: Actor) -> Scope:
    """How far the actor sees what is sold."""
    return max(actor.scope("opportunity", "view"), actor.scope("customer", "view"))


def people(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of those whose records the actor reaches by their owner, oneself among them."""
    scope = widest(actor)
    if scope is Scope.ALL:
        where, params = "1", []
    else:
        where, params = (
            "(id = ? OR team IN (SELECT value FROM json_each(?)))",
            [actor.id, store.json_list(actor.teams_for(scope))],
        )
    return store.rows(
        f'SELECT id, name FROM "user" WHERE deleted_at IS NULL AND active = 1 AND {where} ORDER BY name_key, id', params
    )


def teams(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the teams the actor reaches."""
    scope = widest(actor)
    known = roles.tree()
    wanted = list(known) if scope is Scope.ALL else [team for team in actor.teams_for(scope) if team in known]
    return sorted(access.names(actor, "team", wanted).items(), key=lambda each: each[1])

"""Which opportunities a figure is about: whose, of which pipeline, product and source, as of which day. And who may ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels

# A figure tells of these: whoever may not read them all gets none.
TOLD = ("amount", "chance", "forecast", "expected_close", "closed_on", "stage", "owner")


@dataclass(frozen=True)
class Which:
    """The opportunities meant, within the actor's reach."""

    actor: Actor
    as_of: dt.date | None = None  # as they stood when that day ended; None: now
    pipeline: int | None = None
    person: int | None = None
    team: int | None = None  # with every team under it
    product: int | None = None
    source: str = ""

    @property
    def today(self) -> dt.date:
        """The day from which one looks ahead."""
        return self.as_of or clock.today()

    @property
    def past(self) -> bool:
        """Whether it is about an earlier day."""
        return self.as_of is not None and self.as_of < clock.today()

    @property
    def moment(self) -> str:
        """The end of that day, as moments are stored."""
        return clock.iso(clock.start_of(self.today + dt.timedelta(days=1)))

    @property
    def teams(self) -> str:
        """The team and those below as a JSON list."""
        return store.json_list(sorted(roles.below({self.team})) if self.team else [])

    @property
    def sharing(self) -> bool:
        """Whether it matters who counts how much of an opportunity."""
        return bool(self.person or self.team)

    def now(self) -> Which:
        """The same today."""
        return replace(self, as_of=None)

    def at(self, day: dt.date | None) -> Which:
        """The same as of a day."""
        return replace(self, as_of=day)


def need(actor: Actor) -> None:
    """Raise Forbidden for whoever sees no opportunity, or not the fields that figures are made of."""
    if actor.scope("opportunity", "view") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "view"))
    lacking = [name for name in TOLD if name not in access.readable(actor, Opportunity)]
    if lacking:
        named = ", ".join(labels.field(Opportunity, name) for name in lacking)
        raise Forbidden(L("These figures are made of fields that your role hides: %(fields)s.", fields=named))


def may_look(actor: Actor) -> bool:
    """Whether the pages are offered."""
    try:
        need(actor)
    except Forbidden:
        return False
    return True


def reach(actor: Actor) -> tuple[str, list[Any]]:
    """The condition on ``t``, an opportunity, that keeps within the actor's reach and out of the bin."""
    where, params = access.reach(actor, Opportunity).where()
    return f"t.deleted_at IS NULL AND {where}", params


def unrated(which: Which) -> int:
    """How many opportunities, open or over, have an amount that no sum holds for want of a rate."""
    where, params = reach(which.actor)
    more, further = narrowed(which)
    sql = f"SELECT count(*) FROM opportunity t WHERE t.amount IS NOT NULL AND t.amount_base IS NULL AND {where}{more}"
    return int(store.value(sql, [*params, *further]))


def narrowed(which: Which, pipeline: str = "t.pipeline") -> tuple[str, list[Any]]:
    """The conditions of pipeline and source."""
    where, params = "", list[Any]()
    if which.pipeline:
        where += f" AND {pipeline} = ?"
        params.append(which.pipeline)
    if which.source:
        where += " AND t.source = ?"
        params.append(which.source)
    return where, params


# ---------------------------------------------------------------- what there is to choose


def below(actor: Actor) -> list[int]:
    """The teams whose figures the actor may single out, each before those under it."""
    tree = roles.tree()
    scope = actor.scope("opportunity", "view")
    seen = set(tree) if scope is Scope.ALL else set(actor.teams_for(scope))
    return [team for team, _depth in ordered(seen)]


def ordered(teams: set[int]) -> list[tuple[int, int]]:
    """(team, depth), each team followed by those under it; names decide among neighbours."""
    from smallcrm.identity.actor import SYSTEM

    names = access.names(SYSTEM, "team", teams)
    tree = roles.tree()
    children: dict[int | None, list[int]] = {}
    for team in sorted(teams & set(tree), key=lambda each: names.get(each, "")):
        parent = tree[team][0]
        children.setdefault(parent if parent in teams else None, []).append(team)
    found: list[tuple[int, int]] = []
    seen: set[int] = set()

    def walk(team: int, depth: int) -> None:
        if team not in seen:
            seen.add(team)
            found.append((team, depth))
            for child in children.get(team, ()):
                walk(child, depth + 1)

    for top in children.get(None, ()):
        walk(top, 0)
    return found


def people(actor: Actor) -> list[tuple[int, str]]:
    """The people whose figures the actor may single out, by name: themselves, their teams', or everybody with a reach over all."""
    scope = actor.scope("opportunity", "view")
    sql = 'SELECT id, name FROM "user" WHERE deleted_at IS NULL AND (active = 1 OR EXISTS (SELECT 1 FROM opportunity_share s WHERE s.user = "user".id))'
    if scope is not Scope.ALL:
        sql += " AND (id = ? OR team IN (SELECT value FROM json_each(?)))"
        found = store.rows(sql, [actor.id, store.json_list(actor.teams_for(scope))])
    else:
        found = store.rows(sql)
    return sorted(found, key=lambda row: row[1] or "")


def sources(actor: Actor) -> Sequence[str]:
    """The sources that opportunities within reach came from."""
    if "source" not in access.readable(actor, Opportunity):
        return []
    where, params = reach(actor)
    next_ = "SELECT min(source) FROM opportunity INDEXED BY opportunity_sources WHERE source IS NOT NULL AND deleted_at IS NULL"
    sql = (
        f"WITH RECURSIVE every (source) AS ({next_} UNION ALL SELECT ({next_} AND source > every.source) FROM every"
        " WHERE every.source IS NOT NULL) SELECT source FROM every WHERE source IS NOT NULL AND EXISTS"
        f" (SELECT 1 FROM opportunity t WHERE t.source = every.source AND {where}) LIMIT 200"
    )
    return [source for (source,) in store.rows(sql, params)]


def pipelines() -> list[tuple[int, str]]:
    """The pipelines there are, in order."""
    return [(way.id, way.name) for way in stages.every().values()]

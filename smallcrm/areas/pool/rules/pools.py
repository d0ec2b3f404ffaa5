"""The pools as their rules need them: who is in which, whose records fall into which; and what must hold for a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.pool.records import Pool
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import cache, change, derive, labels, questions, rows
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import DELETE, Draft
from smallcrm.records.fields.links import parts
from smallcrm.records.record import Record, RecordType, all_types, by_name

DAYS = {
    "follow_up": ("days_without_follow_up", "days_by_grade"),
    "opportunity": ("days_without_opportunity", "opportunity_days_by_grade"),
    "deal": ("days_without_deal", "deal_days_by_grade"),
}
# What only those who set up pools may change; the rest is a pool admin's too.
OWNERS_ONLY = ("name", "kind", "enabled", "position", "mode", "admins", "masked_fields")


@dataclass(frozen=True)
class Rules:
    """A pool as it is set up. ``values`` holds its columns; ``days`` those of each rule by grade, ``""`` for the others."""

    id: int
    name: str
    kind: str  # the plural name of what lies in it
    enabled: bool
    values: Mapping[str, Any] = field(repr=False)
    days: Mapping[str, Mapping[str, int]] = field(repr=False)

    def number(self, name: str) -> int:
        """A limit or a number of days; 0 is off."""
        return int(self.values.get(name) or 0)

    def on(self, name: str) -> bool:
        """A switch."""
        return bool(self.values.get(name))

    def texts(self, name: str) -> frozenset[str]:
        """A list of words."""
        return frozenset(self.values.get(name) or ())

    def limit(self, rule: str, grade: str | None) -> int:
        """The days of a rule for a grade; 0 is off."""
        by_grade = self.days[rule]
        return by_grade.get(grade or "", by_grade.get("", 0))

    @property
    def place(self) -> int:
        """Where it stands in the order in which pools take records."""
        position = self.values.get("position")
        return 1 if position is None else int(position)

    @property
    def acts(self) -> bool:
        """Whether anything at all falls in by itself."""
        return any(any(by_grade.values()) for by_grade in self.days.values()) or bool(self.number("longest_days"))


def of_values(values: Mapping[str, Any]) -> Rules:
    """Rules out of a pool's columns, also of one that is not saved yet."""
    days = {
        rule: {"": int(values.get(plain) or 0), **{g: int(n) for g, n in (values.get(by_grade) or {}).items()}}
        for rule, (plain, by_grade) in DAYS.items()
    }
    return Rules(
        int(values.get("id") or 0),
        str(values.get("name") or ""),
        str(values.get("kind") or "customers"),
        bool(values.get("enabled")),
        dict(values),
        days,
    )


@cache.kept
def every() -> dict[int, Rules]:
    """Every live pool by id, in the order in which they take records."""
    ids = [i for (i,) in store.rows("SELECT id FROM pool WHERE deleted_at IS NULL ORDER BY coalesce(position, 1), id")]
    held = rows.load(Pool, ids)
    return {i: of_values(held[i]) for i in ids}


def get(pool: int | None) -> Rules | None:
    """A live pool."""
    return every().get(pool or 0)


def enabled(kind: str = "customers") -> list[Rules]:
    """The pools that take records of this kind, in order."""
    return [pool for pool in every().values() if pool.enabled and pool.kind == kind]


def record_type(pool: Rules) -> RecordType | None:
    """The type whose records lie in it; None while no area has it."""
    found = by_name(pool.kind)
    return found if found is not None and found.card.pooled else None


# ---------------------------------------------------------------- people


@cache.kept
def _people() -> dict[int, frozenset[int]]:
    """User → the teams one is in or leads."""
    found: dict[int, set[int]] = {i: {t} if t else set() for i, t in store.rows('SELECT id, team FROM "user"')}
    for team, (_, manager) in roles.tree().items():
        if manager in found:
            found[manager].add(team)
    return {i: frozenset(teams) for i, teams in found.items()}


def people_of(tokens: Iterable[str]) -> frozenset[int]:
    """The users that a list of users and teams means, those of the teams below included."""
    wanted = [parts(token) for token in tokens]
    users = {number for key, number in wanted if key == "user"}
    teams = roles.below({number for key, number in wanted if key == "team"})
    if teams:
        users |= {user for user, own in _people().items() if own & teams}
    return frozenset(users)


@cache.kept
def members(pool: int) -> frozenset[int] | None:
    """The users who belong to a pool; None where everybody does."""
    tokens = every()[pool].values.get("members")
    return people_of(tokens) if tokens else None


@cache.kept
def admins(pool: int) -> frozenset[int]:
    """The users who run a pool, beside those who set up all of them."""
    return people_of(every()[pool].values.get("admins") or ())


def is_member(user: int, pool: int) -> bool:
    """Whether the user belongs to the pool."""
    found = members(pool)
    return found is None or user in found


def sets_up(actor: Actor) -> bool:
    """Whether the actor may make and change every pool."""
    return actor.scope("pool", "edit") is Scope.ALL


def administers(actor: Actor, pool: int) -> bool:
    """Whether the actor runs this pool."""
    return sets_up(actor) or (not actor.read_only and actor.id in admins(pool))


@cache.kept
def covering(kind: str = "customers") -> dict[int, int]:
    """User → the pool into which that user's records fall: of several the first in order."""
    return covering_of(enabled(kind))


def covering_of(in_order: Sequence[Rules]) -> dict[int, int]:
    """The same for pools that may not be saved yet."""
    found: dict[int, int] = {}
    for pool in reversed(in_order):
        tokens = pool.values.get("members")
        found |= dict.fromkeys(people_of(tokens) if tokens else _people(), pool.id)
    return found


def pool_for(owner: int | None, kind: str = "customers") -> Rules | None:
    """The pool into which records of this owner fall."""
    return get(covering(kind).get(owner or 0))


def manager_of(user: int) -> int | None:
    """Who leads the user's team, or the next one above, and is somebody else and active; while they are away, who stands in."""
    tree = roles.tree()
    team = store.value('SELECT team FROM "user" WHERE id = ?', [user])
    seen: set[int] = set()
    while team and team not in seen:
        seen.add(team)
        parent, manager = tree.get(team, (None, None))
        if manager and manager != user and is_active(manager):
            deputy = questions.there(manager)
            return deputy if deputy != user and is_active(deputy) else manager
        team = parent
    return None


@cache.kept
def active_users() -> frozenset[int]:
    """The users who are switched on."""
    return frozenset(i for (i,) in store.rows('SELECT id FROM "user" WHERE active = 1 AND deleted_at IS NULL'))


def is_active(user: int | None) -> bool:
    """Whether the user is switched on."""
    return (user or 0) in active_users()


# ---------------------------------------------------------------- what must hold for a pool


@change.before("pool")
def check_pools(drafts: list[Draft]) -> None:
    """Whoever runs a pool changes its rules, not what it is; a pool goes only when it is empty and another one stays."""
    for draft in drafts:
        if not draft.trusted and draft.before is not None and not sets_up(draft.actor):
            for name in OWNERS_ONLY:
                if draft.touches(name):
                    raise Wrong(draft, {name: [str(L("Only those who set up pools may change this."))]})
        closes = not draft.live_after or not draft.after.get("enabled")
        was_open = draft.before is not None and draft.live_before
        if was_open and (not draft.live_after or draft.touches("kind")):
            _refuse_full(draft)
        if was_open and draft.was("enabled") and (closes or draft.touches("kind")):
            _refuse_full(draft)
            _refuse_last(draft)


def _refuse_full(draft: Draft) -> None:
    n = sum(held(draft.id, kind) for kind in all_types() if kind.card.pooled)
    if n:
        text = ngettext(
            "%(n)s record still lies in this pool. Move it to another pool first.",
            "%(n)s records still lie in this pool. Move them to another pool first.",
            n,
        )
        raise Wrong(draft, {_named(draft): [text]})


def _refuse_last(draft: Draft) -> None:
    if not [pool for pool in enabled(str(draft.was("kind"))) if pool.id != draft.id]:
        raise Wrong(
            draft, {_named(draft): [str(L("This is the last pool that takes records in. Make another one first."))]}
        )


def _named(draft: Draft) -> str:
    return "" if draft.act == DELETE else "kind" if draft.touches("kind") else "enabled"


def held(pool: int, kind: RecordType) -> int:
    """How many records of the type lie in the pool."""
    sql = f'SELECT count(*) FROM "{kind._meta.table_name}" WHERE pool = ? AND deleted_at IS NULL'
    return int(store.value(sql, [pool]))


@derive.on("pool")
def pools_changed(_drafts: list[Draft]) -> None:
    """Rights, names and rules are looked up anew."""
    cache.bump()


# ---------------------------------------------------------------- the first pool

READY: dict[str, Any] = {
    "days_without_follow_up": 30,
    "days_by_grade": {"A": 60, "B": 30, "C": 15},
    "remind_days_before": 3,
    "daily_claim_limit": 10,
    "previous_owner_cooldown_days": 7,
}


def make(actor: Actor, name: str, **values: Any) -> Record:
    """A new pool with the usual rules, where ``values`` say nothing else. Raises Forbidden, Invalid."""
    last = store.value("SELECT coalesce(max(position), 0) FROM pool WHERE deleted_at IS NULL")
    return change.create(actor, Pool, {**READY, "position": int(last) + 1, **values, "name": name})


def make_first(actor: Actor = SYSTEM, name: str = "") -> Record | None:
    """The pool of a new company, in the current language; None where there is one already."""
    if every():
        return None
    return make(actor, name or labels.one(Pool))

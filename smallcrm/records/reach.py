"""The ways in which records come within reach: disjoint branches for ``query``, one condition for every other reader.

``access.reach`` says which of them an actor has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import peewee

from smallcrm import store
from smallcrm.records import cache
from smallcrm.records.custom import fields_of
from smallcrm.records.record import Attached, RecordType, Through, by_key


class Share(store.Table):
    """A colleague who works on one record: reads, or reads and writes, perhaps until a day."""

    id = peewee.AutoField()
    record_type = peewee.TextField()
    record = peewee.IntegerField()
    user = peewee.IntegerField()
    level = peewee.TextField()  # read | write
    until = peewee.TextField(null=True)

    ddl = (
        "CREATE UNIQUE INDEX ix_share ON share (record_type, record, user)",
        "CREATE INDEX ix_share_user ON share (user, record_type, record)",
    )

    class Meta:
        table_name = "share"


@dataclass(frozen=True)
class Branch:
    """One way a record comes within reach. ``{t}`` in ``sql`` stands for the table's alias."""

    why: str
    sql: str
    params: tuple[Any, ...] = ()
    column: str = ""  # the column a scope index leads with, "" where there is none
    alone: str = "1"  # the same without leaving out other branches
    alone_params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Every way taken together; no branch at all reaches nothing."""

    branches: tuple[Branch, ...]

    @property
    def everything(self) -> bool:
        """Whether there is no border."""
        return any(branch.why == "all" for branch in self.branches)

    def where(self, alias: str = "t") -> tuple[str, list[Any]]:
        """The condition as SQL."""
        sql, params = self._alone
        return sql.format(t=alias), list(params)

    @cached_property
    def _alone(self) -> tuple[str, tuple[Any, ...]]:
        if self.everything:
            return "1", ()
        if not self.branches:
            return "unlikely(0)", ()  # a bare 0 would leave a forced index unusable
        sql = " OR ".join(branch.alone for branch in self.branches)
        return f"({sql})", tuple(value for branch in self.branches for value in branch.alone_params)


EVERYTHING = Reach((Branch("all", "1"),))


@cache.kept
def of_ids(ids: tuple[int, ...]) -> Reach:
    """Single records alone."""
    found = _Branches()
    found.add("named", "id", ids)
    return Reach(tuple(found.made))


@cache.kept
def compose(
    key: str, verb: str, me: int, teams: tuple[int, ...], pools: tuple[int, ...], named: tuple[int, ...], today: str
) -> Reach:
    """How a verb reaches over a type for user ``me``: teams, pools and records by id; ``today`` empty where nothing is shared."""
    kind = by_key(key)
    found = _Branches()
    found.add("own", "owner", (me,))
    found.add("team", "team", teams)
    if issubclass(kind, Through) and (verb == "view" or kind.card.through_edit):
        found.add("through own", "via_owner", (me,))
        found.add("through team", "via_team", teams)
        if issubclass(kind, Attached):
            found.add("about own", "about_owner", (me,))
            found.add("about team", "about_team", teams)
    if pools:
        pools = tuple(sorted(set(pools)))
        found.add("pool", pool_column(kind), pools)
        if issubclass(kind, Attached):
            found.add("pool", "about_pool", pools)
    if today:
        _add_shares(found, me, today, kind, verb)
    if named:
        marks = ", ".join("?" * len(named))
        found.add_condition("named", f"{{t}}.id IN ({marks})", named)
    return Reach(tuple(found.made))


class _Branches:
    """Branches as they are added: each value of a column one, none holding what an earlier column's hold."""

    def __init__(self) -> None:
        self.made: list[Branch] = []
        self._without = ""
        self._without_params: tuple[Any, ...] = ()

    def add(self, why: str, column: str, values: tuple[int, ...]) -> None:
        for value in values:
            alone = f"{{t}}.{column} = ?"
            self.made.append(
                Branch(why, alone + self._without, (value, *self._without_params), column, alone, (value,))
            )
        if values:
            marks = ", ".join("?" * len(values))
            self._without += f" AND NOT coalesce({{t}}.{column} IN ({marks}), 0)"
            self._without_params += values

    def add_condition(self, why: str, sql: str, params: tuple[Any, ...]) -> None:
        self.made.append(Branch(why, sql + self._without, (*params, *self._without_params), "", sql, params))


def _add_shares(found: _Branches, me: int, today: str, kind: RecordType, verb: str) -> None:
    target, column = kind.card.key, "id"
    if issubclass(kind, Through):
        if verb == "view" or kind.card.through_edit:
            column = kind.card.through
            target = fields_of(kind)[column].to  # type: ignore[attr-defined]
        elif not kind.card.shared:
            return
    level = "" if verb == "view" else " AND level = 'write'"
    mine = f"SELECT record FROM share WHERE user = ? AND (until IS NULL OR until >= ?){level} AND record_type ="
    sql = f"{{t}}.{column} IN ({mine} ?)"
    params: tuple[Any, ...] = (me, today, target)
    if issubclass(kind, Attached):
        sql = f"({sql} OR {{t}}.about IN ({mine} {{t}}.about_type))"
        params += (me, today)
    if kind.card.shared and column != "id":
        sql = f"({sql} OR {{t}}.id IN ({mine} ?))"
        params += (me, today, kind.card.key)
    if verb != "view" and kind.card.pooled:
        sql += " AND {t}.pool IS NULL"  # what lies in a pool is changed by the pool's verbs only
    found.add_condition("shared", sql, params)


@cache.kept
def shared_with(user_id: int) -> bool:
    """Whether any record at all is shared with the user, so that most lists carry no branch for it."""
    return bool(store.value("SELECT 1 FROM share WHERE user = ? LIMIT 1", [user_id]))


def pool_column(kind: RecordType) -> str:
    """The column that says in which pool a record lies."""
    return "pool" if kind.card.pooled else "via_pool"

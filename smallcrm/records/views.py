"""Saved lists: a filter, an order and columns under a name; mine, my team's or everyone's; one default per person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.base.i18n import L, Label, language
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, cache
from smallcrm.records.query import filters, order
from smallcrm.records.record import RecordType, by_key


class SavedView(store.Table):
    """A named list. ``scope``: mine, team, all. ``filter`` and ``columns`` are JSON."""

    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    record_type = peewee.TextField()
    name = peewee.TextField()
    scope = peewee.TextField()
    user = peewee.IntegerField()
    team = peewee.IntegerField(null=True)
    conditions = peewee.TextField(null=True, column_name="filter")
    sort = peewee.TextField(null=True)
    columns = peewee.TextField(null=True)
    position = peewee.IntegerField(default=0)
    updated_at = peewee.TextField()

    ddl = ("CREATE INDEX ix_saved_view_type ON saved_view (record_type, position)",)

    class Meta:
        table_name = "saved_view"


class ViewChoice(store.Table):
    """What a person chose for a type: the default view, the columns of each view."""

    user = peewee.IntegerField()
    record_type = peewee.TextField()
    view = peewee.TextField()  # a built-in's key, a saved view's id, or "" for the choice of default
    columns = peewee.TextField(null=True)
    is_default = peewee.BooleanField(default=False)

    class Meta:
        table_name = "view_choice"
        primary_key = peewee.CompositeKey("user", "record_type", "view")
        without_rowid = True


@dataclass(frozen=True)
class View:
    """A list ready to be shown. ``key`` stands in the URL; ``mine``: the actor may change it."""

    key: str
    name: str
    filter: Any = None
    sort: str | None = None
    columns: tuple[str, ...] = ()
    scope: str = "built-in"
    mine: bool = False


@dataclass(frozen=True)
class BuiltIn:
    """A view that comes with the type."""

    key: str
    name: Label
    filter: Any = None
    sort: str | None = None


_built_in: dict[str, list[BuiltIn]] = {}


def built_in(record_type: str, views: Sequence[BuiltIn]) -> None:
    """An area's ready-made views of a type, after "all" and "mine"."""
    _built_in.setdefault(record_type, []).extend(views)


def _ready(kind: RecordType) -> list[View]:
    found = [View("all", str(L("All", "view")))]
    if kind.card.reach != "open":
        mine = {"all": [{"field": "owner", "op": "mine"}]}
        found.append(View("mine", str(L("Mine", "view")), mine))
    return [*found, *(View(b.key, str(b.name), b.filter, b.sort) for b in _built_in.get(kind.card.key, ()))]


@cache.kept
def _saved(key: str) -> list[tuple[Any, ...]]:
    return store.rows(
        "SELECT id, name, scope, user, team, filter, sort, columns FROM saved_view WHERE record_type = ?"
        " ORDER BY position, id",
        [key],
    )


@cache.kept
def _choices(user: int, key: str) -> dict[str, tuple[tuple[str, ...] | None, bool]]:
    found = store.rows(
        "SELECT view, columns, is_default FROM view_choice WHERE user = ? AND record_type = ?", [user, key]
    )
    return {view: (tuple(json.loads(c)) if c else None, bool(d)) for view, c, d in found}


def views_of(actor: Actor, kind: RecordType) -> list[View]:
    """Every view of the type that the actor may use, in order, each with the actor's own columns."""
    return _views_of(actor.id, actor.team, actor.may("views"), kind.card.key, language())


@cache.kept
def _views_of(user: int, team: int | None, may: bool, key: str, _language: str) -> list[View]:
    found = _ready(by_key(key))
    for number, name, scope, owner, view_team, filter_, sort, columns in _saved(key):
        if owner == user or scope == "all" or (scope == "team" and view_team is not None and view_team == team):
            found.append(
                View(
                    str(number), name, json.loads(filter_) if filter_ else None, sort,
                    tuple(json.loads(columns)) if columns else (), scope, owner == user or may,
                )
            )  # fmt: skip
    chosen = _choices(user, key)
    return [
        View(v.key, v.name, v.filter, v.sort, chosen.get(v.key, (None, False))[0] or v.columns, v.scope, v.mine)
        for v in found
    ]


def view(actor: Actor, kind: RecordType, key: str | None) -> View:
    """The view ``key``, the actor's default without one. Raises NotFound."""
    every = views_of(actor, kind)
    if not key:
        default = next((k for k, (_, is_default) in _choices(actor.id, kind.card.key).items() if is_default), None)
        return next((v for v in every if v.key == default), every[0])
    found = next((v for v in every if v.key == key), None)
    if found is None:
        raise NotFound(L("There is no such view, or it is not shared with you."))
    return found


def save(
    actor: Actor,
    kind: RecordType,
    *,
    name: str,
    scope: str = "mine",
    filter: Any = None,
    sort: str | None = None,
    columns: Sequence[str] = (),
    key: str | None = None,
) -> str:
    """Keep a view, a new one or over ``key``; its key. Raises Invalid, Forbidden, BadRequest."""
    title = tidy(name)[:80]
    if not title:
        raise Invalid({"name": [str(L("Give the view a name."))]})
    if scope not in ("mine", "team", "all"):
        raise Invalid({"scope": [str(L("Choose who sees it."))]})
    if scope == "all" and not actor.may("views"):
        raise Forbidden(L("Views for everyone are kept by those who run smallcrm."))
    if scope == "team" and actor.team is None:
        raise Invalid({"scope": [str(L("You belong to no team."))]})
    filters.compile_filter(actor, kind, filter)
    order.parse(actor, kind, sort)
    known = access.readable(actor, kind)
    shown = [column for column in columns if column in known]
    values = [
        title, scope, actor.team if scope == "team" else None, json.dumps(filter) if filter else None,
        sort, json.dumps(shown) if shown else None, clock.stamp(),
    ]  # fmt: skip
    with store.writing():
        if key:
            _need_own(actor, kind, key)
            store.run(
                "UPDATE saved_view SET name=?, scope=?, team=?, filter=?, sort=?, columns=?, updated_at=? WHERE id = ?",
                [*values, int(key)],
            )
        else:
            store.run(
                "INSERT INTO saved_view (name, scope, team, filter, sort, columns, updated_at, record_type, user,"
                " position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                [*values, kind.card.key, actor.id],
            )
            key = str(store.connection().last_insert_rowid())
        audit.log(actor, "view saved", record_type=kind.card.key, detail={"view": title, "scope": scope})
        cache.bump()
    return key


def remove(actor: Actor, kind: RecordType, key: str) -> None:
    """Take a saved view away."""
    with store.writing():
        name = _need_own(actor, kind, key)
        store.run("DELETE FROM saved_view WHERE id = ?", [int(key)])
        store.run("DELETE FROM view_choice WHERE record_type = ? AND view = ?", [kind.card.key, key])
        audit.log(actor, "view removed", record_type=kind.card.key, detail={"view": name})
        cache.bump()


def _need_own(actor: Actor, kind: RecordType, key: str) -> str:
    found = view(actor, kind, key)
    if found.scope == "built-in" or not found.mine:
        raise Forbidden(L("This view is not yours to change."))
    return found.name


def choose_columns(actor: Actor, kind: RecordType, key: str, columns: Sequence[str]) -> None:
    """The columns this actor sees in a view, in order; none returns to the view's own."""
    known = access.readable(actor, kind)
    shown = [column for column in dict.fromkeys(columns) if column in known]
    _choose(actor, kind, key, "columns", json.dumps(shown) if shown else None)


def choose_default(actor: Actor, kind: RecordType, key: str) -> None:
    """The view that opens first for this actor."""
    view(actor, kind, key)
    with store.writing():
        store.run("UPDATE view_choice SET is_default = 0 WHERE user = ? AND record_type = ?", [actor.id, kind.card.key])
        _choose(actor, kind, key, "is_default", 1)


def _choose(actor: Actor, kind: RecordType, key: str, column: str, value: Any) -> None:
    with store.writing():
        store.run(
            f"INSERT INTO view_choice (user, record_type, view, {column}{'' if column == 'is_default' else ', is_default'})"
            f" VALUES (?, ?, ?, ?{'' if column == 'is_default' else ', 0'})"
            f" ON CONFLICT (user, record_type, view) DO UPDATE SET {column} = excluded.{column}",
            [actor.id, kind.card.key, key, value],
        )
        cache.bump()


def columns_of(actor: Actor, kind: RecordType, view_: View) -> list[str]:
    """The columns to show: the view's, else the type's, the title always first."""
    known = access.readable(actor, kind)
    flagged = tuple(name for name, field in known.items() if field.column_shown)
    if kind.card.columns:
        flagged = (*kind.card.columns, *(name for name in flagged if known[name].custom or known[name].present))
    wanted = view_.columns or flagged
    title = kind.card.title
    return [title, *(name for name in wanted if name in known and name != title)]

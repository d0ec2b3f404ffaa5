"""Dashboards: the ready-made one of each role, those that are shared, one's own; their tiles in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.reports.records import Dashboard
from smallcrm.areas.reports.rules import figures, sharing
from smallcrm.areas.reports.rules.figures import Named
from smallcrm.base.errors import BadRequest, Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, leaving
from smallcrm.records.record import Record, values

READY = "ready"


@dataclass(frozen=True)
class Tile:
    """A figure on a dashboard. ``found`` is None where the figure is gone or out of reach."""

    figure: str
    size: str = "half"
    shown: str = "chart"
    found: Named | None = None


@dataclass(frozen=True)
class Board:
    """A dashboard ready to be shown."""

    ref: str
    name: str
    tiles: tuple[Tile, ...]
    record: Record | None = None
    mine: bool = False


# role → (figure, size); what nobody may see is left out
_READY: Mapping[str, Sequence[tuple[str, str]]] = {
    "owner": (
        ("won-value", "tile"), ("open-value", "tile"), ("open-weighted", "tile"), ("win-rate", "tile"), ("new-customers", "tile"),
        ("won-by-month", "whole"), ("won-by-team", "half"), ("open-by-stage", "half"), ("lost-by-reason", "half"), ("quiet-by-owner", "half"),
    ),
    "manager": (
        ("won-value", "tile"), ("open-value", "tile"), ("win-rate", "tile"), ("follow-ups", "tile"), ("quiet", "tile"),
        ("won-by-month", "half"), ("won-by-owner", "half"), ("open-by-stage", "half"), ("activities-by-owner", "half"),
    ),
    "sales": (
        ("won-value", "tile"), ("won-deals", "tile"), ("open-value", "tile"), ("calls", "tile"), ("quiet", "tile"),
        ("open-by-stage", "half"), ("won-by-month", "half"), ("open-by-month", "half"), ("activities-by-week", "half"),
    ),
    "service": (
        ("follow-ups", "tile"), ("calls", "tile"), ("call-minutes", "tile"), ("customers", "tile"),
        ("activities-by-week", "half"), ("customers-by-grade", "half"),
    ),
    "marketing": (
        ("new-customers", "tile"), ("customers", "tile"), ("won-value", "tile"),
        ("new-by-month", "half"), ("new-by-source", "half"), ("won-by-source", "half"), ("customers-by-region", "half"),
    ),
}  # fmt: skip
_READY_ELSE = _READY["owner"]


def ready_tiles(role: str) -> list[tuple[str, str]]:
    """What a role's dashboard begins with; a role of one's own begins with the owner's."""
    return list(_READY.get(role, _READY_ELSE))


def boards(actor: Actor) -> list[tuple[str, str]]:
    """(reference, name) of every dashboard the actor may open."""
    found = [(str(record.id), str(values(record)["name"])) for record in sharing.seen(actor, Dashboard)]
    return [*found, (READY, str(L("As delivered")))]


def first(actor: Actor) -> str:
    """The one that opens first: the chosen one, else one's role's, else the ready-made one."""
    open_ = {ref for ref, _ in boards(actor)}
    chosen = store.value("SELECT dashboard FROM dashboard_choice WHERE user = ?", [actor.id])
    if chosen in open_:
        return str(chosen)
    of_role = store.rows(
        "SELECT id FROM dashboard WHERE deleted_at IS NULL AND shared IN ('all', 'team') AND role = ? ORDER BY id", [actor.role.key]
    )  # fmt: skip
    return next((str(number) for (number,) in of_role if str(number) in open_), READY)


def choose(actor: Actor, ref: str) -> None:
    """Open this one first from now on. Raises NotFound."""
    find(actor, ref)
    with store.writing():
        sql = "INSERT INTO dashboard_choice (user, dashboard) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET dashboard = excluded.dashboard"
        store.run(sql, [actor.id, ref])


def find(actor: Actor, ref: str) -> Board:
    """A dashboard. Raises NotFound."""
    if ref == READY:
        tiles = [_tile(actor, figure, size, "chart") for figure, size in ready_tiles(actor.role.key)]
        return Board(READY, str(L("Dashboard")), tuple(tile for tile in tiles if tile.found))
    if not (ref.isascii() and ref.isdigit() and len(ref) < 16):
        raise NotFound(L("There is nothing here, or you may not see it."))
    record = access.find(actor, Dashboard, int(ref))
    held = values(record)
    tiles = [
        _tile(actor, row["figure"] or "", row.get("size") or "half", row.get("shown") or "chart")
        for row in held.get("tiles") or ()
    ]
    return Board(ref, str(held["name"]), tuple(tiles), record, access.may(actor, record, "edit"))


def _tile(actor: Actor, figure: str, size: str, shown: str) -> Tile:
    try:
        return Tile(figure, size, shown, figures.find(actor, figure))
    except (NotFound, BadRequest):
        return Tile(figure, size, shown)


def keep(
    actor: Actor, name: str, tiles: Sequence[Mapping[str, Any]], *, over: Record | None = None, shared: str = "mine", role: str = "", subtitle: str = "",
    version: int | None = None,
) -> Record:  # fmt: skip
    """Keep a dashboard, a new one or over another. Raises Invalid, Stale, NotFound for a figure that is none."""
    if not tidy(name):
        raise Invalid({"name": [str(L("Give the dashboard a name."))]})
    if over is None and not tiles:
        raise Invalid({"tiles": [str(L("Choose at least one figure."))]})
    known = {row["figure"] for row in values(over).get("tiles") or ()} if over is not None else set()
    for tile in tiles:
        if tile["figure"] not in known:
            figures.find(actor, str(tile["figure"]))
    given = {
        "name": name,
        "tiles": [dict(tile) for tile in tiles],
        "shared": shared,
        "role": role or None,
        "subtitle": subtitle or None,
    }
    return (
        change.create(actor, Dashboard, given) if over is None else change.update(actor, over, given, version=version)
    )


leaving.goes_along("dashboard")  # everybody has their own

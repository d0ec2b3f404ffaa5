"""Arranging a dashboard: which figures, in which order, how large. What was ready-made becomes one's own."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports.pages import reports
from smallcrm.areas.reports.records import Dashboard
from smallcrm.areas.reports.records.choices import ROLES, SHARED, SHOWN, SIZES
from smallcrm.areas.reports.rules import dashboards, figures
from smallcrm.areas.reports.rules.dashboards import READY, Board
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid, NotFound, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.records.record import values
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

_ROW = re.compile(r"tile-(\w{1,12})-(figure|size|shown|on)")
MOST = 40


@reports.get("/dashboard/arrange")
def arrange() -> str:
    """The form: tiles in order, figures to add; ``add`` names one that comes in at once."""
    who = actor()
    board = dashboards.find(who, request.args.get("board") or dashboards.first(who))
    held = values(board.record) if board.record is not None else {}
    tiles = [{"figure": tile.figure, "size": tile.size, "shown": tile.shown} for tile in board.tiles]
    if request.args.get("add"):
        tiles.append({"figure": request.args["add"][:60], "size": "half", "shown": "chart"})
    mine = board.record is not None and board.mine and not request.args.get("new")
    name = held["name"] if mine else str(L("My dashboard"))
    return _form(
        who,
        board,
        tiles,
        name=name,
        shared=held.get("shared") or "mine",
        role=held.get("role") or "",
        subtitle=held.get("subtitle") or "",
        over=mine,
    )


def _form(
    who: Actor, board: Board, tiles: list[dict[str, str]], errors: dict[str, list[str]] | None = None, **typed: Any
) -> str:
    if who.scope("dashboard", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))
    offered = figures.offered(who)
    names = dict(offered)
    return render_template(
        "reports/arrange.html", board=board, errors=errors or {}, once=ids.token(), **typed,
        tiles=[(n, tile, names.get(tile["figure"], str(L("(gone)", "figure")))) for n, tile in enumerate(tiles, 1)],
        figures=offered, sizes=[(k, str(w)) for k, w in SIZES], showns=[(k, str(w)) for k, w in SHOWN],
        shares=[(k, str(w)) for k, w in SHARED if k != "all" or who.may("views")], roles=[(k, str(w)) for k, w in ROLES],
    )  # fmt: skip


def _tiles() -> list[dict[str, str]]:
    """The rows of the form in its order, those that were unticked left out; then what was added."""
    rows: dict[str, dict[str, str]] = {}
    for key, value in request.form.items(multi=True):
        if found := _ROW.fullmatch(key):
            rows.setdefault(found[1], {})[found[2]] = value[:60]
    kept = [
        {"figure": row["figure"], "size": row.get("size", "half"), "shown": row.get("shown", "chart")}
        for row in rows.values()
        if row.get("on") and row.get("figure")
    ]
    kept += [{"figure": ref[:60], "size": "half", "shown": "chart"} for ref in request.form.getlist("add") if ref]
    return kept[:MOST]


@reports.post("/dashboard/arrange")
def keep() -> Response | tuple[str, int]:
    """Keep it."""
    who = actor()
    board = dashboards.find(who, request.form.get("board") or READY)
    over = (
        access.find(who, Dashboard, int(board.record.id), "edit")
        if request.form.get("over") and board.record is not None
        else None
    )
    tiles = _tiles()
    typed = {part: request.form.get(part, "") for part in ("name", "subtitle", "shared", "role")}

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            kept = dashboards.keep(who, tiles=tiles, over=over, version=request.form.get("version", type=int), **typed)
        dashboards.choose(who, str(kept.id))
        toasts.say(str(L("%(name)s is kept.", name=typed["name"])), undo=mine.id)
        return f"/dashboard?board={kept.id}"

    try:
        if over is None and who.scope("dashboard", "create") is Scope.NONE:
            raise Forbidden(access.refusal(who, "create"))
        return redirect(idempotency.form_once(who, make), 303)
    except Invalid as error:
        return _form(who, board, tiles, dict(error.errors), over=over is not None, **typed), 422
    except (NotFound, Stale) as error:
        return _form(who, board, tiles, {"": [str(error)]}, over=over is not None, **typed), 422

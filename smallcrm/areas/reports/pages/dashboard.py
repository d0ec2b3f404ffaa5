"""``/dashboard``: one's tiles and charts; asked again quietly, answered only where something has changed."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.reports import drawing
from smallcrm.areas.reports.pages import asked, reports
from smallcrm.areas.reports.pages.asked import Asked
from smallcrm.areas.reports.records import Dashboard
from smallcrm.areas.reports.rules import dashboards
from smallcrm.areas.reports.rules.dashboards import Board
from smallcrm.base import clock, formats
from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, figures
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment


def _here(who: Actor) -> tuple[Board, Asked]:
    ref = request.values.get("board") or dashboards.first(who)
    return dashboards.find(who, ref), asked.read(who, kept=("board",), each=True)


@reports.get("/dashboard")
def dashboard() -> Response | str:
    """The page; with ``part`` only what changes on it."""
    who = actor()
    board, here = _here(who)
    inside = _drawn(who, board, here)
    mark = hashlib.sha256(inside.encode()).hexdigest()[:16]
    if request.args.get("part"):
        return _part(inside, mark, here)
    return render_template(
        "reports/dashboard.html", board=board, asked=here, inside=_framed(inside, mark, here), boards=dashboards.boards(who),
        at=formats.time(clock.now()), first=dashboards.first(who) == board.ref, may_keep=who.scope("dashboard", "create") is not Scope.NONE,
    )  # fmt: skip


def _part(inside: Markup, mark: str, here: Asked) -> Response:
    """Nothing where the page shows it already."""
    unchanged = request.args.get("mark") == mark or mark in request.headers.get("If-None-Match", "")
    if unchanged and request.args.get("mark") == mark:
        response = make_response("", 204)
    else:
        response = make_response("" if unchanged else _framed(inside, mark, here), 304 if unchanged else 200)
    response.headers["ETag"] = f'"{mark}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _framed(inside: Markup, mark: str, here: Asked) -> Markup:
    return fragment(
        "reports/_dash_frame.html", inside=inside, again=f"{here.url()}&part=1&mark={mark}".replace("?&", "?")
    )


def _drawn(who: Actor, board: Board, here: Asked) -> Markup:
    tiles: list[Any] = []
    for tile in board.tiles:
        shown, trouble = None, ""
        if tile.found is None:
            trouble = str(L("This figure is gone, or you may not see it."))
        else:
            try:
                shown = drawing.show(
                    tile.figure, tile.found.name, figures.ask(who, here.of(tile.found.spec)), tile.found.how,
                    wide=tile.size == "whole",
                )  # fmt: skip
            except (BadRequest, Forbidden) as error:
                trouble = str(error)
        tiles.append((tile, shown, trouble))
    return fragment(
        "reports/_dash.html", tiles=tiles, numbers=[t for t in tiles if t[1] is not None and t[1].number], board=board
    )


@reports.post("/dashboard/first")
def open_first() -> Response:
    """Open this one first from now on."""
    who = actor()
    dashboards.choose(who, request.form.get("board", ""))
    toasts.say(str(L("This dashboard opens first for you now.")))
    return redirect("/dashboard", 303)


@reports.post("/dashboards/<int:number>/remove")
def remove_dashboard(number: int) -> Response:
    """Into the bin; the figures stay."""
    who = actor()
    record = access.find(who, Dashboard, number, "delete")
    with changesets.opened(who, "delete") as mine:
        change.delete(who, record)
    toasts.say(str(L("%(name)s is in the bin.", name=record.name)), undo=mine.id)  # type: ignore[attr-defined]
    return redirect("/dashboard", 303)

"""``GET /api/v1/forecast`` and what lies under it: the pages' figures as JSON, read from the same addresses with the same rights.

Money is text with the currency's decimals; a figure whose divisor is 0 is null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from smallcrm.areas.forecast.pages import behind as behind_page
from smallcrm.areas.forecast.pages import forecast as forecast_page
from smallcrm.areas.forecast.pages import forecast_pages, naming
from smallcrm.areas.forecast.pages import funnel as funnel_page
from smallcrm.areas.forecast.pages import moved as moved_page
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import figures
from smallcrm.areas.forecast.rules import hot as rule
from smallcrm.areas.forecast.rules.figures import COLUMNS, Figures
from smallcrm.areas.forecast.rules.speed import Speed
from smallcrm.base import money
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.web.api import openapi, verbs
from smallcrm.web.context import actor

COMMON = ("unit", "from", "n", "by", "pipeline", "person", "team", "product", "source", "as_of", "language")
BASE = "/api/v1/forecast"


def read(path: str, *own: str) -> State:
    """The state that the address asks for. Raises BadRequest for a parameter that there is not, or that cannot be read."""
    unknown = set(request.args) - set(COMMON) - set(own)
    if unknown:
        raise BadRequest(L("There is no parameter “%(name)s”.", name=min(unknown)[:60]))
    state = states.read(actor(), request.args, path, own)
    understood = state.args()
    for name in (*COMMON[:-1], *own):
        text = request.args.get(name)
        if text and name not in understood and not _usual(state, name, text):
            raise BadRequest(L("“%(value)s” is nothing that “%(name)s” can be.", value=text[:60], name=name))
    return state


def _usual(state: State, name: str, text: str) -> bool:
    """Whether a value is left out because it is what one gets anyhow."""
    return (name == "unit" and text == "month") or (name == "as_of" and states.day(text) is not None)


def plain(units: int | None) -> str | None:
    """An amount as text."""
    return None if units is None else money.plain(units, naming.currency())


def numbers(each: Figures) -> dict[str, Any]:
    """Figures as JSON."""
    return {
        **{name: plain(each.value(name)) for name in COLUMNS}, "open": plain(each.open), "omitted": plain(each.omitted),
        "count": {"won": each.count("won"), "open": each.open_count, "omitted": each.count("omitted")},
    }  # fmt: skip


@forecast_pages.get(BASE)
def api_forecast() -> Response:
    """The forecast."""
    state = read(BASE)
    page = forecast_page.look_up(state)
    rows = [
        {
            "id": row.key or None, "name": row.name, "period": row.place or row.period or None, **numbers(row.figures),
            "overrides": {
                name: {"amount": plain(each.amount), "by": each.by, "at": each.at, "note": each.note} for name, each in (row.said or {}).items()
            },
        }
        for row in page.rows
    ]  # fmt: skip
    return jsonify(
        {
            "currency": naming.currency(), "as_of": state.which.today.isoformat(), "periods": [period.key for period in state.periods],
            "by": state.by or "period", "rows": rows, "total": numbers(page.total), "apart": {row.place: numbers(row.figures) for row in page.apart},
            "without_rate": page.unrated,
        }
    )  # fmt: skip


@forecast_pages.get(f"{BASE}/behind")
def api_behind() -> Response:
    """The opportunities behind a figure."""
    state = read(f"{BASE}/behind", *behind_page.OWN, "cursor")
    cell = behind_page.cell_of(state)
    last = behind_page.cursor_of(request.args.get("cursor"))
    lines = figures.behind(state.which, state.periods, cell, limit=behind_page.PAGE + 1, after=last)
    n, total, weighted = figures.sum_behind(state.which, state.periods, cell)
    shown = lines[: behind_page.PAGE]
    return jsonify(
        {
            "items": [
                {"id": line.id, "amount": plain(line.amount), "weighted": plain(line.weighted), "day": line.day, "state": line.kind} for line in shown
            ],
            "next": f"{shown[-1].amount or 0}_{shown[-1].id}" if len(lines) > len(shown) else None,
            "total": n, "amount": plain(total), "weighted": plain(weighted),
        }
    )  # fmt: skip


def _share(value: Decimal | None) -> str | None:
    return None if value is None else str(value.quantize(Decimal("0.0001")))


def _days(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _speed(each: Speed) -> dict[str, Any]:
    return {
        "won": each.won, "lost": each.lost, "open": each.open, "won_amount": plain(each.won_amount), "lost_amount": plain(each.lost_amount),
        "win_rate": _share(each.rate), "win_rate_by_amount": _share(each.rate_amount), "average_won": plain(each.average),
        "cycle_days": _days(each.cycle), "median_days": _days(each.median), "velocity_per_day": plain(each.velocity),
    }  # fmt: skip


@forecast_pages.get(f"{BASE}/funnel")
def api_funnel() -> Response:
    """Conversion, speed, stays, what slipped."""
    page = funnel_page.look_up(read(f"{BASE}/funnel", *funnel_page.OWN))
    stages_ = [
        {
            "id": line.passage.step.id, "name": line.passage.step.name, "entered": line.passage.entered, "reached": line.passage.reached,
            "conversion": _share(line.passage.rate), "standing": line.standing[0], "amount": plain(line.standing[1]),
            "stay_days": _days(line.stay.average), "stay_trend_days": _days(line.stay.trend), "chance": line.worth.step.chance,
            "chance_by_history": line.worth.chance, "closed_that_entered": line.worth.entered,
        }
        for line in page.lines
    ]  # fmt: skip
    return jsonify(
        {
            "currency": naming.currency(), "pipeline": page.way.id if page.way else None, "from": page.period[0].isoformat(),
            "to": page.period[1].isoformat(), "stages": stages_, **_speed(page.speed),
            "rows": [{"key": key or None, "name": name, **_speed(each)} for key, name, each in page.rows], "by": page.by,
            "slipped": len(page.slipped), "open_in_period": plain(page.open), "target": plain(page.target), "coverage": _share(page.coverage),
        }
    )  # fmt: skip


@forecast_pages.get(f"{BASE}/moved")
def api_moved() -> Response:
    """The bridge since a day."""
    page = moved_page.look_up(read(f"{BASE}/moved", *moved_page.OWN))
    found = page.bridge
    return jsonify(
        {
            "currency": naming.currency(), "since": page.since.isoformat(), "measure": page.measure, "start": plain(found.start),
            "end": plain(found.end),
            "steps": [
                {"kind": kind, "amount": plain(found.sum(kind)), "items": [{"id": each.id, "amount": plain(each.value)} for each in found.of(kind)[:200]]}
                for kind in page.kinds
            ],
        }
    )  # fmt: skip


@forecast_pages.get(f"{BASE}/hot")
def api_hot() -> Response:
    """The hot list."""
    state = read(f"{BASE}/hot", "limit")
    found = rule.hot(state.which, limit=states.number(request.args.get("limit"), most=200) or 50)
    return jsonify(
        {
            "items": [
                {"id": each.id, "heat": each.score, "chance": each.chance, "expected_close": each.close, "amount": plain(each.amount), "why": each.reasons()}
                for each in found
            ]
        }
    )  # fmt: skip


_TEXT = {"type": "string"}


def describe(path: str, about: str, *own: str) -> None:
    """Tell openapi.json of an address."""
    parameters = [{"name": name, "in": "query", "schema": _TEXT} for name in (*COMMON, *own)]
    body = {"description": about, "content": {"application/json": {"schema": {"type": "object"}}}}
    verbs.described[path] = {
        "get": {
            "operationId": f"get{path.replace('/', '_')}", "summary": about, "parameters": parameters,
            "responses": {"200": body, **openapi.refusals(400, 401, 403)},
        }
    }  # fmt: skip


describe(
    "/forecast",
    "What will be sold: won, commit, best case, pipeline, weighted, by period, person, team, product or pipeline.",
)
describe("/forecast/behind", "The opportunities that a figure of the forecast sums.", *behind_page.OWN, "cursor")
describe(
    "/forecast/funnel",
    "Cohort conversion, win rate, cycle, velocity, stays, slipped ones and what stages were worth.",
    *funnel_page.OWN,
)
describe("/forecast/moved", "What moved since a day, as steps that add up from then to now.", *moved_page.OWN)
describe("/forecast/hot", "Open opportunities that are likely, near and lately spoken about.", "limit")

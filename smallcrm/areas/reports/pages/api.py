"""Figures and reports for programs, within the reach of the token's user."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from smallcrm.areas.reports.pages import asked, reports
from smallcrm.areas.reports.rules import figures as named
from smallcrm.areas.reports.rules.figures import Named
from smallcrm.identity.actor import Actor
from smallcrm.records import figures
from smallcrm.records.figures import Result, ready, words
from smallcrm.web.api import openapi, verbs
from smallcrm.web.context import actor


@reports.get("/api/v1/reports")
def api_reports() -> Response:
    """Every ready-made figure and report the user may see."""
    who = actor()
    items = [{"key": each.key, "name": str(each.name), "type": each.spec.kind.card.name} for each in ready.figures(who)]
    pages = [
        {"key": each.key, "name": str(each.name), "figures": [f.key for f in ready.of_report(who, each)]}
        for each in ready.reports(who)
    ]
    return jsonify({"figures": items, "reports": pages})


@reports.get("/api/v1/reports/<key>")
def api_figure(key: str) -> Response:
    """A figure worked out: a ready-made one by its key, a saved one by its id."""
    who = actor()
    found = named.find(who, key)
    here = asked.read(who)
    return jsonify(_answer(who, found, figures.ask(who, here.of(found.spec))))


def _answer(who: Actor, found: Named, result: Result) -> dict[str, Any]:
    def number(value: Any) -> Any:
        plain = words.plain(value, result.measure, result.currency)
        return plain if plain is None or isinstance(plain, int) else f"{plain:f}"

    return {
        "key": found.ref, "name": found.name, "type": result.spec.kind.card.name, "unit": result.measure.unit,
        "currency": result.currency if result.measure.unit == "money" else None,
        "from": result.span[0].isoformat() if result.span else None, "to": result.span[1].isoformat() if result.span else None,
        "groups": [group.label for group in result.groups], "total": number(result.total.value),
        "before": number(result.total.before), "without_rate": result.without_rate,
        "rows": [
            {
                "keys": list(row.keys), "names": list(row.names), "value": number(row.cell.value), "before": number(row.cell.before),
                "filter": figures.drill(result.spec, result, row.keys),
            }
            for row in result.rows
        ],
        "filter": figures.drill(result.spec, result),
    }  # fmt: skip


def describe() -> None:
    """Tell the API's description."""
    key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
    period = {
        "name": "period",
        "in": "query",
        "schema": {"type": "string"},
        "description": "this_month, last_12_months, 2026-01-01..2026-03-31 …",
    }
    whole = {"application/json": {"schema": {"type": "object"}}}
    verbs.described["/reports"] = {
        "get": {
            "operationId": "list_reports",
            "responses": {"200": {"description": "figures and reports", "content": whole}, **openapi.refusals(401)},
        }
    }
    verbs.described["/reports/{key}"] = {
        "parameters": [key, period],
        "get": {
            "operationId": "get_report",
            "responses": {
                "200": {"description": "the figure", "content": whole},
                **openapi.refusals(400, 401, 403, 404),
            },
        },
    }

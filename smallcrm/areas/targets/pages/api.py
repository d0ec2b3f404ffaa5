"""Targets for programs: how everybody within the token's reach stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from smallcrm.areas.targets.pages import standing, targets
from smallcrm.areas.targets.rules import checking, plans
from smallcrm.records import settings
from smallcrm.web.api import openapi, verbs
from smallcrm.web.context import actor


@targets.get("/api/v1/targets")
def api_targets() -> Response:
    """``metric`` and ``period`` (2026-11, 2026-Q4, 2026) may be given; else won value, this month."""
    who = actor()
    standing.need(who)
    metric = plans.find_metric(request.args.get("metric", ""))
    period = checking.now(request.args.get("period", ""))
    return jsonify(
        {
            "metric": metric.key, "period": period, "currency": settings.money_currency() if metric.unit == "money" else None,
            "without_rate": checking.without(who, metric, period), "items": [_item(each) for each in checking.standings(who, metric, period)],
        }
    )  # fmt: skip


def _item(each: checking.Standing) -> dict[str, Any]:
    at = each.progress
    numbers = {
        "target": at.target, "actual": at.actual, "achievement": at.reached, "gap": at.gap, "expected": at.expected,
        "run_rate": at.run_rate, "forecast": at.forecast,
    }  # fmt: skip
    found: dict[str, Any] = {name: _text(value) for name, value in numbers.items()}
    return {"for": each.subject.whom, "id": each.subject.id, "name": each.subject.name, **found}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def describe() -> None:
    """Tell the API's description."""
    asked = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("metric", "period")]
    verbs.described["/targets"] = {
        "parameters": asked,
        "get": {
            "operationId": "list_targets",
            "responses": {
                "200": {
                    "description": "how everybody stands",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                **openapi.refusals(400, 401, 403, 404),
            },
        },
    }

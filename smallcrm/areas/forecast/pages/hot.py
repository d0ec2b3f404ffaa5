"""``/forecast/hot``: what is likely and near within the next 90 days, why, and what comes next, written down in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request

from smallcrm.areas.forecast.pages import book, forecast_pages, naming
from smallcrm.areas.forecast.pages import state as states
from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import hot as rule
from smallcrm.areas.forecast.rules.hot import Hot
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, rows
from smallcrm.web.context import actor

HERE = "/forecast/hot"
PAGE = 50
_HELD = ("id", "name", "customer", "stage", "owner", "next_step", "next_follow_up_on", "amount", "currency")


def told(who: Actor, found: Sequence[Hot]) -> list[dict[str, Any]]:
    """The list with what everything is called."""
    held = rows.load(Opportunity, [each.id for each in found], only=_HELD)
    customers = access.names(who, "customer", [each["customer"] for each in held.values() if each["customer"]])
    people = access.names(who, "user", [each["owner"] for each in held.values() if each["owner"]])
    return [
        {
            "hot": each, "values": held[each.id], "customer": customers.get(held[each.id]["customer"] or 0, ""),
            "person": people.get(held[each.id]["owner"] or 0, ""), "stage": step.name if (step := stages.step(held[each.id]["stage"])) else "",
        }
        for each in found
        if each.id in held
    ]  # fmt: skip


@forecast_pages.get(HERE)
def hot() -> str:
    """The list; ``skip`` for what follows."""
    state = states.read(actor(), request.args, HERE)
    skip = states.number(request.args.get("skip"), most=100_000) or 0
    found = rule.hot(state.which, limit=PAGE + 1, skip=skip)
    items = told(state.actor, found[:PAGE])
    shown = access.readable(state.actor, Opportunity)
    context = {
        "items": items, "following": state.url(skip=skip + PAGE) if len(found) > PAGE else None, "place": skip,
        "may": access.within(state.actor, Opportunity, [each["hot"].id for each in items], "edit"),
        "writable": set(access.writable(state.actor, Opportunity)), "shown": shown,
        "may_log": state.actor.scope("activity", "create") is not Scope.NONE, **naming.frame(state),
    }  # fmt: skip
    if request.headers.get("HX-Request") and skip:
        return render_template("forecast/_hot.html", **context)
    return render_template("forecast/hot.html", no_as_of=True, **context, **naming.choices(state))


@forecast_pages.get("/forecast/hot.xlsx")
def hot_file() -> Response:
    """The whole list as a workbook."""
    state = states.read(actor(), request.args, HERE)
    book.need(state)
    code = naming.currency()
    return book.answer(state, sheet_of(state, code), code)


def sheet_of(state: State, code: str) -> book.Sheet:
    """The list as a sheet."""
    titles = (
        (L("Opportunity"), "text"), (L("Customer"), "text"), (L("Stage"), "text"), (L("Owner"), "text"), (L("Amount"), "money"),
        (L("Chance"), "integer"), (L("Expected close"), "date"), (L("Heat"), "integer"), (L("Why"), "text"), (L("Next step"), "text"),
        (L("Next step on"), "date"),
    )  # fmt: skip
    sheet = book.Sheet(str(L("Next 90 days")), [(str(title), kind) for title, kind in titles])
    readable = access.readable(state.actor, Opportunity)
    for each in told(state.actor, rule.hot(state.which, limit=5000)):
        one, held = each["hot"], each["values"]
        steps = [
            held["next_step"] if "next_step" in readable else None,
            book.a_day(held["next_follow_up_on"]) if "next_follow_up_on" in readable else None,
        ]
        sheet.rows.append(
            [
                held["name"], each["customer"], each["stage"], each["person"], book.amount(one.amount, code), one.chance,
                book.a_day(one.close), one.score, ", ".join(one.reasons()), *steps,
            ]
        )  # fmt: skip
    return sheet

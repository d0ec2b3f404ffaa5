"""The board: a column a stage, each with its count, its sum and its weighted sum, paging by itself; cards are dragged or moved by keys."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.pipeline.pages import pipeline_pages
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import planned, stages, warnings
from smallcrm.areas.pipeline.rules.stages import Step, Way
from smallcrm.base import clock, formats
from smallcrm.base.errors import BadRequest, Forbidden, NotFound
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, query, rows, settings
from smallcrm.records.figures import words
from smallcrm.web import state
from smallcrm.web.cells import initials
from smallcrm.web.context import actor
from smallcrm.web.pages.listing import looks
from smallcrm.web.state import ListState

CARDS = 20  # a column's first ones, and as many with each "more"
ENDED_DAYS = 30  # what ended longer ago is in the list, not on the board
URL = "/opportunities/board"


@dataclass(frozen=True)
class Lane:
    """A column: its stage, what stands in it by count and by sums, its first cards, and where the others are."""

    step: Step
    n: int
    sum: str
    weighted: str
    cards: list[Card]
    more: tuple[str, str] | None
    without: str = ""  # amounts its sums leave out


@dataclass(frozen=True)
class Card:
    """What a card says."""

    id: int
    title: str
    move_url: str | None
    lines: list[str]
    age: str
    age_tone: str
    step: str
    warning: str


@pipeline_pages.get(URL)
def board() -> str:
    """One pipeline's board, within the list's view and filter."""
    who = actor()
    here = state.read(who, Opportunity)
    ways = _ways(who)
    way = _chosen(who, ways)
    lanes = _lanes(who, here, way) if way else []
    total = sum(lane.n for lane in lanes if not lane.step.ended)
    return render_template(
        "pipeline/board.html",
        kind=Opportunity,
        state=here,
        way=way,
        ways=[(each.name, _address(here, each), each == way) for each in ways] if len(ways) > 1 else [],
        lanes=lanes,
        total=total,
        heads_url=_address(here, way, "/heads") if way else "",
        chips=query.describe(who, Opportunity, here.filter),
        looks=looks(here, "board"),
        may={verb: who.scope("opportunity", verb) is not Scope.NONE for verb in ("create", "edit")},
        sets_up=who.may("settings"),
        days=ENDED_DAYS,
        sums_in=words.sums_in(settings.money_currency()) if "amount" in access.readable(who, Opportunity) else "",
    )


def _ways(who: Actor) -> list[Way]:
    """The pipelines one may look at: one's own first. Raises Forbidden for who sees no opportunities at all."""
    if who.scope("opportunity", "view") is Scope.NONE:
        raise Forbidden(access.refusal(who, "view"))
    mine = stages.used_by(who)
    return [*mine, *(way for way in stages.every().values() if way not in mine and way.steps)]


def _chosen(who: Actor, ways: list[Way]) -> Way | None:
    number = request.args.get("pipeline", type=int)
    if number is None:
        return ways[0] if ways else None
    found = next((way for way in ways if way.id == number), None)
    if found is None:
        raise NotFound(L("There is no such pipeline any more."))
    return found


def _address(here: ListState, way: Way | None, path: str = "", **more: Any) -> str:
    asked = here.url().partition("?")[2]
    extra = "".join(f"&{name}={quote(str(value))}" for name, value in more.items() if value)
    return f"{URL}{path}?{asked}" + (f"&pipeline={way.id}" if way else "") + extra


# ---------------------------------------------------------------- columns


def _asked(here: ListState, step: Step | None, way: Way, **more: Any) -> query.Ask:
    """What the list reads, in one stage, or in the whole pipeline: of what is over only the last weeks."""
    since = (clock.today() - dt.timedelta(days=ENDED_DAYS)).isoformat()
    inside: list[Any] = [{"field": "stage", "op": "eq", "value": step.id}] if step else [
        {"field": "pipeline", "op": "eq", "value": way.id},
        {"any": [{"field": "state", "op": "eq", "value": "open"}, {"field": "closed_on", "op": "gte", "value": since}]},
    ]  # fmt: skip
    if step and step.ended:
        inside.append({"field": "closed_on", "op": "gte", "value": since})
    tree = {"all": [*([here.filter] if here.filter else []), *inside]}
    sort = "-closed_on" if step and step.ended else here.sort or "expected_close"
    along = "opportunity_board" if step and sort == "expected_close" else ""
    return query.Ask(here.actor, Opportunity, [], tree, here.q, sort, CARDS, more.get("cursor"), along=along)


def _sums(who: Actor, here: ListState, way: Way) -> dict[int, tuple[int, int, int, int]]:
    """Stage → (count, sum, weighted sum in hundredths, amounts that have no value for want of a rate)."""
    ask = _asked(here, None, way)
    if "amount" not in access.readable(who, Opportunity):
        return {stage: (n, 0, 0, 0) for stage, n in query.tally(ask, "count(*)", 't."stage"')}
    select = (
        "count(*), coalesce(sum(t.amount_base), 0), coalesce(sum(t.amount_base * coalesce(t.chance, 0)), 0),"
        " sum(t.amount IS NOT NULL AND t.amount_base IS NULL)"
    )
    return {stage: (n, *sums) for stage, n, *sums in query.tally(ask, select, 't."stage"')}


def _lanes(who: Actor, here: ListState, way: Way) -> list[Lane]:
    sums = _sums(who, here, way)
    found = {step.id: query.page(_asked(here, step, way)) if step.id in sums else None for step in way.steps}
    ids = [row[0] for page in found.values() if page for row in page.rows]
    drawn = {card.id: card for card in _cards(who, ids)}
    made = []
    for step in way.steps:
        page = found[step.id]
        n, total, weighted, without = sums.get(step.id, (0, 0, 0, 0))
        cards = [drawn[row[0]] for row in page.rows if row[0] in drawn] if page else []
        more = _more(here, way, step, n - len(cards), page.next) if page and page.next else None
        weighed = _short(weighted // 100) if not step.ended else ""
        made.append(Lane(step, n, _short(total), weighed, cards, more, words.without(without)))
    return made


def _short(units: int) -> str:
    return formats.currency_short(units, str(settings.get("company.currency"))) if units else ""


def _more(here: ListState, way: Way, step: Step, left: int, cursor: str) -> tuple[str, str]:
    text = ngettext("%(n)s more", "%(n)s more", max(left, 1))
    return text, _address(here, way, "/lane", stage=step.id, cursor=cursor, shown=left)


@pipeline_pages.get(f"{URL}/lane")
def lane_part() -> str:
    """The cards of a column that follow."""
    who = actor()
    here = state.read(who, Opportunity)
    way = _chosen(who, _ways(who))
    if not request.args.get("stage"):
        raise BadRequest(L("Say which stage is meant."))
    step = stages.step(request.args.get("stage", type=int))
    if way is None or step is None or step.pipeline != way.id:
        raise NotFound(L("There is no such stage any more."))
    page = query.page(_asked(here, step, way, cursor=request.args.get("cursor")))
    cards = _cards(who, [row[0] for row in page.rows])
    left = request.args.get("shown", 0, type=int) - len(cards)
    more = _more(here, way, step, left, page.next) if page.next else None
    return render_template("pipeline/_cards.html", cards=cards, more=more, pipeline_base="/opportunities")


@pipeline_pages.get(f"{URL}/heads")
def heads() -> str:
    """The heads of all columns anew, once a card was moved."""
    who = actor()
    here = state.read(who, Opportunity)
    way = _chosen(who, _ways(who))
    sums = _sums(who, here, way) if way else {}
    drawn = [(step, *(sums.get(step.id) or (0, 0, 0, 0))) for step in (way.steps if way else ())]
    told = [
        (step, n, _short(total), _short(weighted // 100) if not step.ended else "", words.without(without))
        for step, n, total, weighted, without in drawn
    ]
    return render_template("pipeline/_heads.html", heads=told)


# ---------------------------------------------------------------- cards


def _cards(who: Actor, ids: list[int]) -> list[Card]:
    held = rows.load(Opportunity, ids)
    readable = access.readable(who, Opportunity)
    customers = access.names(who, "customer", [each["customer"] for each in held.values() if each["customer"]])
    owners = access.names(who, "user", [each["owner"] for each in held.values() if each["owner"]])
    plans = planned.next_of(who, ids)
    editable = access.within(who, Opportunity, ids, "edit")
    return [_card(held[i], readable, customers, owners, plans.get(i), i in editable) for i in ids if i in held]


def _card(
    each: dict[str, Any],
    readable: Mapping[str, Any],
    customers: Mapping[int, str],
    owners: Mapping[int, str],
    plan: planned.Plan | None,
    editable: bool,
) -> Card:
    number = each["id"]
    money = formats.currency_short(each["amount"], each["currency"]) if each["amount"] and "amount" in readable else ""
    closes = each["closed_on"] if each["state"] != "open" else each["expected_close"]
    first = customers.get(each["customer"] or 0, "")
    second = " · ".join(
        text
        for text in (money, formats.near_date(closes) if closes else "", initials(owners.get(each["owner"] or 0, "")))
        if text
    )
    wrong = warnings.of(each, planned=plan.due if plan else None)
    days = warnings.days_in_stage(each)
    open_ = each["state"] == "open"
    lines = [text for text in (first, second) if text] or [str(_("No amount"))]
    return Card(
        number,
        each["name"],
        f"/opportunities/{number}/board-move?from={each['stage']}" if editable else None,
        lines,
        ngettext("%(n)s d", "%(n)s d", days) if open_ else "",
        "warn" if any(one.key in ("stuck", "quiet") for one in wrong) else "",
        (plan.words if plan else each["next_step"] or "") if open_ else "",
        wrong[0].text if wrong else "",
    )


def answer(text: str = "", status: int = 200, **events: Any) -> Response:
    """A fragment for the board, with what else on the page has to follow."""
    response = make_response(text, status)
    if events:
        response.headers["HX-Trigger"] = json.dumps(events)
    return response

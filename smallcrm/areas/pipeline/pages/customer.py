"""Opportunities on a customer's page: what is open and what it is worth, what was won and lost."""

from __future__ import annotations

from markupsafe import Markup

from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, query, rows, settings
from smallcrm.records.figures import words
from smallcrm.records.record import Record
from smallcrm.web.area import Part
from smallcrm.web.templating import fragment

SHOWN = 6
LATEST = 30  # of which the open ones are shown first
COLUMNS = ("id", "name", "amount", "currency", "stage", "state", "expected_close", "closed_on")


def _of(record: Record) -> dict[str, object]:
    return {"field": record.card.key, "op": "eq", "value": int(record.id)}


def panel(who: Actor, record: Record) -> Part | str:
    """The latest, the open ones first; nothing where there is none and none can be made."""
    if who.scope("opportunity", "view") is Scope.NONE:
        return ""
    page = query.page(query.Ask(who, Opportunity, [], {"all": [_of(record)]}, "", "-updated_at", LATEST))
    may = who.scope("opportunity", "create") is not Scope.NONE and not record.deleted_at
    if not page.rows and not may:
        return ""
    held = rows.load(Opportunity, [row[0] for row in page.rows], only=COLUMNS)
    found = sorted(
        held.values(), key=lambda each: (each["state"] != "open", each["expected_close"] or "9999", -each["id"])
    )
    money = "amount" in access.readable(who, Opportunity)
    lines = [
        {
            "id": each["id"],
            "name": each["name"],
            "amount": formats.currency_short(each["amount"], each["currency"]) if money and each["amount"] is not None else "",
            "stage": step.name if (step := stages.step(each["stage"])) else "",
            "day": formats.near_date(each["expected_close"] if each["state"] == "open" else each["closed_on"]) if each["expected_close"] or each["closed_on"] else "",
            "state": each["state"],
        }
        for each in found[:SHOWN]
    ]  # fmt: skip
    n = len(held)
    if n == LATEST:
        n = query.count(query.Ask(who, Opportunity, [], {"all": [_of(record)]}))
    html = fragment(
        "pipeline/_of_customer.html", record=record, lines=lines, n=n, more=n - len(lines), may=may, kind=Opportunity,
        key=record.card.key,
    )  # fmt: skip
    return Part(html, labels.many(Opportunity), n)


def figure(who: Actor, record: Record) -> Markup | str:
    """What is open with the customer."""
    readable = access.readable(who, Opportunity)
    if who.scope("opportunity", "view") is Scope.NONE or "amount" not in readable:
        return ""
    tree = {"all": [_of(record), {"field": "state", "op": "eq", "value": "open"}]}
    select = "count(*), coalesce(sum(t.amount_base), 0), sum(t.amount IS NOT NULL AND t.amount_base IS NULL)"
    found = query.tally(query.Ask(who, Opportunity, [], tree), select, "1")
    if not found:
        return ""
    _, n, total, without = found[0]
    base = str(settings.get("company.currency"))
    return fragment(
        "pipeline/_open.html",
        n=n,
        total=formats.currency_short(total, base),
        record=record,
        label=str(L("Open pipeline")),
        without=words.without(without),
    )

"""The opportunity on its own page: the stage path, its figures, what is wrong with it, its products, and where it stood when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from markupsafe import Markup

from smallcrm import store
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, planned, rated, stages, warnings
from smallcrm.areas.pipeline.rules.moving import tick_key
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.records.fields import rate
from smallcrm.records.record import Record, values
from smallcrm.web.templating import fragment


def whose(who: Actor, record: Record) -> str:
    """The customer it belongs to, in the head."""
    number = values(record)["customer"]
    name = access.names(who, "customer", [number]).get(number) if number else None
    return Markup('<a class="lnk" href="/customers/{}">{}</a>').format(number, name) if name else ""


def path(who: Actor, record: Record) -> Markup | str:
    """The stages in order, the one it stands in, and the way to each of the others; below, what is to be ticked off here."""
    held = values(record)
    way = stages.pipeline(held["pipeline"])
    here = stages.step(held["stage"])
    if way is None or here is None:
        return ""
    ticked = set(held["ticked"] or ())
    may = not record.deleted_at and access.may(who, record, "edit")
    dates = entered(int(record.id))
    steps = [
        {
            "id": step.id, "name": step.name, "now": step == here, "passed": here.ended or step.position < here.position,
            "on": formats.near_date(dates[step.id]) if step.id in dates else "", "chance": step.chance,
        }
        for step in way.open_steps
    ]  # fmt: skip
    return fragment(
        "pipeline/_path.html",
        record=record,
        steps=steps,
        here=here,
        end=here if here.ended else None,
        may=may and held["state"] == "open",
        items=[(item, tick_key(here, item) in ticked) for item in here.checklist] if held["state"] == "open" else [],
        may_tick=may,
    )


def entered(number: int) -> dict[int, dt.date]:
    """Stage → the day on which the opportunity last came into it."""
    sql = "SELECT stage, max(at) FROM stage_history WHERE opportunity = ? AND entered = 1 GROUP BY stage"
    return {stage: clock.day_of(clock.moment(at)) for stage, at in store.rows(sql, [number]) if stage}


def figures(who: Actor, record: Record) -> Markup | str:
    """Amount, weighted, chance, when it closes, how long it has stood here, what is next."""
    held = values(record)
    readable = access.readable(who, Opportunity)
    base = str(settings.get("company.currency"))
    amount = held["amount"] if "amount" in readable else None
    weighted = (
        round((held["amount_base"] or 0) * (held["chance"] or 0) / 100)
        if amount and held["amount_base"] is not None
        else None
    )
    plan = planned.next_of(who, [int(record.id)]).get(int(record.id))
    days = None
    if held["state"] == "open" and held["expected_close"]:
        days = (dt.date.fromisoformat(held["expected_close"]) - clock.today()).days
    return fragment(
        "pipeline/_figures.html",
        record=record,
        open=held["state"] == "open",
        state=readable["state"].show(held["state"], held, access.reading(who)) if "state" in readable else "",
        amount=formats.currency(amount, held["currency"]) if amount is not None else "–",
        foreign=_in_base(held, base) if amount and rated.foreign(record) else "",
        weighted=formats.currency(weighted, base) if weighted is not None else "–",
        chance=held["chance"] if "chance" in readable else None,
        closes=held["expected_close"],
        days=days,
        closed=held["closed_on"],
        since=warnings.days_in_stage(held),
        plan=plan,
        step=held["next_step"],
        step_on=held["next_follow_up_on"],
    )


def _in_base(held: dict[str, Any], base: str) -> str:
    """The amount in the company's currency, and at which rate."""
    if held["amount_base"] is None:
        return str(L("no rate for %(currency)s", currency=held["currency"]))
    worth = formats.currency(held["amount_base"], base)
    return (
        str(L("%(amount)s at %(rate)s", amount=worth, rate=rate.shown(rate.decimal(held["rate"]))))
        if held["rate"]
        else worth
    )


def wrong(who: Actor, record: Record) -> Markup | str:
    """What is wrong with it, with the reasons; or why and when it ended."""
    held = values(record)
    if record.deleted_at:
        return ""
    plan = planned.next_of(who, [int(record.id)]).get(int(record.id))
    found = warnings.of(held, planned=plan.due if plan else None)
    ended = held["state"] != "open"
    if not found and not ended:
        return ""
    lost_to = held["lost_to"]
    return fragment(
        "pipeline/_wrong.html",
        record=record,
        found=found,
        ended=ended,
        held=held,
        may_reopen=moving.may_reopen(who, record),
        lost_to=access.names(who, "competitor", [lost_to]).get(lost_to, "") if lost_to else "",
    )


def products(who: Actor, record: Record) -> Markup | str:
    """What would be sold, line by line."""
    held = values(record)
    if "products" not in access.readable(who, Opportunity) or not held["products"]:
        return ""
    names = access.names(who, "product", [row["product"] for row in held["products"] if row.get("product")])
    lines = [
        {
            "url": f"/products/{row['product']}" if row.get("product") in names else None,
            "name": names.get(row.get("product") or 0) or row.get("description") or "–",
            "quantity": _quantity(row.get("quantity")),
            "price": formats.currency(row["price"], held["currency"]) if row.get("price") is not None else "",
            "discount": f"−{formats.number(row['discount'] / 100)} %" if row.get("discount") else "",
            "amount": formats.currency(row["amount"], held["currency"]) if row.get("amount") is not None else "",
        }
        for row in held["products"]
    ]  # fmt: skip
    may = access.may(who, record, "edit")
    return fragment("pipeline/_products.html", record=record, lines=lines, may=may, kind=Product)


def _quantity(steps: int | None) -> str:
    if steps is None:
        return ""
    whole, rest = divmod(steps, 1000)
    return formats.number(whole) if not rest else formats.number(steps / 1000)


def history(who: Actor, record: Record) -> Markup | str:
    """Where it stood, from when, for how long, and who moved it."""
    sql = "SELECT at, stage, by, reason FROM stage_history WHERE opportunity = ? AND entered = 1 ORDER BY id DESC LIMIT 30"
    found = store.rows(sql, [int(record.id)])
    if len(found) < 2:
        return ""
    names = access.names(who, "user", [by for _, _, by, _ in found if by])
    until = clock.now()
    rows: list[dict[str, Any]] = []
    for at, stage, by, reason in found:
        moment = clock.moment(at)
        step = stages.step(stage)
        days = (clock.day_of(until) - clock.day_of(moment)).days
        stay = ngettext("%(n)s day", "%(n)s days", days) if step and not step.ended else ""
        rows.append(
            {
                "stage": step.name if step else str(L("a stage that was deleted")),
                "on": clock.day_of(moment),
                "by": names.get(by, ""),
                "stay": stay,
                "reason": reason,
            }
        )
        until = moment
    return fragment("pipeline/_stages.html", record=record, rows=rows)

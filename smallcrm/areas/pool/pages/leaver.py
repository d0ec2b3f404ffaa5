"""A leaver's handover: what somebody holds, who gets it or which pool, in one act that can be undone."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.areas.pool.pages import back, pool_pages
from smallcrm.areas.pool.rules import leaver, pools
from smallcrm.areas.pool.rules.leaver import Handover
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import access, labels
from smallcrm.records.record import Record, title
from smallcrm.web import toasts
from smallcrm.web.context import actor

AT_ONCE = 300  # records handed over while one waits
LISTED = 300


def may_hand_over(who: Actor, record: Record) -> bool:
    """Whether the act is offered on a user's page."""
    return leaver.may(who, int(record.id))


def _need(who: Actor, number: int) -> Record:
    record = access.find(who, User, number)
    if not leaver.may(who, number):
        raise Forbidden(access.refusal(who, "assign"))
    return record


def _page(who: Actor, record: Record, **context: Any) -> str:
    held = leaver.holding(who, int(record.id))
    listed = sorted(access.names(who, "customer", held.customers[:LISTED]).items(), key=lambda pair: pair[1])
    return render_template(
        "pool/leaver.html",
        record=record,
        name=title(record),
        held=held,
        others=[(labels.many(kind), n) for kind, n in held.others],
        customers_name=labels.many(Customer),
        listed=listed,
        unlisted=len(held.customers) - len(listed),
        pools=[(pool.id, pool.name) for pool in pools.enabled(Customer.card.name)],
        **{"error": "", "mode": "user", "to": "", "to_name": "", "pool": None, "chosen": [], **context},
    )


@pool_pages.get("/users/<int:number>/leaver")
def leaver_page(number: int) -> str:
    """What they hold, and where it may go."""
    who = actor()
    return _page(who, _need(who, number))


@pool_pages.post("/users/<int:number>/leaver")
def hand_over(number: int) -> Response | tuple[str, int]:
    """Hand it over."""
    who = actor()
    record = _need(who, number)
    mode = request.form.get("mode", "user")
    to = request.form.get("to", type=int)
    pool = request.form.get("pool", type=int) if mode == "pool" else None
    chosen = ids.numbers(request.form.getlist("id")) if mode == "chosen" else None
    try:
        if mode == "chosen" and not chosen:
            raise Invalid({"id": [str(L("Nothing is selected."))]})
        if leaver.holding(who, number).n > AT_ONCE:
            check(who, number, to, pool)
            _start(who, number, to, pool, chosen)
            return back(f"/users/{number}")
        result = leaver.hand_over(who, number, to=to, pool=pool, customers=chosen)
    except Invalid as error:
        name = access.names(who, "user", [to or 0]).get(to or 0, "")
        return _page(
            who, record, error=str(error), mode=mode, to=to or "", to_name=name, pool=pool, chosen=chosen or []
        ), 422
    toasts.say(told(result), undo=result.set or None, tone="bad" if result.refused else "good")
    return back(f"/users/{number}")


def check(who: Actor, number: int, to: int | None, pool: int | None) -> None:
    """Raise Invalid now rather than in the background."""
    leaver.hand_over(who, number, to=to, pool=pool, customers=[])


def _start(who: Actor, number: int, to: int | None, pool: int | None, chosen: list[int] | None) -> None:
    name = str(L("Handover"))
    work.start("leaver", L("Handover"), who.id, lambda progress: in_background(progress, who, number, to, pool, chosen))
    toasts.say(str(L("“%(title)s” is under way. You may leave this page.", title=name)), tone="")


def in_background(
    progress: Progress, who: Actor, number: int, to: int | None, pool: int | None, chosen: list[int] | None = None
) -> dict[str, Any]:
    """Hand over as a long work."""

    def step(done: int, total: int) -> bool:
        progress.step(done, total)
        return not progress.cancelled()

    result = leaver.hand_over(who, number, to=to, pool=pool, customers=chosen, step=step)
    if result.set:
        progress.belongs_to(result.set)
    return {"message": told(result), "changeset": result.set or None, "cancelled": result.stopped}


def told(result: Handover) -> str:
    """What came of it, in words."""
    parts = []
    if result.handed or not result.pooled:
        parts.append(ngettext("%(n)s handed over.", "%(n)s handed over.", result.handed))
    if result.pooled:
        parts.append(ngettext("%(n)s put into the pool.", "%(n)s put into the pool.", result.pooled))
    for why, left in list(result.refused.items())[:2]:
        parts.append(ngettext("%(n)s left alone: %(why)s", "%(n)s left alone: %(why)s", len(left), why=why))
    return " ".join(parts)

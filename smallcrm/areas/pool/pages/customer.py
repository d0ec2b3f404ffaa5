"""The pool on the page of what lies in pools: days left and why, what lies in a pool, returning, locking, and who owned it when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.pages import back, pool_pages, waiting
from smallcrm.areas.pool.rules import checks, claim, history, lock, pooled, pools, release, reminders, why, words
from smallcrm.areas.pool.rules.checks import is_locked
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, rows
from smallcrm.records.fields import Cleaning, Date, FieldError
from smallcrm.records.record import Record, RecordType, title, values
from smallcrm.web import toasts
from smallcrm.web.cells import days_to
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment

FULL = 30  # days at which the bar is whole
SHOWN = 4  # moves beside a customer


# ---------------------------------------------------------------- panels


def figure(who: Actor, record: Record) -> Markup | str:
    """Days left, with the reasons behind a "Why?"."""
    held = values(record)
    kind = type(record)
    mine = pools.pool_for(held["owner"], kind.card.name) if held.get("owner") else None
    if held.get("pool") or mine is None or not pooled.fits(kind, held):
        return ""
    days = days_to(held.get("recycle_on"))
    tone = "" if days is None else "bad" if days <= 3 else "warn" if days <= 7 else ""
    shown = max(days, 0) if days is not None else None
    return fragment(
        "pool/_figure.html",
        record=record,
        days=shown,
        tone=tone,
        locked=is_locked(held),
        percent=min(100, round((shown or 0) * 100 / FULL)),
    )


def note(who: Actor, record: Record) -> Markup | str:
    """On a customer that lies in a pool: since when, why, whose it was, and the claim, or why it cannot be had."""
    pool = pools.get(getattr(record, "pool", None))
    if pool is None:
        return ""
    number, kind = int(record.id), type(record)
    standing, things = claim.look(who, kind, [number], pool)
    moves = history.latest(kind, [number])
    last = moves.get(number)
    held = values(record)
    people = access.names(who, "user", [held.get("previous_owner") or 0])
    return fragment(
        "pool/_note.html",
        record=record,
        pool=pool,
        since=held.get("entered_pool_at"),
        why=(last.why if last is not None and last.to_pool else "") or held.get("pool_reason") or "",
        previous=people.get(held.get("previous_owner") or 0, ""),
        refusal=checks.of_claim(standing, things, number),
        may_claim=not who.read_only and standing.may_hold and (standing.member or standing.admin),
        hands_out=checks.hands_out(who, pool, kind) and not who.read_only,
        left=standing.left_today,
        masked=bool(access.masked_fields(who, record)),
    )


def owners(who: Actor, record: Record) -> Markup | str:
    """The last few owners, beside the customer."""
    found = history.of_record(type(record), int(record.id), limit=SHOWN + 1)
    if len(found) < 2 and not (found and found[0].to_pool):
        return ""
    return fragment("pool/_owners.html", record=record, moves=waiting.told(who, found[:SHOWN]), more=len(found) > SHOWN)


# ---------------------------------------------------------------- what may be done, for the acts of the page


def may_return(who: Actor, record: Record) -> bool:
    """Whether returning is offered: it is owned, not locked, there is a pool, and the actor may give it away."""
    held = values(record)
    kind = type(record)
    if not held.get("owner") or is_locked(held) or not pooled.fits(kind, held) or not pools.enabled(kind.card.name):
        return False
    return not who.read_only and (held["owner"] == who.id or access.may(who, record, "assign"))


def may_lock(who: Actor, record: Record) -> bool:
    """Whether locking is offered."""
    return not is_locked(values(record)) and bool(pools.enabled()) and waiting.may_lock(who, record)


def may_unlock(who: Actor, record: Record) -> bool:
    """Whether unlocking is offered."""
    return bool(getattr(record, "locked", None)) and waiting.may_lock(who, record)


def in_pool_of_mine(who: Actor, record: Record) -> bool:
    """Whether the actor hands out the pool it lies in."""
    pool = pools.get(getattr(record, "pool", None))
    return pool is not None and not who.read_only and checks.hands_out(who, pool, type(record))


# ---------------------------------------------------------------- pages and acts


def _kind(name: str) -> RecordType:
    found = next((each.kind for each in pooled.types() if each.kind.card.name == name), None)
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


@pool_pages.get("/<any(customers, leads):name>/<int:number>/pool-why")
def pool_why(name: str, number: int) -> str:
    """Why it falls in on that day, or does not."""
    record = access.find(actor(), _kind(name), number)
    return render_template("pool/_why.html", reasons=why.reasons(record))


@pool_pages.get("/<any(customers, leads):name>/<int:number>/owners")
def owner_page(name: str, number: int) -> str:
    """Everybody who owned it, and every stay in a pool."""
    who = actor()
    record = access.find(who, _kind(name), number)
    before = request.args.get("before", 2**62, type=int)
    found = history.of_record(type(record), number, before=before, limit=51)
    more = found[49].id if len(found) > 50 else None
    return render_template(
        "pool/owners.html", record=record, name=title(record), moves=waiting.told(who, found[:50]), more=more
    )


def _return_dialog(record: Record, **context: Any) -> str:
    kind = type(record)
    own = pools.pool_for(getattr(record, "owner", None), kind.card.name)
    return render_template(
        "pool/_return.html",
        record=record,
        name=title(record),
        reasons=release.reasons(),
        pools=[(pool.id, pool.name) for pool in pools.enabled(kind.card.name)],
        own=own.id if own else None,
        **{"error": "", "reason": "", "pool": None, **context},
    )


@pool_pages.get("/<any(customers, leads):name>/<int:number>/return")
def return_form(name: str, number: int) -> str:
    """Why it is given up."""
    return _return_dialog(access.find(actor(), _kind(name), number))


@pool_pages.post("/<any(customers, leads):name>/<int:number>/return")
def give_back(name: str, number: int) -> Response | tuple[str, int]:
    """Put it into the pool."""
    who = actor()
    record = access.find(who, _kind(name), number)
    reason = request.form.get("other", "").strip() or request.form.get("reason", "").strip()
    pool = request.form.get("pool", type=int)
    try:
        with changesets.opened(who, "release", reason[:200]) as mine:
            release.release(who, type(record), [number], reason=reason, pool=pool)
    except (Invalid, WrongState) as error:
        return _return_dialog(record, error=str(error), reason=reason, pool=pool), 422
    toasts.say(str(L("%(name)s lies in the pool now.", name=title(record))), undo=mine.id)
    return back(f"/{name}/{number}" if access.fetch(who, type(record), number) else f"/{name}")


@pool_pages.get("/customers/<int:number>/lock")
def lock_form(number: int) -> str:
    """For as long as one likes, or until a day."""
    record = access.find(actor(), Customer, number)
    return render_template("pool/_lock.html", record=record, name=title(record), error="", until="")


@pool_pages.post("/customers/<int:number>/lock")
def lock_one(number: int) -> Response | tuple[str, int]:
    """Keep it out of the pool."""
    who = actor()
    record = access.find(who, Customer, number)
    typed = request.form.get("until", "")
    try:
        until = _day(who, typed)
        with changesets.opened(who, "form") as mine:
            lock.lock(who, record, until=until)
    except (Invalid, WrongState, FieldError) as error:
        return render_template("pool/_lock.html", record=record, name=title(record), error=str(error), until=typed), 422
    toasts.say(str(L("%(name)s is locked.", name=title(record))), undo=mine.id)
    return back(f"/customers/{number}")


def _day(who: Actor, typed: str) -> dt.date | None:
    if not typed.strip():
        return None
    field = Date(L("Until")).unbound("until")
    context = Cleaning(actor=who)
    return dt.date.fromisoformat(field.clean(field.read(typed, context), context))


@pool_pages.post("/customers/<int:number>/unlock")
def unlock_one(number: int) -> Response:
    """Let it follow the rules again."""
    who = actor()
    record = access.find(who, Customer, number)
    try:
        with changesets.opened(who, "form") as mine:
            lock.unlock(who, record)
        toasts.say(str(L("%(name)s is unlocked.", name=title(record))), undo=mine.id or None)
    except Forbidden as error:
        toasts.say(str(error), tone="bad")
    return back(f"/customers/{number}")


# ---------------------------------------------------------------- today, and the rail


def soon(who: Actor, team: bool) -> Markup | str:
    """Today's part: what is about to fall in, mine or my team's."""
    from smallcrm.areas.pool.pages import state

    found = []
    for joined in pooled.types():
        mine = reminders.within(state.days_ahead(), owners=None if team else [who.id], kind=joined.kind)
        seen = access.within(who, joined.kind, [number for number, *_ in mine]) if team else None
        found += [(joined.kind, *row) for row in mine if seen is None or row[0] in seen]
    if not found:
        return ""
    found.sort(key=lambda row: (row[4], row[1]))
    shown = found[:6]
    causes = {
        (kind, number): held["recycle_reason"]
        for kind in {row[0] for row in shown}
        for number, held in rows.load(
            kind, [r[1] for r in shown if r[0] is kind], only=("id", "recycle_reason")
        ).items()
    }
    items = [
        (
            f"/{kind.card.name}/{number}",
            name,
            max(days_to(day) or 0, 0),
            _percent(day),
            words.label(causes[kind, number]),
        )
        for kind, number, name, _owner, day in shown
    ]
    return fragment("pool/_soon.html", items=items, n=len(found))


def _percent(day: str) -> int:
    return min(100, round(max(days_to(day) or 0, 0) * 100 / FULL))


def waiting_count(who: Actor) -> int:
    """The rail's counter: what of one's own is about to fall in."""
    if not any(pools.enabled(each.kind.card.name) for each in pooled.types()):
        return 0
    from smallcrm import store

    last = (clock.today() + dt.timedelta(days=reminders.longest())).isoformat()
    n = 0
    for each in pooled.types():
        table = each.kind._meta.table_name
        sql = f'SELECT count(*) FROM (SELECT 1 FROM "{table}" WHERE owner = ? AND recycle_on <= ? AND deleted_at IS NULL LIMIT 100)'
        n += int(store.value(sql, [who.id, last]))
    return n

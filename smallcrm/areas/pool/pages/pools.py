"""Making, peopling, emptying and deleting pools."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.pages import back, pool_pages
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import assign, checks, pools
from smallcrm.areas.pool.rules.claim import finish
from smallcrm.areas.pool.rules.ownership import doing
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import access, change, changesets, labels, query
from smallcrm.records.clean import Errors
from smallcrm.records.query import Condition
from smallcrm.records.record import Record, RecordType, title, values
from smallcrm.store import writing
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.context import actor

NEW = ("name", "members", "admins")
PEOPLE = ("members", "admins")
AT_ONCE = 500
CHUNK = 250


def _need_set_up(who: Actor) -> None:
    if not pools.sets_up(who):
        raise Forbidden(access.refusal(who, "create"))


def _controls(
    who: Actor,
    names: tuple[str, ...],
    held: dict[str, Any],
    typed: dict[str, Any] | None = None,
    errors: Errors | None = None,
) -> list[inputs.Input]:
    fields = access.readable(who, Pool)
    return [inputs.of(who, Pool, name, fields[name], held, typed=typed, errors=errors) for name in names]


@pool_pages.get("/pool/new")
def new_pool() -> str:
    """A name and the people; the rules are the usual ones and changed beside the list."""
    who = actor()
    _need_set_up(who)
    return render_template("pool/_new.html", controls=_controls(who, NEW, {}), errors={})


@pool_pages.post("/pool/new")
def make_pool() -> Response | tuple[str, int]:
    """Make it and open its rules."""
    who = actor()
    _need_set_up(who)
    typed = {n: v for n, v in typing.collect(who, Pool, request.form).items() if n in NEW}
    given, errors = typing.values(who, Pool, typed)
    try:
        if errors:
            raise Invalid(errors)
        with changesets.opened(who, "form") as mine:
            record = pools.make(who, given.pop("name", None) or "", **given)
        toasts.say(str(L("%(name)s is kept.", name=title(record))), undo=mine.id)
    except Invalid as error:
        return render_template(
            "pool/_new.html", controls=_controls(who, NEW, {}, typed, error.errors), errors=error.errors
        ), 422
    return back(f"/pool?pool={record.id}&rules=1")


@pool_pages.get("/pool/<int:number>/people")
def people(number: int) -> str:
    """Who belongs to it and who runs it."""
    who = actor()
    record = access.find(who, Pool, number)
    held = values(record)
    may = access.may(who, record, "edit")
    names = [] if not may else list(PEOPLE if pools.sets_up(who) else ("members",))
    return render_template(
        "pool/_people.html",
        pool=record,
        controls=_controls(who, tuple(names), held),
        listed=[(labels.field(Pool, name), _listed(who, held, name)) for name in PEOPLE if name not in names],
        version=record.version,
        errors={},
    )


def _listed(who: Actor, held: dict[str, Any], name: str) -> list[str]:
    field = access.readable(who, Pool)[name]
    reading = access.reading(who)
    found = [field.show_one(token, reading) for token in held.get(name) or ()]  # type: ignore[attr-defined]
    return found or ([str(L("Everybody"))] if name == "members" else [])


@pool_pages.post("/pool/<int:number>/people")
def save_people(number: int) -> Response | tuple[str, int]:
    """Keep who belongs to it."""
    who = actor()
    record = access.find(who, Pool, number, "edit")
    typed = {n: v for n, v in typing.collect(who, Pool, request.form).items() if n in PEOPLE}
    given, errors = typing.values(who, Pool, typed)
    try:
        if errors:
            raise Invalid(errors)
        with changesets.opened(who, "form") as mine:
            change.update(who, record, given)
        toasts.say(str(L("Saved.")), undo=mine.id or None)
    except Invalid as error:
        page = render_template(
            "pool/_people.html", pool=record, controls=_controls(who, PEOPLE, values(record), typed, error.errors),
            listed=[], version=record.version, errors=error.errors,
        )  # fmt: skip
        return page, 422
    return back(f"/pool?pool={number}")


# ---------------------------------------------------------------- emptying and deleting


@pool_pages.get("/pool/<int:number>/empty")
def empty_form(number: int) -> str:
    """Into which other pool everything goes."""
    who = actor()
    _need_set_up(who)
    record = access.find(who, Pool, number)
    return render_template(
        "pool/_empty.html", pool=record, n=pools.held(number, _kind(number)), targets=_others(number), error=""
    )


def _others(number: int) -> list[tuple[int, str]]:
    return [(pool.id, pool.name) for pool in pools.enabled(pools.every()[number].kind) if pool.id != number]


def _kind(number: int) -> RecordType:
    """The type whose records lie in a pool."""
    return pools.record_type(pools.every()[number]) or Customer


@pool_pages.post("/pool/<int:number>/empty")
def empty_pool(number: int) -> Response | tuple[str, int]:
    """Move everything in it: at once where it is little, else as a long work."""
    who = actor()
    _need_set_up(who)
    record = access.find(who, Pool, number)
    n = pools.held(number, _kind(number))
    try:
        target = assign.need_pool(_kind(number), request.form.get("to", 0, type=int))
    except Invalid as error:
        page = render_template("pool/_empty.html", pool=record, n=n, targets=_others(number), error=str(error))
        return page, 422
    if n > AT_ONCE:
        work.start("pool", L("Empty a pool"), who.id, lambda progress: _moved(who, number, target.id, progress))
        toasts.say(str(L("“%(title)s” is under way. You may leave this page.", title=str(L("Empty a pool")))), tone="")
    else:
        done = _moved(who, number, target.id, None)
        toasts.say(done["message"], undo=done["changeset"])
    return back(f"/pool?pool={number}")


def _moved(who: Actor, number: int, target: int, progress: Progress | None) -> dict[str, Any]:
    ask = query.Ask(who, _kind(number), extra=(Condition("t.pool = ?", (number,)),))
    kind = _kind(number)
    total, done = pools.held(number, _kind(number)), 0
    with changesets.opened(who, "transfer", lasting=True) as mine:
        for chunk in query.ids(ask, chunk=CHUNK):
            with writing(), doing():
                finish(change.update_many(who, kind, [(i, {"pool": target}) for i in chunk], trusted=True))
            done += len(chunk)
            if progress is not None:
                progress.step(done, total)
                if mine.id:
                    progress.belongs_to(mine.id)
    name = pools.every()[target].name
    message = ngettext("%(n)s lies in %(pool)s now.", "%(n)s lie in %(pool)s now.", done, pool=name)
    return {"message": message, "changeset": mine.id or None}


@pool_pages.post("/pool/<int:number>/delete")
def delete_pool(number: int) -> Response:
    """Into the bin; refused while anything lies in it, or while no other takes records in."""
    who = actor()
    record: Record = access.find(who, Pool, number, "delete")
    try:
        with changesets.opened(who, "delete") as mine:
            change.delete(who, record)
        toasts.say(str(L("%(name)s is in the bin.", name=title(record))), undo=mine.id)
    except Invalid as error:
        toasts.say(str(error), tone="bad")
        return redirect(f"/pool?pool={number}", 303)
    return redirect("/pool", 303)


MOST = checks.MOST

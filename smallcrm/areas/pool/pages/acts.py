"""Acts on what lies in a pool: claim, assign, move, unlock. One by its button, several by the bar; all of them or none."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.pool.pages import back, pool_pages, state
from smallcrm.areas.pool.rules import assign, checks, claim, lock, pooled, pools
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, NotFound, WrongState
from smallcrm.base.i18n import L, ngettext
from smallcrm.base.ids import numbers
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, query
from smallcrm.records.record import RecordType, title
from smallcrm.web import toasts
from smallcrm.web.context import actor

CARRIED = ("id", "type", "everything", "pool", "tab", "q", "previous", "grade", "sort", "back")


def kind_of() -> RecordType:
    """The type of what is selected. Raises NotFound for one that lies in no pool."""
    wanted = request.values.get("type", "customer")
    found = next((each.kind for each in pooled.types() if each.key == wanted), None)
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


def chosen(who: Actor) -> list[int]:
    """What is selected: ids, or everything that the page lists. Raises BadRequest for nothing."""
    if request.values.get("everything") == "1":
        here = state.read(who)
        if here is None:
            raise BadRequest(L("Nothing is selected."))
        reached: list[int] = []
        for chunk in query.ids(here.ask()):
            reached += chunk
            if len(reached) > checks.MOST:
                break
        return reached
    found = numbers(request.values.getlist("id"))
    if not found:
        raise BadRequest(L("Nothing is selected."))
    return found


def refused(error: WrongState | Forbidden | NotFound | Invalid, n: int) -> None:
    """Say why nothing was done."""
    if n == 1 or not isinstance(error, checks.Refused):
        toasts.say(str(error), tone="bad")
        return
    no = len(error.refusals)
    text = ngettext(
        "Nothing was changed: %(n)s of them cannot be had. %(why)s",
        "Nothing was changed: %(n)s of them cannot be had. %(why)s",
        no,
        why=str(error),
    )
    toasts.say(text, tone="bad")


@pool_pages.post("/pool/claim")
def claim_chosen() -> Response:
    """Take them up."""
    who = actor()
    ids = chosen(who)
    try:
        with changesets.opened(who, "claim") as mine:
            records = claim.claim(who, kind_of(), ids)
        one = L("%(name)s is yours now.", name=title(records[0])) if len(records) == 1 else None
        many = ngettext("%(n)s is yours now.", "%(n)s are yours now.", len(records))
        if one:
            toasts.say(str(one), undo=mine.id)
        else:
            toasts.say(many, undo=mine.id)
    except (WrongState, Forbidden, NotFound, Invalid) as error:
        refused(error, len(ids))
    return back("/pool")


def _dialog(template: str, who: Actor, **context: Any) -> str:
    carried = [(key, value) for key, value in request.values.items(multi=True) if key in CARRIED]
    return render_template(template, n=len(chosen(who)), carried=carried, **context)


@pool_pages.route("/pool/assign-form", methods=["GET", "POST"])
def assign_form() -> str:
    """To whom."""
    return _dialog("pool/_assign.html", actor(), error="", owner="")


@pool_pages.post("/pool/assign")
def assign_chosen() -> Response | tuple[str, int]:
    """Hand them out."""
    who = actor()
    ids = chosen(who)
    owner = request.form.get("owner", 0, type=int)
    try:
        with changesets.opened(who, "transfer", request.form.get("reason", "")[:200]) as mine:
            assign.assign(who, kind_of(), ids, owner=owner, reason=request.form.get("reason", ""))
    except (Invalid, WrongState) as error:
        name = access.names(who, "user", [owner]).get(owner, "")
        return _dialog("pool/_assign.html", who, error=str(error), owner=owner, owner_name=name), 422
    name = access.names(who, "user", [owner]).get(owner, "")
    n = len(set(ids))
    toasts.say(ngettext("%(n)s belongs to %(who)s now.", "%(n)s belong to %(who)s now.", n, who=name), undo=mine.id)
    return back("/pool")


@pool_pages.route("/pool/move-form", methods=["GET", "POST"])
def move_form() -> str:
    """Into which pool."""
    return _dialog("pool/_move.html", actor(), error="", targets=targets())


@pool_pages.post("/pool/move")
def move_chosen() -> Response | tuple[str, int]:
    """Put them into another pool."""
    who = actor()
    ids = chosen(who)
    pool = request.form.get("to", 0, type=int)
    try:
        with changesets.opened(who, "transfer") as mine:
            assign.move(who, kind_of(), ids, pool=pool)
    except (Invalid, WrongState) as error:
        return _dialog("pool/_move.html", who, error=str(error), targets=targets()), 422
    n = len(set(ids))
    name = pools.every()[pool].name
    toasts.say(ngettext("%(n)s lies in %(pool)s now.", "%(n)s lie in %(pool)s now.", n, pool=name), undo=mine.id)
    return back("/pool")


def targets() -> list[tuple[int, str]]:
    """The pools that take the same in, but the one on whose page one is."""
    here = request.values.get("pool", type=int)
    return [(pool.id, pool.name) for pool in pools.enabled(kind_of().card.name) if pool.id != here]


@pool_pages.post("/pool/unlock")
def unlock_chosen() -> Response:
    """Let them follow the rules again."""
    who = actor()
    ids = chosen(who)
    try:
        with changesets.opened(who, "form") as mine:
            for number in ids:
                lock.unlock(who, access.find(who, kind_of(), number))
        toasts.say(ngettext("%(n)s is unlocked.", "%(n)s are unlocked.", len(ids)), undo=mine.id)
    except (Forbidden, NotFound) as error:
        refused(error, len(ids))
    return back("/pool?tab=locked")

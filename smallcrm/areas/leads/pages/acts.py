"""The buttons of a lead: call, write, claim, invalid and back, void; and the same for many."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import OPEN, Lead
from smallcrm.areas.leads.rules import assigning, pooling, states
from smallcrm.areas.pool.rules import pools
from smallcrm.areas.pool.rules.release import reasons as return_reasons
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title, values
from smallcrm.web import toasts
from smallcrm.web.area import Act
from smallcrm.web.cells import dialled
from smallcrm.web.context import actor
from smallcrm.web.pages import bulk
from smallcrm.web.pages.record import to


def _visible(who: Actor, record: Record, *names: str) -> str:
    masked, readable, held = access.masked_fields(who, record), access.readable(who, Lead), values(record)
    return next((str(held[n]) for n in names if held.get(n) and n in readable and n not in masked), "")


def _call(who: Actor, record: Record) -> str:
    number = _visible(who, record, "mobile", "phone")
    return f"tel:{dialled(number)}" if number else ""


def _write(who: Actor, record: Record) -> str:
    found = _visible(who, record, "email")
    return f"mailto:{found}" if found else ""


def _called(_who: Actor, record: Record) -> str:
    return str(L("called %(name)s ", name=title(record)))


def _written(_who: Actor, record: Record) -> str:
    return str(L("sent mail to %(name)s ", name=title(record)))


def _open(_who: Actor, record: Record) -> bool:
    return pooling.in_hand(values(record))


def _free(who: Actor, record: Record) -> bool:
    held = values(record)
    return (
        pooling.in_hand(held)
        and not held["owner"]
        and not held.get("pool")
        and who.scope("lead", "edit") is not Scope.NONE
    )


def _poolless(who: Actor, record: Record) -> bool:
    held = values(record)
    mine = held["owner"] == who.id or access.may(who, record, "assign")
    return pooling.in_hand(held) and bool(held["owner"]) and not pools.enabled("leads") and mine and not who.read_only


def _is(state: str) -> Callable[[Actor, Record], bool]:
    return lambda _who, record: bool(values(record)["status"] == state)


def _voidable(_who: Actor, record: Record) -> bool:
    return values(record)["status"] in (*OPEN, "invalid")


def _may_unvoid(who: Actor, record: Record) -> bool:
    return values(record)["status"] == "void" and states.may_unvoid(who)


ACTS = (
    Act("lead", "call", L("Call"), "phone", _call, verb="view", page=True, order=10, place="head", logs=_called),
    Act("lead", "write", L("E-mail"), "mail", _write, verb="view", page=True, order=20, place="head", logs=_written),
    Act("lead", "convert", L("Convert"), "arrow-right", "/leads/{id}/convert", shown=_open, page=True, order=25, place="head"),
    Act("lead", "take", L("Take it up"), "hand-grab", "/leads/{id}/take", shown=_free, dialog=False, order=35),
    Act("lead", "invalid", L("Mark as invalid"), "ban", "/leads/{id}/invalid", shown=_open, order=50),
    Act("lead", "reopen", L("Reopen"), "arrow-back-up", "/leads/{id}/reopen", shown=_is("invalid"), dialog=False, order=50),
    Act("lead", "give-back", L("Give it back"), "ripple", "/leads/{id}/give-back", verb="view", shown=_poolless, order=60),
    Act("lead", "void", L("Make void"), "x", "/leads/{id}/void", verb="delete", shown=_voidable, dialog=False, order=70),
    Act("lead", "unvoid", L("Bring back from void"), "arrow-back-up", "/leads/{id}/unvoid", shown=_may_unvoid, dialog=False, order=70),
    Act("lead", "share-many", L("Share out by the rules"), "arrows-split", "/leads/bulk/share", bulk=True, verb="assign", dialog=False),
    Act("lead", "invalid-many", L("Mark as invalid"), "ban", "/leads/bulk/invalid-form", bulk=True),
    Act("lead", "return-many", L("Return to the pool"), "ripple", "/leads/bulk/return-form", bulk=True, verb="view"),
)  # fmt: skip


def _find(number: int) -> tuple[Actor, Record]:
    who = actor()
    return who, access.find(who, Lead, number)


def _done(text: str, mine: changesets.OpenSet, number: int) -> Response:
    toasts.say(text, undo=mine.id or None)
    who = actor()
    return to(f"/leads/{number}" if access.fetch(who, Lead, number) else "/leads")


@leads.post("/leads/<int:number>/take")
def take(number: int) -> Response:
    """Take up one that nobody has."""
    who, record = _find(number)
    try:
        with changesets.opened(who, "claim") as mine:
            pooling.claim(who, record)
    except WrongState as error:
        toasts.say(str(error), tone="bad")
        return to(f"/leads/{number}" if access.fetch(who, Lead, number) else "/leads")
    return _done(str(L("%(name)s is yours now.", name=title(record))), mine, number)


@leads.get("/leads/<int:number>/invalid")
def invalid_form(number: int) -> str:
    """Why it leads nowhere."""
    _, record = _find(number)
    return _reason_dialog(record, "")


def _reason_dialog(record: Record, error: str, reason: str = "") -> str:
    return render_template(
        "leads/_reason.html", heading=L("%(name)s leads nowhere", name=title(record)), url=f"/leads/{record.id}/invalid",
        reasons=states.reasons(), reason=reason, error=error, button_words=L("Mark as invalid"), hint="", kind=None,
    )  # fmt: skip


def _said() -> str:
    return request.form.get("other", "").strip() or request.form.get("reason", "").strip()


@leads.post("/leads/<int:number>/invalid")
def invalid(number: int) -> Response | tuple[str, int]:
    """Mark it."""
    who, record = _find(number)
    try:
        with changesets.opened(who, "form") as mine:
            states.invalidate(who, record, reason=_said())
    except (Invalid, WrongState) as error:
        return _reason_dialog(record, str(error), _said()), 422
    return _done(str(L("%(name)s is marked as invalid.", name=title(record))), mine, number)


@leads.post("/leads/<int:number>/reopen")
def reopen(number: int) -> Response:
    """It may lead somewhere after all."""
    who, record = _find(number)
    with changesets.opened(who, "form") as mine:
        states.reopen(who, record)
    return _done(str(L("%(name)s is open again.", name=title(record))), mine, number)


@leads.post("/leads/<int:number>/void")
def void(number: int) -> Response:
    """It should never have been one."""
    who, record = _find(number)
    with changesets.opened(who, "form") as mine:
        states.void(who, record)
    return _done(str(L("%(name)s is void.", name=title(record))), mine, number)


@leads.post("/leads/<int:number>/unvoid")
def unvoid(number: int) -> Response:
    """It is one after all."""
    who, record = _find(number)
    with changesets.opened(who, "form") as mine:
        states.unvoid(who, record)
    return _done(str(L("%(name)s is open again.", name=title(record))), mine, number)


@leads.get("/leads/<int:number>/give-back")
def give_back_form(number: int) -> str:
    """Why it is given up."""
    _, record = _find(number)
    return _return_dialog(f"/leads/{number}/give-back", str(L("Give %(name)s back", name=title(record))), "")


def _return_dialog(url: str, heading: str, error: str, **more: object) -> str:
    context: dict[str, object] = {"kind": None, "reason": _said(), **more}
    return render_template(
        "leads/_reason.html", heading=heading, url=url, reasons=return_reasons(), error=error, button_words=L("Return it"),
        hint=L("Whoever takes it up next reads this."), **context,
    )  # fmt: skip


@leads.post("/leads/<int:number>/give-back")
def give_back(number: int) -> Response | tuple[str, int]:
    """Nobody has it then."""
    who, record = _find(number)
    try:
        with changesets.opened(who, "release", _said()[:200]) as mine:
            pooling.release(who, [number], reason=_said())
    except (Invalid, WrongState) as error:
        return _return_dialog(
            f"/leads/{number}/give-back", str(L("Give %(name)s back", name=title(record))), str(error)
        ), 422
    return _done(str(L("%(name)s is given back.", name=title(record))), mine, number)


# ---------------------------------------------------------------- many


@leads.post("/leads/bulk/share")
def share_many() -> Response:
    """Share out what has no owner, by the rules."""
    who = actor()
    if who.scope("lead", "assign") is Scope.NONE:
        raise Forbidden(access.refusal(who, "assign"))
    chosen = bulk.selection(who, Lead)
    return bulk.finish(who, Lead, chosen, assigning.by_rules(), why="transfer", title=str(L("Share out by the rules")))


@leads.post("/leads/bulk/invalid-form")
def invalid_many_form() -> str:
    """Why they lead nowhere."""
    return _many_dialog("/leads/bulk/invalid", str(L("They lead nowhere")), str(L("Mark as invalid")), states.reasons())


def _many_dialog(url: str, heading: str, button: str, reasons: list[str], error: str = "") -> str:
    who = actor()
    return bulk.dialog(
        "leads/_reason.html", Lead, bulk.selection(who, Lead), who, heading=heading, url=url, reasons=reasons, reason=_said(),
        error=error, button_words=button, hint="",
    )  # fmt: skip


@leads.post("/leads/bulk/invalid")
def invalid_many() -> Response | tuple[str, int]:
    """Mark them."""
    who = actor()
    chosen = bulk.selection(who, Lead)
    try:
        act = states.invalidate_many(_said())
    except Invalid as error:
        return _many_dialog(
            "/leads/bulk/invalid", str(L("They lead nowhere")), str(L("Mark as invalid")), states.reasons(), str(error)
        ), 422
    return bulk.finish(who, Lead, chosen, act, why="bulk", title=str(L("Mark as invalid")), note=_said()[:200])


@leads.post("/leads/bulk/return-form")
def return_many_form() -> str:
    """Why they are given up."""
    return _many_dialog(
        "/leads/bulk/return", str(L("Return to the pool")), str(L("Return to the pool")), return_reasons()
    )


@leads.post("/leads/bulk/return")
def return_many() -> Response | tuple[str, int]:
    """Give them back, each by itself: what cannot be returned stays, with its reason."""
    who = actor()
    chosen = bulk.selection(who, Lead)
    said = _said()
    if not said:
        words = str(L("Return to the pool"))
        return _many_dialog(
            "/leads/bulk/return",
            words,
            words,
            return_reasons(),
            str(L("Say why; whoever thinks of claiming it reads this.")),
        ), 422
    return bulk.finish(
        who,
        Lead,
        chosen,
        pooling.release_many(said),
        why="release",
        title=str(L("Return to the pool")),
        note=said[:200],
    )

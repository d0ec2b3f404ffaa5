"""On the telephone, at the customer's: check in, check out with the report, begin a visit that nobody planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from smallcrm.areas.activities.rules import line
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.files import rules as files
from smallcrm.areas.visits.pages import visits
from smallcrm.areas.visits.pages.day import url_of
from smallcrm.areas.visits.records import KINDS, UNDER_WAY, Visit
from smallcrm.areas.visits.rules import acts, checking, points, positions
from smallcrm.areas.visits.rules.checking import Evidence, Far
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, declared, title, values
from smallcrm.web import inputs, toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages.record import to

MOST_PHOTOS = 20
TYPED = ("reason", "report", "outcome", "next", "minutes", "purpose", "customer", "kind")


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:20_000] for name in TYPED}


def _position() -> dict[str, str]:
    return {name: request.form.get(name, "")[:40] for name in ("latitude", "longitude", "accuracy")}


def _photos(who: Actor) -> list[FileStorage]:
    found = [each for each in request.files.getlist("photo") if each.filename]
    if found:
        files.need_create(who)
    if len(found) > MOST_PHOTOS:
        raise Invalid({"photo": [str(L("At most %(n)s files go at once.", n=MOST_PHOTOS))]})
    return found


def _evidence(photos: Sequence[Any]) -> Evidence:
    return Evidence(positions.read(**_position()), request.form.get("reason", ""), len(photos))


def _keep(found: Sequence[FileStorage], kept: list[files.Kept]) -> None:
    """Put the photos' contents on the disk, outside the transaction."""
    most = int(current_app.config["UPLOAD_LIMIT"])
    for each in found:
        kept.append(files.keep(each.stream, name=each.filename or "photo.jpg", limit=most))  # type: ignore[arg-type]  # noqa: PERF401


# ---------------------------------------------------------------- check in


@visits.get("/visits/<int:number>/check-in")
def check_in_page(number: int) -> str | Response:
    """Where one says that one is there."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    if record.__data__["state"] == UNDER_WAY and record.owner == who.id:
        return to(f"/visits/{number}/check-out")
    return _arriving(who, record, {}, {})


def _arriving(who: Actor, record: Record, typed: dict[str, str], errors: dict[str, list[str]], far: str = "") -> str:
    customer = int(record.__data__["customer"] or 0)
    return render_template(
        "visits/check_in.html" if not _is_fragment() else "visits/_check_in.html",
        record=record,
        name=title(record),
        place=points.places(who, [customer]).get(customer),
        when=formats.moment(record.__data__["planned_at"]) if record.__data__["planned_at"] else "",
        on_site=record.__data__["kind"] == "on_site",
        typed=typed,
        position=_position() if request.method == "POST" else {},
        errors=errors,
        far=far,
        offers_point=record.__data__["kind"] == "on_site" and points.may_set(who, customer),
        allowed=checking.may_begin(who, record),
        once=request.form.get("once") or ids.token(),
    )


def _is_fragment() -> bool:
    return bool(request.headers.get("HX-Request"))


@visits.post("/visits/<int:number>/check-in")
def check_in(number: int) -> Response | str | tuple[str, int]:
    """Arrive. Sent twice, it counts once; another device is told that it has been done."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    kept: list[files.Kept] = []
    try:
        found = _photos(who)
        with files.released_on_failure(kept):
            _keep(found, kept)
            return to(idempotency.form_once(who, lambda: _arrive(who, record, kept)))
    except Far as asked:
        return _arriving(who, record, _typed(), {}, far=checking.far(asked.metres)), 422
    except Invalid as error:
        return _arriving(who, record, _typed(), error.errors), 422
    except WrongState as error:
        toasts.say(str(error), tone="")
        return to(f"/visits/{number}")


def _arrive(who: Actor, record: Record, kept: list[files.Kept]) -> str:
    with changesets.opened(who, "form") as mine:
        made = checking.check_in(
            who, record, evidence=_evidence(kept), confirmed=request.form.get("confirm") == "1",
            sets_point=request.form.get("set_point") == "1",
        )  # fmt: skip
        _attach(who, made, kept)
    return _arrived(made, mine.id)


def _attach(who: Actor, record: Record, kept: Sequence[files.Kept]) -> None:
    for each in kept:
        files.attach(who, record, each)


def _arrived(made: Record, undo: int) -> str:
    toasts.say(str(L("Checked in at %(time)s.", time=formats.time(made.__data__["checked_in_at"]))), undo=undo)
    return f"/visits/{made.id}/check-out"


# ---------------------------------------------------------------- unplanned


@visits.get("/visits/start")
def start_page() -> str:
    """A visit that nobody planned."""
    who = actor()
    _need_create(who)
    return _starting(who, {"customer": request.args.get("customer", ""), "kind": "on_site"}, {})


def _need_create(who: Actor) -> None:
    if who.scope("visit", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


def _starting(who: Actor, typed: dict[str, str], errors: dict[str, list[str]], far: str = "") -> str:
    customer = ids.number(typed.get("customer", "")) or 0
    field = declared(Visit)["customer"]
    return render_template(
        "visits/start.html" if not _is_fragment() else "visits/_start.html",
        picker=inputs.of(who, Visit, "customer", field, {}, typed=typed, errors=errors, reading=access.reading(who)),
        kinds=[(key, str(words)) for key, words in KINDS],
        typed=typed,
        position=_position() if request.method == "POST" else {},
        errors=errors,
        far=far,
        offers_point=points.may_set(who, customer),
        once=request.form.get("once") or ids.token(),
    )


@visits.post("/visits/start")
def start() -> Response | str | tuple[str, int]:
    """Begin it: it is under way at once."""
    who = actor()
    _need_create(who)
    kept: list[files.Kept] = []
    try:
        found = _photos(who)
        with files.released_on_failure(kept):
            _keep(found, kept)
            return to(idempotency.form_once(who, lambda: _start(who, kept)))
    except Far as asked:
        return _starting(who, _typed(), {}, far=checking.far(asked.metres)), 422
    except Invalid as error:
        return _starting(who, _typed(), error.errors), 422


def _start(who: Actor, kept: list[files.Kept]) -> str:
    typed = _typed()
    customer = ids.number(typed["customer"])
    if customer is None or access.fetch(who, Customer, customer) is None:
        raise Invalid({"customer": [str(L("Choose whom you visit."))]})
    with changesets.opened(who, "form") as mine:
        made = checking.start_unplanned(
            who, customer=customer, kind=typed["kind"] or "on_site", purpose=typed["purpose"].strip()[:300],
            evidence=_evidence(kept), confirmed=request.form.get("confirm") == "1",
            sets_point=request.form.get("set_point") == "1",
        )  # fmt: skip
        _attach(who, made, kept)
    return _arrived(made, mine.id)


# ---------------------------------------------------------------- check out


@visits.get("/visits/<int:number>/check-out")
def check_out_page(number: int) -> str:
    """How it went."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    minutes = str(checking.stayed(record)) if record.__data__["state"] == UNDER_WAY else ""
    return _leaving(who, record, {"report": record.__data__["report"] or "", "minutes": minutes}, {})


def _leaving(who: Actor, record: Record, typed: dict[str, str], errors: dict[str, list[str]]) -> str:
    customer = int(record.__data__["customer"] or 0)
    field = declared(Visit)["outcome"]
    held = {**values(record), "outcome": typed.get("outcome") or record.__data__["outcome"]}
    return render_template(
        "visits/check_out.html" if not _is_fragment() else "visits/_check_out.html",
        record=record,
        name=title(record),
        place=points.places(who, [customer]).get(customer),
        since=formats.time(record.__data__["checked_in_at"]) if record.__data__["checked_in_at"] else "",
        outcome=inputs.of(who, Visit, "outcome", field, held, errors=errors, reading=access.reading(who, record)),
        typed=typed,
        position=_position() if request.method == "POST" else {},
        errors=errors,
        allowed=checking.may_end(who, record),
        once=request.form.get("once") or ids.token(),
    )


@visits.post("/visits/<int:number>/check-out")
def check_out(number: int) -> Response | str | tuple[str, int]:
    """Leave. What was typed stays in the form whatever happens."""
    who = actor()
    record = access.find(who, Visit, number, "edit")
    kept: list[files.Kept] = []
    try:
        found = _photos(who)
        with files.released_on_failure(kept):
            _keep(found, kept)
            return to(idempotency.form_once(who, lambda: _leave(who, record, kept)))
    except Invalid as error:
        return _leaving(who, record, _typed(), error.errors), 422
    except WrongState as error:
        fresh = access.find(who, Visit, number)
        return _leaving(who, fresh, _typed(), {"": [str(error)]}), 409


def _minutes(text: str) -> int | None:
    if not text.strip():
        return None
    number = ids.number(text) if text.strip() != "0" else 0
    if number is None or number > checking.LONGEST:
        raise Invalid({"minutes": [str(L("This is no number of minutes."))]})
    return number


def _leave(who: Actor, record: Record, kept: list[files.Kept]) -> str:
    typed = _typed()
    with changesets.opened(who, "form") as mine:
        made = checking.check_out(
            who, record, report=typed["report"], outcome=typed["outcome"][:120], evidence=_evidence(kept),
            minutes=_minutes(typed["minutes"]),
        )  # fmt: skip
        _attach(who, made, kept)
        planned = acts.plan_next(who, made, typed["next"])
    text = L("The visit has ended; what you wrote is the follow-up.")
    if planned:
        due = values(planned[0])["due_at"]
        when = formats.near_date(clock.day_of(clock.moment(due))) if due else ""
        text = L("The visit has ended. Next: %(what)s, %(when)s", what=values(planned[0])["subject"], when=when)
    toasts.say(str(text), undo=mine.id)
    return f"/visits/{made.id}/after" if not planned else url_of(clock.today())


@visits.get("/visits/<int:number>/after")
def after(number: int) -> str | Response:
    """What is next, where nothing was planned yet: proposals that one tap takes."""
    who = actor()
    record = access.find(who, Visit, number)
    entry = acts.entry_of(who, record)
    steps = line.next_steps(who, entry).steps if entry is not None and values(entry).get("done_at") else ()
    if not steps:
        return to(url_of(clock.today()))
    strip = [(step.label, step.when, f"{step.kind}|{step.due or ''}|{step.label}") for step in steps]
    return render_template("visits/after.html", record=record, name=title(record), entry=entry, strip=strip)

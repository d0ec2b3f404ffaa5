"""The proposed grade: beside the grade, with its reasons; all that differ in a list, taken over one by one or at once."""

from __future__ import annotations

from flask import redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules import grades
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, values
from smallcrm.web import longwork, toasts
from smallcrm.web.context import actor
from smallcrm.web.pages import record as record_pages
from smallcrm.web.templating import fragment

SHOWN = 200
AT_ONCE = 200


def beside(who: Actor, record: Record) -> Markup | str:
    """What is proposed, with its reasons."""
    held = values(record)
    if not held["grade_proposed"] or "grade_proposed" not in access.readable(who, Customer):
        return ""
    return fragment(
        "customers/_grade.html", record=record, proposed=held["grade_proposed"], differs=grades.differs(record)
    )


record_pages.beside("customer", "grade", beside)
record_pages.shown_elsewhere("customer", "grade_proposed")


@customers.get("/customers/<int:number>/grade")
def why(number: int) -> str:
    """The reasons, and the buttons to take it over or turn it down."""
    who = actor()
    record = access.find(who, Customer, number)
    may = grades.differs(record) and access.may(who, record, "edit") and "grade" in access.writable(who, Customer)
    return render_template("customers/_grade_why.html", record=record, reasons=grades.why(who, record), may=may)


@customers.post("/customers/<int:number>/grade/<any(accept, keep):verb>")
def decide(number: int, verb: str) -> Response:
    """Take the proposal over, or turn it down."""
    who = actor()
    record = access.find(who, Customer, number, "edit")
    with changesets.opened(who, "form") as mine:
        saved = grades.accept(who, record) if verb == "accept" else grades.keep(who, record)
    grade = values(saved)["grade"] or "–"
    said = (
        L("The grade is %(grade)s now.", grade=grade)
        if verb == "accept"
        else L("The grade stays %(grade)s.", grade=grade)
    )
    toasts.say(str(said), undo=mine.id or None)
    return record_pages.back(f"/customers/{number}")


@customers.get("/customers/grades")
def proposals() -> str:
    """Every proposal that differs, within what the actor may change."""
    who = actor()
    _need(who)
    found = grades.differing(who, limit=SHOWN)
    names = access.names(who, "customer", [number for number, _, _ in found])
    return render_template(
        "customers/grades.html",
        rows=[(number, names.get(number, "–"), grade, proposed) for number, grade, proposed in found],
        n=grades.count_differing(who),
        may_propose=who.may("settings"),
    )


def _need(who: Actor) -> None:
    if who.scope("customer", "edit") is Scope.NONE or "grade" not in access.writable(who, Customer):
        raise Forbidden(access.refusal(who, "edit"))


@customers.post("/customers/grades/accept")
def accept() -> Response:
    """Take over the ticked ones, or all of them."""
    who = actor()
    _need(who)
    chosen = None if request.form.get("all") else ids.numbers(request.form.getlist("id"))
    if chosen is None and grades.count_differing(who) > AT_ONCE:
        work.start("bulk", L("Take over the proposed grades"), who.id, lambda progress: _accept_all(who, progress))
        toasts.say(str(L("It is under way. You may leave this page.")), tone="")
        return redirect("/customers/grades", 303)
    result = grades.accept_all(who, chosen)
    toasts.say(longwork.told(result), undo=result.set or None)
    return redirect("/customers/grades", 303)


def _accept_all(who: Actor, progress: Progress) -> dict[str, object]:
    def step(done: int, total: int) -> bool:
        progress.step(done, total)
        return not progress.cancelled()

    result = grades.accept_all(who, step=step)
    if result.set:
        progress.belongs_to(result.set)
    return {"message": longwork.told(result), "cancelled": result.stopped}


@customers.post("/customers/grades/propose")
def propose() -> Response:
    """Look at everybody now instead of on the first of the month."""
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    done = grades.propose_all()
    toasts.say(ngettext("%(n)s proposal changed.", "%(n)s proposals changed.", done["changed"]))
    return redirect("/customers/grades", 303)
